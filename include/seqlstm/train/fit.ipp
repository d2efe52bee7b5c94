// Definitions of fit.hpp.
#pragma once

#include <seqlstm/core/model_use.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/train/detail/update.hpp>
#include <seqlstm/train/fit.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE const EpochReport* FitResult::best() const {
  for (const auto& report : history)
    if (report.epoch == best_epoch) return &report;
  return nullptr;
}

namespace detail {

template <Scalar T, class Dataset>
TrainingLoop<T, Dataset>::TrainingLoop(const ModuleRef& model, Forward<T, Batch> forward, FitOptions options)
    : optimizer(options.optimizer),
      schedule(options.schedule),
      model_(model),
      forward_(std::move(forward)),
      options_(std::move(options)) {
  if (options_.epochs == 0) throw option_error("epochs is 0, expected at least 1");
  if (options_.batch_size == 0) throw option_error("batch_size is 0, expected at least 1");
  if (options_.accumulate == 0) throw option_error("accumulate is 0, expected at least 1");
  if (!options_.metrics.empty() && std::holds_alternative<CtcOptions>(options_.loss.choice()))
    throw option_error(
        "metrics of one's own are of labels and probabilities of rows, which ctc_loss() has not");
  check_not_negative("clip_norm", options_.clip_norm);
  check_not_negative("clip_value", options_.clip_value);
  if (options_.communicator && options_.max_tokens == 0 && options_.batch_size < options_.shards)
    throw option_error("batch_size is " + std::to_string(options_.batch_size) +
                       ", but on ranks a batch has at least " + std::to_string(options_.shards) +
                       " sequences, one for each shard; use larger batches, or set fewer shards");
  if (options_.communicator)
    ranks_ = std::make_unique<RankedStep<T>>(*options_.communicator, options_.shards, options_.wire);
  const TrainsModel training(model.address());
  initialize_untouched(model, options_.seed);
}

template <Scalar T, class Dataset>
FitResult TrainingLoop<T, Dataset>::run(const Dataset& train, const Dataset* valid) {
  if (valid == nullptr && (options_.patience > 0 || schedule.needs_validation()))
    throw option_error("patience and the plateau schedule need a validation set; pass one to fit");
  const TrainsModel training(model_.address());
  const FlushDenormals flush;
  Reader batcher = Batches::make(
      train,
      {.batch_size = options_.batch_size,
       .max_tokens = options_.max_tokens,
       .bucket_batches = options_.bucket_batches,
       .shuffle = true,
       .min_batch_size = ranks_ != nullptr ? options_.shards : std::min<std::size_t>(2, options_.batch_size),
       .seed = options_.seed,
       .sampler = options_.sampler});
  tape_.set_seed(options_.seed);
  tape_.set_shards(ranks_.get());
  total_updates_ = count_updates(batcher);
  try {
    or_tell_ranks(options_.communicator, [&] {
      if (ranks_ != nullptr) begin_ranks(train, valid);
      run_epochs(batcher, valid);
    });
  } catch (...) {
    restore_best();
    throw;
  }
  restore_best();
  return summary();
}

template <Scalar T, class Dataset>
void TrainingLoop<T, Dataset>::run_epochs(Reader& batcher, const Dataset* valid) {
  auto watched = LoopOptions::of(options_);
  if (ranks_ != nullptr) watched = watched_by_ranks(ranks_->communicator(), std::move(watched));
  EpochLoop loop(std::move(watched));
  EpochReport report;
  stopped_ = false;
  loop.run([&] { return over(); }, [&] { report = train_epoch(batcher, loop); },
           [&] { return finish_epoch(report, valid); });
  stopped_ = loop.stopped();
}

template <Scalar T, class Dataset>
bool TrainingLoop<T, Dataset>::finish_epoch(EpochReport& report, const Dataset* valid) {
  if (ranks_ != nullptr)
    require_same_values(ranks_->communicator(), model_, optimizer.rates_digest(),
                        "after epoch " + std::to_string(report.epoch));
  if (valid != nullptr) validate(report, *valid);
  state.epoch = report.epoch;
  state.read = state.tokens = 0;
  state.loss_sum = state.rows = state.seconds = state.learning_rate = 0;
  history.push_back(report);
  bool go_on = true;
  for (const auto& callback : options_.callbacks) go_on = callback(report) && go_on;
  return ranks_ == nullptr ? go_on : !any_rank(ranks_->communicator(), !go_on);
}

template <Scalar T, class Dataset>
void TrainingLoop<T, Dataset>::begin_ranks(const Dataset& train, const Dataset* valid) {
  const std::string where = std::to_string(state.epoch) + " epochs and " + std::to_string(state.read) +
                            " batches, " + std::to_string(state.step) + " updates";
  std::string options = "loss " + numbers_text(options_.loss) + ", monitor " + options_.monitor + ", " +
                        sampled_text(options_.sampler, state.epoch + 1) +
                        watched_text(static_cast<bool>(options_.on_step), static_cast<bool>(options_.stop));
  const std::pair<const char*, double> numbers[] = {
      {"batch_size", static_cast<double>(options_.batch_size)},
      {"max_tokens", static_cast<double>(options_.max_tokens)},
      {"bucket_batches", static_cast<double>(options_.bucket_batches)},
      {"epochs", static_cast<double>(options_.epochs)},
      {"max_updates", static_cast<double>(options_.max_updates)},
      {"accumulate", static_cast<double>(options_.accumulate)},
      {"patience", static_cast<double>(options_.patience)},
      {"clip_norm", options_.clip_norm},
      {"clip_value", options_.clip_value},
      {"shards", static_cast<double>(options_.shards)}};
  for (const auto& [name, value] : numbers) options += std::string(", ") + name + " " + number_text(value);
  options += ", seed " + std::to_string(options_.seed) + updates_text(options_, total_updates_);
  optimizer.split_over(options_.shard_optimizer ? options_.communicator : CommunicatorRef());
  const char* same_files = "give all ranks the same files";
  begin_on_ranks(ranks_->communicator(), model_,
                 {{"the training data", data_fingerprint(train), same_files},
                  {"the validation data", valid == nullptr ? "none" : data_fingerprint(*valid), same_files},
                  {"the options of the training", options, "give all ranks the same options"},
                  {"what is trained already", where, "resume all ranks from the same checkpoint"}});
}

template <Scalar T, class Dataset> void TrainingLoop<T, Dataset>::restore_best() {
  if (options_.restore_best && !best.empty()) best.restore(model_);
}

template <Scalar T, class Dataset>
EpochReport TrainingLoop<T, Dataset>::train_epoch(Reader& batcher, EpochLoop& loop) {
  EpochReport report;
  report.epoch = state.epoch + 1;
  Batches::seek(batcher, report.epoch, state.read);
  const EpochWork work{"epoch " + std::to_string(report.epoch) + "/" + std::to_string(options_.epochs),
                       batcher.tokens() - state.tokens, (options_.epochs - report.epoch) * batcher.tokens()};
  const auto before = state;
  zero_gradients(model_);
  loop.read_epoch(work, state.step, [&](Progress& progress) -> std::optional<StepReport> {
    const std::size_t count = read_group(batcher);
    if (count == 0) return {};
    double loss_sum = state.loss_sum, rows = state.rows, loss_of_update = 0;
    for (std::size_t place = 0; place < count; ++place) {
      const auto& batch = group_[place];
      const double share = share_of(place), loss = gradients_of_batch(batch, share, place == 0),
                   n = weight_of(batch);
      loss_sum += loss * n;
      rows += n;
      loss_of_update += group_equal_ ? loss / static_cast<double>(count) : loss * share;
      progress.advance(Batches::tokens(batch));
    }
    state.learning_rate = update();
    state.read += count;
    state.loss_sum = loss_sum;
    state.rows = rows;
    state.tokens = before.tokens + progress.done();
    state.seconds = before.seconds + progress.seconds();
    return StepReport{state.step, loss_of_update, state.learning_rate};
  });
  // An update can diverge after the last loss that was seen.
  require_finite(model_,
                 "after update " + std::to_string(state.step) + " of epoch " + std::to_string(report.epoch));
  report.learning_rate = state.learning_rate;
  report.seconds = state.seconds;
  report.tokens_per_second = static_cast<double>(state.tokens) / report.seconds;
  if (!(state.rows > 0) && !loop.ended() && !loop.stopped())
    throw option_error("no position of the training part has a label that counts; there is nothing to learn");
  report.train_loss = state.loss_sum / state.rows;
  return report;
}

template <Scalar T, class Dataset> std::size_t TrainingLoop<T, Dataset>::read_group(Reader& batcher) {
  group_weights_.clear();
  if (group_.empty()) group_.emplace_back();
  for (std::size_t n = 0; n < options_.accumulate && batcher.next(group_[n]); ++n) {
    const auto& read = group_[n];
    group_weights_.push_back(
        options_.accumulate == 1
            ? 1
            : options_.loss.total_weight(read.targets(), Batches::rows(read), forward_.by_position));
    if (group_.size() == n + 1 && n + 1 < options_.accumulate) group_.emplace_back();
  }
  group_equal_ = std::equal(group_weights_.begin() + (group_weights_.empty() ? 0 : 1), group_weights_.end(),
                            group_weights_.begin());
  return group_weights_.size();
}

template <Scalar T, class Dataset> double TrainingLoop<T, Dataset>::share_of(std::size_t place) const {
  if (group_equal_) return 1.0 / static_cast<double>(group_weights_.size());
  return group_weights_[place] / std::accumulate(group_weights_.begin(), group_weights_.end(), 0.0);
}

template <Scalar T, class Dataset> double TrainingLoop<T, Dataset>::weight_of(const Batch& batch) const {
  const std::size_t rows = Batches::rows(batch);
  return forward_.by_position ? options_.loss.total_weight(batch.targets(), rows, true)
                              : static_cast<double>(rows);
}

template <Scalar T, class Dataset>
double TrainingLoop<T, Dataset>::gradients_of_batch(const Batch& batch, double share, bool first) {
  const Batch& part = part_of(batch);
  tape_.reset(static_cast<std::uint32_t>(++state.batch));
  const Var<T> loss = options_.loss(forward_.run(tape_, part, options_.loss), part.targets());
  const double value = finite_loss(loss, state.epoch + 1, state.step + 1, ", or look for NaN in the data");
  T seed = static_cast<T>(share);
  tape_.backward(loss, ConstMatrixView<T>(&seed, 1, 1));
  if (ranks_ == nullptr) return value;
  if (first && !gradients_seen_) require_no_gradients(model_);
  gradients_seen_ = true;
  ranks_->add_gradients();
  return value;
}

template <Scalar T, class Dataset>
auto TrainingLoop<T, Dataset>::part_of(const Batch& batch) -> const Batch& {
  if (ranks_ == nullptr) return batch;
  lengths_.clear();
  for (std::size_t i = 0; i < Batches::rows(batch); ++i) lengths_.push_back(Batches::length(batch, i));
  own_part_.assign_part(batch, ranks_->deal(lengths_));
  return own_part_;
}

template <Scalar T, class Dataset> double TrainingLoop<T, Dataset>::update() {
  const double rate = update_weights(model_, optimizer, schedule, {options_.clip_norm, options_.clip_value},
                                     state.step, total_updates_, 1, options_.lr_scale);
  zero_gradients(model_);
  ++state.step;
  return rate;
}

template <Scalar T, class Dataset> bool TrainingLoop<T, Dataset>::over() const {
  if (state.read > 0) return false;  // the epoch is still to be validated, at least
  return state.epoch >= options_.epochs || (options_.max_updates > 0 && state.step >= options_.max_updates) ||
         (options_.patience > 0 && state.bad_epochs >= options_.patience);
}

template <Scalar T, class Dataset>
std::size_t TrainingLoop<T, Dataset>::count_updates(Reader& batcher) const {
  const auto updates = [&](std::size_t epoch) {
    batcher.begin_epoch(epoch);
    return (batcher.batches() + options_.accumulate - 1) / options_.accumulate;
  };
  std::size_t total = 0;
  if (options_.max_tokens == 0 && !options_.sampler) {
    total = updates(1) * options_.epochs;
  } else {
    for (std::size_t epoch = 1; epoch <= options_.epochs; ++epoch) total += updates(epoch);
  }
  return options_.max_updates > 0 ? std::min(total, options_.max_updates) : total;
}

template <Scalar T, class Dataset>
void TrainingLoop<T, Dataset>::validate(EpochReport& report, const Dataset& valid) {
  const Predictions predictions = predict_records<T>(forward_, valid, options_.loss,
                                                     {.batch_size = options_.batch_size,
                                                      .max_tokens = options_.max_tokens,
                                                      .shuffle = false,
                                                      .min_batch_size = 1,
                                                      .seed = 0},
                                                     options_.communicator);
  const bool by_position = forward_.by_position;
  const BatchTargets targets = valid.targets();
  const std::span<const double> labels = by_position ? targets.position_labels : targets.labels;
  const bool curves = !by_position || options_.monitor == "roc_auc" || options_.monitor == "pr_auc";
  report.valid =
      report_of_rows(predictions, targets, options_.loss, label_names_of(valid, by_position), curves);
  bool smaller = smaller_is_better(options_.monitor);
  if (!options_.metrics.empty()) {
    const CountedRows counted(labels, predictions.view());
    for (const auto& metric : options_.metrics) {
      report.valid.metrics.emplace_back(metric.name, metric.compute(counted.labels(), counted.rows()));
      if (metric.name == options_.monitor) smaller = metric.smaller_is_better;
    }
  }
  const double value = report.valid[options_.monitor];
  // An undefined metric (ROC-AUC of one class) is never the best.
  report.best = !std::isnan(value) && (std::isnan(state.best_value) ||
                                       (smaller ? value < state.best_value : value > state.best_value));
  if (report.best) {
    state.best_value = value;
    state.best_epoch = report.epoch;
    state.bad_epochs = 0;
    if (options_.restore_best) best.take(model_);
  } else {
    ++state.bad_epochs;
  }
  schedule.after_epoch(smaller ? value : -value);
}

template <Scalar T, class Dataset> FitResult TrainingLoop<T, Dataset>::summary() const {
  FitResult result{history, state.best_epoch, 0, 0, stopped_, state.step};
  if (ranks_ != nullptr) {
    result.traffic = ranks_->traffic();
    result.traffic += optimizer.traffic();
  }
  for (const auto& e : history) {
    result.seconds_per_epoch += e.seconds / static_cast<double>(history.size());
    result.tokens_per_second += e.tokens_per_second / static_cast<double>(history.size());
  }
  return result;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
template class detail::TrainingLoop<float, SequenceDataset>;
template class detail::TrainingLoop<float, FeatureDataset>;
template class detail::TrainingLoop<double, SequenceDataset>;
template class detail::TrainingLoop<double, FeatureDataset>;
#endif

SEQLSTM_NAMESPACE_END
