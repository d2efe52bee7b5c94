// The training loop: batches, loss, backward, clipping, update; validation, early stopping, the best weights.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/train/callbacks.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/predict.hpp>
#include <seqlstm/train/progress.hpp>
#include <seqlstm/train/snapshot.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How to train.
///
/// Sequences are not sorted by length before they are cut into batches (`pool`): batches cost no padding
/// here, and batch norm must see batches as mixed as the data; sorted ones teach it what holds within one
/// length.
struct FitOptions {
  Loss loss = bce_with_logits();
  OptimizerSpec optimizer = adam();
  ScheduleSpec schedule = constant();
  std::size_t epochs = 10;
  std::size_t batch_size = 64;   ///< sequences per batch; one left over joins another batch (for batch norm)
  std::size_t token_budget = 0;  ///< or tokens per batch; 0: by batch_size
  std::size_t pool = 0;          ///< batches' worth of sequences sorted by length together; 0: no sorting
  std::size_t max_updates = 0;   ///< end after so many updates; 0: by epochs alone
  std::size_t accumulate = 1;    ///< batches that make one update, with the gradient of one large batch
  std::uint64_t seed = 0;        ///< of order and dropout, and of weights that nobody drew, set or loaded
  double clip_norm = 0;          ///< largest norm of all gradients; 0: no clipping
  double clip_value = 0;         ///< largest absolute value of a gradient; 0: no clipping
  std::string monitor = "loss";  ///< the validation metric that says which epoch is best
  std::vector<NamedMetric> metrics = {};  ///< more validation metrics, to be seen and monitored
  std::size_t patience = 0;               ///< stop after so many epochs without a better one; 0: never
  bool restore_best = true;               ///< end with the best epoch's weights
  std::function<StepFactor(const std::string&)> step_factor =
      {};  ///< multiplies rate and momentum of parameters, by name
  std::vector<Callback> callbacks = {};
  StepCallback on_step = {};         ///< sees every update
  StopRequest stop = {};             ///< ends the training after an update, in the middle of an epoch
  std::ostream* progress = nullptr;  ///< where to draw progress; null: nowhere
  bool terminal = false;             ///< redraw one line instead of printing many
};

/// What fit() returns.
struct FitResult {
  std::vector<EpochReport> history;  ///< of this run; of a resumed one, the epochs after the saved one
  std::size_t best_epoch = 0;        ///< from 1; 0 without validation
  double seconds_per_epoch = 0;      ///< mean over the history
  double tokens_per_second = 0;
  bool stopped = false;       ///< FitOptions::stop ended it
  std::uint64_t updates = 0;  ///< of this run and those it resumed

  /// The best epoch's report; null without validation, or where a run before this one had the best epoch.
  [[nodiscard]] const EpochReport* best() const {
    for (const auto& report : history)
      if (report.epoch == best_epoch) return &report;
    return nullptr;
  }
};

/// Training that can be stopped after any update and continued, bit for bit, from its saved state: `state`,
/// `optimizer`, `schedule`, `best` and the model are all there is; `history` is of this run alone. Order and
/// masks are functions of (seed, epoch, step).
template <class Model, class Dataset> class Trainer {
  using Batches = detail::BatchesOf<Dataset>;

 public:
  using Number = detail::NumberOf<Model, typename Batches::Batch>;
  using T = Number;

  /// Where the training stands.
  struct State {
    std::size_t epoch = 0;    ///< epochs finished
    std::uint64_t step = 0;   ///< updates made
    std::uint64_t batch = 0;  ///< batches run: the step of the random streams
    double best_value = std::numeric_limits<double>::quiet_NaN();
    std::size_t best_epoch = 0;
    std::size_t bad_epochs = 0;  ///< since the best
    // Of the epoch that is being read, in all runs that read it; zero between epochs:
    std::size_t read = 0;  ///< batches
    std::size_t tokens = 0;
    double loss_sum = 0, rows = 0, seconds = 0;
    double learning_rate = 0;  ///< at its last step

    template <class V> void fields(V&& v) {
      v("epoch", epoch);
      v("step", step);
      v("batch", batch);
      v("best_value", best_value);
      v("best_epoch", best_epoch);
      v("bad_epochs", bad_epochs);
      v("read", read);
      v("tokens", tokens);
      v("loss_sum", loss_sum);
      v("rows", rows);
      v("seconds", seconds);
      v("learning_rate", learning_rate);
    }
  };

  Trainer(Model& model, FitOptions options)
      : optimizer(options.optimizer),
        schedule(options.schedule),
        model_(&model),
        options_(std::move(options)) {
    if (options_.epochs == 0) throw option_error("epochs is 0, expected at least 1");
    if (options_.batch_size == 0) throw option_error("batch_size is 0, expected at least 1");
    if (options_.accumulate == 0) throw option_error("accumulate is 0, expected at least 1");
    detail::check_not_negative("clip_norm", options_.clip_norm);
    detail::check_not_negative("clip_value", options_.clip_value);
    initialize_untouched(model, options_.seed);
    if constexpr (requires { model.trained_with = options_.loss; }) model.trained_with = options_.loss;
  }

  /// Trains until the last epoch, or until patience, a callback or `stop` ends it. `valid` may be null, where
  /// nothing depends on validation. Whatever throws, the model has the best epoch's weights, if restore_best
  /// asks for them and an epoch was validated. Throws numeric_error where loss or weights are not finite.
  FitResult run(const Dataset& train, const Dataset* valid) {
    if (valid == nullptr && (options_.patience > 0 || schedule.needs_validation()))
      throw option_error("patience and the plateau schedule need a validation set; pass one to fit");
    const FlushDenormals flush;
    auto batcher = Batches::make(train, {.batch_size = options_.batch_size,
                                         .token_budget = options_.token_budget,
                                         .pool = options_.pool,
                                         .shuffle = true,
                                         .smallest = std::min<std::size_t>(2, options_.batch_size),
                                         .seed = options_.seed});
    tape_.set_seed(options_.seed);
    total_updates_ = count_updates(batcher);
    try {
      run_epochs(batcher, train, valid);
    } catch (...) {
      restore_best();
      throw;
    }
    restore_best();
    return summary();
  }

  State state;
  Optimizer<T> optimizer;
  Schedule schedule;
  Snapshot best;
  std::vector<EpochReport> history;

  [[nodiscard]] const FitOptions& options() const { return options_; }

 private:
  template <class BatcherOfDataset>
  void run_epochs(BatcherOfDataset& batcher, const Dataset& train, const Dataset* valid) {
    stopped_ = false;
    bool go_on = !over();
    while (go_on) {
      EpochReport report = train_epoch(batcher, train);
      // An update can diverge after the last loss that was seen.
      require_finite(*model_, "after update " + std::to_string(state.step) + " of epoch " +
                                  std::to_string(report.epoch));
      if (stopped_) break;
      if (valid != nullptr) validate(report, *valid);
      state.epoch = report.epoch;
      state.read = state.tokens = 0;
      state.loss_sum = state.rows = state.seconds = state.learning_rate = 0;
      history.push_back(report);
      go_on = !ended_ && !over();
      for (const auto& callback : options_.callbacks) go_on = callback(report) && go_on;
      if (go_on) stopped_ = options_.stop && options_.stop();
      go_on = go_on && !stopped_;
    }
  }
  void restore_best() {
    if (options_.restore_best && !best.empty()) best.restore(*model_);
  }

  template <class BatcherOfDataset> EpochReport train_epoch(BatcherOfDataset& batcher, const Dataset& train) {
    EpochReport report;
    report.epoch = state.epoch + 1;
    Batches::seek(batcher, report.epoch, state.read);
    const std::size_t batches = batcher.batches();
    Progress progress(options_.progress, options_.terminal);
    progress.begin("epoch " + std::to_string(report.epoch) + "/" + std::to_string(options_.epochs),
                   total_tokens(train) - state.tokens,
                   (options_.epochs - report.epoch) * total_tokens(train));
    const auto before = state;
    double loss_sum = state.loss_sum, rows = state.rows, group_loss = 0;
    zero_gradients(*model_);
    ended_ = options_.max_updates > 0 && state.step >= options_.max_updates;
    for (std::size_t b = state.read; !ended_ && !stopped_ && next_batch(batcher, b); ++b) {
      const std::size_t group_begin = b / options_.accumulate * options_.accumulate;
      const std::size_t group = std::min(options_.accumulate, batches - group_begin);
      const auto& batch = group_[b - group_begin];
      const double share = share_of(b - group_begin), loss = gradients_of_batch(batch, share);
      const auto n = static_cast<double>(Batches::rows(batch));
      loss_sum += loss * n;
      rows += n;
      group_loss += group_equal_ ? loss / static_cast<double>(group) : loss * share;
      progress.advance(Batches::tokens(batch));
      if (b + 1 < group_begin + group) continue;
      state.learning_rate = update();
      state.read = b + 1;
      state.tokens = before.tokens + progress.done();
      state.loss_sum = loss_sum;
      state.rows = rows;
      state.seconds = before.seconds + progress.seconds();
      ended_ = options_.max_updates > 0 && state.step >= options_.max_updates;
      if (options_.on_step && !options_.on_step({state.step, group_loss, state.learning_rate})) ended_ = true;
      stopped_ = !ended_ && options_.stop && options_.stop();
      group_loss = 0;
    }
    progress.end();
    report.learning_rate = state.learning_rate;
    report.seconds = state.seconds;
    report.tokens_per_second = static_cast<double>(state.tokens) / report.seconds;
    report.train_loss = loss_sum / rows;
    return report;
  }

  /// Number b of the epoch. All batches of an update are read before the first of them runs: what one counts
  /// depends on the others.
  template <class BatcherOfDataset> bool next_batch(BatcherOfDataset& batcher, std::size_t b) {
    const std::size_t place = b % options_.accumulate;
    if (place == 0) {
      group_weights_.clear();
      if (group_.empty()) group_.emplace_back();
      for (std::size_t n = 0; n < options_.accumulate && batcher.next(group_[n]); ++n) {
        const auto& read = group_[n];
        group_weights_.push_back(
            options_.accumulate == 1 ? 1 : options_.loss.total_weight(read.labels, Batches::rows(read)));
        if (group_.size() == n + 1 && n + 1 < options_.accumulate) group_.emplace_back();
      }
      group_equal_ = std::equal(group_weights_.begin() + (group_weights_.empty() ? 0 : 1),
                                group_weights_.end(), group_weights_.begin());
    }
    return place < group_weights_.size();
  }
  /// A batch's part of its update's gradient: by rows, or by their class weights, as in one large batch.
  [[nodiscard]] double share_of(std::size_t place) const {
    if (group_equal_) return 1.0 / static_cast<double>(group_weights_.size());
    return group_weights_[place] / std::accumulate(group_weights_.begin(), group_weights_.end(), 0.0);
  }

  double gradients_of_batch(const typename Batches::Batch& batch, double share) {
    tape_.reset(static_cast<std::uint32_t>(++state.batch));
    const Var<T> loss = options_.loss(detail::output_of(*model_, tape_, batch), batch.labels);
    const auto value = static_cast<double>(loss.value()(0, 0));
    if (!std::isfinite(value))
      throw numeric_error("the loss became " + detail::number_text(value) + " in epoch " +
                          std::to_string(state.epoch + 1) + ", update " + std::to_string(state.step + 1) +
                          "; lower the learning rate, set clip_norm, or look for NaN in the data");
    T seed = static_cast<T>(share);
    tape_.backward(loss, ConstMatrixView<T>(&seed, 1, 1));
    return value;
  }

  double update() {
    if (options_.clip_value > 0) clip_gradient_value(*model_, options_.clip_value);
    if (options_.clip_norm > 0) clip_gradient_norm(*model_, options_.clip_norm);
    const Rate rate = schedule.at(static_cast<std::size_t>(state.step), total_updates_, optimizer.lr());
    optimizer.step(*model_, rate.lr, rate.momentum, options_.step_factor);
    zero_gradients(*model_);
    ++state.step;
    return rate.lr;
  }

  /// Did the training reach its end already? True at once for one resumed there.
  [[nodiscard]] bool over() const {
    if (state.read > 0) return false;  // the epoch is still to be validated, at least
    return state.epoch >= options_.epochs ||
           (options_.max_updates > 0 && state.step >= options_.max_updates) ||
           (options_.patience > 0 && state.bad_epochs >= options_.patience);
  }

  /// Updates of all epochs: what schedules run over. A token budget may cut every epoch differently.
  template <class BatcherOfDataset> [[nodiscard]] std::size_t count_updates(BatcherOfDataset& batcher) const {
    const auto updates = [&](std::size_t epoch) {
      batcher.begin_epoch(epoch);
      return (batcher.batches() + options_.accumulate - 1) / options_.accumulate;
    };
    std::size_t total = 0;
    if (options_.token_budget == 0) {
      total = updates(1) * options_.epochs;
    } else {
      for (std::size_t epoch = 1; epoch <= options_.epochs; ++epoch) total += updates(epoch);
    }
    return options_.max_updates > 0 ? std::min(total, options_.max_updates) : total;
  }

  void validate(EpochReport& report, const Dataset& valid) {
    const Predictions predictions = predict_all(*model_, valid, options_.loss,
                                                {.batch_size = options_.batch_size,
                                                 .token_budget = options_.token_budget,
                                                 .shuffle = false,
                                                 .smallest = 1,
                                                 .seed = 0});
    report.valid = report_of(predictions, valid.labels, options_.loss, detail::label_names_of(valid));
    bool smaller = smaller_is_better(options_.monitor);
    for (const auto& metric : options_.metrics) {
      report.valid.metrics.emplace_back(metric.name, metric.compute(valid.labels, predictions.view()));
      if (metric.name == options_.monitor) smaller = metric.smaller_is_better;
    }
    const double value = report.valid[options_.monitor];
    // An undefined metric (ROC-AUC of one class) is never the best.
    report.best = !std::isnan(value) && (std::isnan(state.best_value) ||
                                         (smaller ? value < state.best_value : value > state.best_value));
    if (report.best) {
      state.best_value = value;
      state.best_epoch = report.epoch;
      state.bad_epochs = 0;
      if (options_.restore_best) best.take(*model_);
    } else {
      ++state.bad_epochs;
    }
    schedule.after_epoch(smaller ? value : -value);
  }

  [[nodiscard]] static std::size_t total_tokens(const Dataset& data) {
    if constexpr (requires { data.tokens(); }) return data.tokens();
    return data.size();
  }
  [[nodiscard]] FitResult summary() const {
    FitResult result{history, state.best_epoch, 0, 0, stopped_, state.step};
    for (const auto& e : history) {
      result.seconds_per_epoch += e.seconds / static_cast<double>(history.size());
      result.tokens_per_second += e.tokens_per_second / static_cast<double>(history.size());
    }
    return result;
  }

  Model* model_;
  FitOptions options_;
  Tape<T> tape_;
  std::vector<typename Batches::Batch> group_;  // the batches of an update
  std::vector<double> group_weights_;           // what each one's mean is divided by
  bool group_equal_ = true;                     // all alike
  std::size_t total_updates_ = 0;
  bool ended_ = false;    // by max_updates or on_step
  bool stopped_ = false;  // by FitOptions::stop
};

namespace detail {
/// Builds a chain that was not built yet from what the training data is.
template <class Model, class Dataset>
void build_from(Model& model, const Dataset& train, const FitOptions& options) {
  if constexpr (requires { model.build(BuildInfo{}); }) {
    if (model.built()) return;
    BuildInfo info;
    info.vocabulary = train.vocabulary();
    info.max_length = train.max_length();
    info.seed = options.seed;
    model.build(info);
  }
}
}  // namespace detail

/// Trains `model` on `train`, judging every epoch on `valid`. A model is anything with `fields` and
/// `Var<T> forward(Tape<T>&, const Batch&)`. Weights that nobody drew, set or loaded are drawn from
/// options.seed; a Sequential is built from the training data first. Allocates nothing per step after the
/// largest batch was seen. Throws option_error for options out of range, numeric_error when the loss, a
/// weight or (with clip_norm) a gradient is not finite. Whatever throws during training, the model has the
/// best epoch's weights, if there is one and restore_best asks for them.
template <class Model, class Dataset>
FitResult fit(Model& model, const Dataset& train, const Dataset& valid, const FitOptions& options = {}) {
  detail::build_from(model, train, options);
  return Trainer<Model, Dataset>(model, options).run(train, &valid);
}
/// The same without validation: the last epoch's weights stay.
template <class Model, class Dataset>
FitResult fit(Model& model, const Dataset& train, const FitOptions& options = {}) {
  detail::build_from(model, train, options);
  return Trainer<Model, Dataset>(model, options).run(train, nullptr);
}

SEQLSTM_NAMESPACE_END
