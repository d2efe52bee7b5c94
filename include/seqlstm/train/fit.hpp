// The training loop: batches, loss, backward, clipping, update; validation, early stopping, the best weights.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/train/callbacks.hpp>
#include <seqlstm/train/detail/epoch_loop.hpp>
#include <seqlstm/train/detail/ranked_step.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/progress.hpp>
#include <seqlstm/train/snapshot.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How to train.
///
/// Sequences are not sorted by length before they are cut into batches (`bucket_batches`): batches cost no
/// padding here, and batch norm must see batches as mixed as the data; sorted ones teach it what holds within
/// one length.
struct FitOptions {
  Loss loss = bce_with_logits();       ///< what is made small; says what outputs mean, too
  OptimizerSpec optimizer = adam();    ///< how gradients become updates; it has a rate of its own
  ScheduleSpec schedule = constant();  ///< the rate of each update; constant(): the optimizer's own
  std::size_t epochs = 10;             ///< times the training data is read, at least 1
  std::size_t batch_size = 64;  ///< sequences per batch; one left over joins another batch (for batch norm)
  std::size_t max_tokens = 0;   ///< or tokens per batch; 0: by batch_size
  std::size_t bucket_batches = 0;  ///< batches' worth of sequences sorted by length together; 0: no sorting
  Sampler sampler = {};            ///< which rows an epoch reads; all in random order without
  std::size_t max_updates = 0;     ///< end after so many updates; 0: by epochs alone
  std::size_t accumulate = 1;      ///< batches that make one update, with the gradient of one large batch
  std::uint64_t seed = 0;          ///< of order and dropout, and of weights that nobody drew, set or loaded
  double clip_norm = 0;            ///< largest norm of all gradients; 0: no clipping
  double clip_value = 0;           ///< largest absolute value of a gradient; 0: no clipping
  std::string monitor = "loss";    ///< the validation metric that says which epoch is best; of positions
                                   ///< "roc_auc" and "pr_auc" are computed only where it is one of them
  std::vector<NamedMetric> metrics = {};  ///< more validation metrics, to be seen and monitored
  std::size_t patience = 0;               ///< stop after so many epochs without a better one; 0: never
  bool restore_best = true;               ///< end with the best epoch's weights
  std::function<LrScale(const std::string&)> lr_scale =
      {};                                ///< multiplies rate and momentum of parameters, by name
  std::vector<Callback> callbacks = {};  ///< called after every epoch, all of them, in order
  StepCallback on_step = {};             ///< sees every update
  StopRequest stop = {};                 ///< ends the training after an update, in the middle of an epoch
  std::ostream* progress = default_progress();  ///< where to tell how far it is; null: nowhere
  bool terminal = false;  ///< redraw one line on any stream, as on std::cerr where that is a terminal
  CommunicatorRef communicator = {};  ///< ranks that compute each batch together; none: this process alone
  std::size_t shards = 16;  ///< with a communicator: parts of a batch, a power of two and at least its ranks.
                            ///< Weights depend on this number, not on the ranks
  Precision wire = Precision::f32;  ///< as what gradients travel between ranks; bf16: half the bytes, and
                                    ///< weights that depend on the number of ranks
  bool shard_optimizer = false;  ///< with a communicator: each rank keeps the optimizer's state of its part
                                 ///< of the weights alone (ZeRO stage 1; Rajbhandari et al. 2020), and
                                 ///< gets the other weights after each update; same bits. All ranks call
                                 ///< Optimizer::gather_state() before rank 0 saves a checkpoint
};

/// What fit() returns.
struct FitResult {
  std::vector<EpochReport> history;  ///< of this run; of a resumed one, the epochs after the saved one
  std::size_t best_epoch = 0;        ///< from 1; 0 without validation
  double seconds_per_epoch = 0;      ///< mean over the history
  double tokens_per_second = 0;      ///< mean over the history; rows per second for feature rows
  bool stopped = false;              ///< FitOptions::stop ended it
  std::uint64_t updates = 0;         ///< of this run and those it resumed
  RankTraffic traffic = {};          ///< with a communicator: what the sums of this run took at this rank

  /// The best epoch's report; null without validation, or where a run before this one had the best epoch.
  [[nodiscard]] const EpochReport* best() const;
};

namespace detail {
/// The training of any model on one kind of data: all that a Trainer does.
template <Scalar T, class Dataset> class TrainingLoop {
  using Batches = BatchesOf<Dataset>;
  using Batch = typename Batches::Batch;
  using Reader = typename Batches::Reader;

 public:
  using Number = T;

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

  TrainingLoop(const ModuleRef& model, Forward<T, Batch> forward, FitOptions options);

  /// Trains until the last epoch, or until patience, a callback or `stop` ends it. `valid` may be null, where
  /// nothing depends on validation. Whatever throws, the model has the best epoch's weights, if restore_best
  /// asks for them and an epoch was validated. Throws numeric_error where loss or weights are not finite.
  FitResult run(const Dataset& train, const Dataset* valid);

  State state;
  Optimizer<T> optimizer;
  Schedule schedule;
  Snapshot best;
  std::vector<EpochReport> history;

  [[nodiscard]] const FitOptions& options() const { return options_; }

 private:
  void run_epochs(Reader& batcher, const Dataset* valid);
  void restore_best();
  EpochReport train_epoch(Reader& batcher, EpochLoop& loop);
  /// Validates and reports an epoch that was read; false where a callback ends the training.
  bool finish_epoch(EpochReport& report, const Dataset* valid);
  /// Reads the batches of an update; 0 behind the epoch's last. All are read before the first of them runs:
  /// what one counts depends on the others.
  std::size_t read_group(Reader& batcher);
  /// A batch's part of its update's gradient: by rows, or by their class weights, as in one large batch.
  [[nodiscard]] double share_of(std::size_t place) const;
  /// What a batch counts in the mean of the epoch: its rows, or its positions that count.
  [[nodiscard]] double weight_of(const Batch& batch) const;
  double gradients_of_batch(const Batch& batch, double share, bool first);
  /// This rank's part of a batch; without a communicator all of it.
  const Batch& part_of(const Batch& batch);
  /// Do all ranks begin the same training, here?
  void begin_ranks(const Dataset& train, const Dataset* valid);
  double update();
  /// Did the training reach its end already? True at once for one resumed there.
  [[nodiscard]] bool over() const;
  /// Updates of all epochs: what schedules run over. A token budget may cut every epoch differently.
  [[nodiscard]] std::size_t count_updates(Reader& batcher) const;
  void validate(EpochReport& report, const Dataset& valid);
  [[nodiscard]] FitResult summary() const;

  ModuleRef model_;
  Forward<T, Batch> forward_;
  FitOptions options_;
  Batch own_part_;  // of a batch, by ranks
  std::vector<std::size_t> lengths_;
  Tape<T> tape_;
  std::unique_ptr<RankedStep<T>>
      ranks_;                          // null without a communicator; ends what it does with the tape first
  std::vector<Batch> group_;           // the batches of an update
  std::vector<double> group_weights_;  // what each one's mean is divided by
  bool group_equal_ = true;            // all alike
  std::size_t total_updates_ = 0;
  bool gradients_seen_ = false;  // of the first batch on ranks
  bool stopped_ = false;         // by FitOptions::stop
};

}  // namespace detail

/// Training that can be stopped after any update and continued, bit for bit, from its saved state: `state`,
/// `optimizer`, `schedule`, `best` and the model are all there is; `history` is of this run alone. Order and
/// masks are functions of (seed, epoch, step).
template <class Model, class Dataset>
class Trainer
    : public detail::TrainingLoop<detail::NumberOf<Model, typename detail::BatchesOf<Dataset>::Batch>,
                                  Dataset> {
  using Batch = typename detail::BatchesOf<Dataset>::Batch;
  using Loop = detail::TrainingLoop<detail::NumberOf<Model, Batch>, Dataset>;

 public:
  /// Throws option_error for options out of range.
  Trainer(Model& model, FitOptions options)
      : Loop(model, detail::forward_of<Batch>(model), std::move(options)) {
    const detail::TrainsModel training(&model);
    if constexpr (requires { model.trained_with = this->options().loss; })
      model.trained_with = this->options().loss;
  }
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
    info.channels = channel_scale(train.channel_rows());
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
///
/// With a communicator all its ranks call fit() with the same model, data and options; rank 0's weights are
/// those that training begins with. Each rank computes the shards of every batch that are its own, all
/// validate and end with the same weights: the same bits for any number of ranks, and of threads on each.
/// Batches have at least `shards` sequences. Rank 0 tells how far it is; callbacks, on_step and stop are
/// called at every rank, all have them or none, and what ends the training at one ends it at all. Throws
/// option_error where data, shapes, numbers of these options or weights after an epoch differ between ranks,
/// and for operations of one's own that write a gradient without add_row_sums(); rank_error where another
/// rank failed.
template <class Model, class Dataset>
FitResult fit(Model& model, const Dataset& train, const Dataset& valid, const FitOptions& options = {}) {
  const detail::TrainsModel training(&model);
  detail::build_from(model, train, options);
  return Trainer<Model, Dataset>(model, options).run(train, &valid);
}
/// The same without validation: the last epoch's weights stay.
template <class Model, class Dataset>
FitResult fit(Model& model, const Dataset& train, const FitOptions& options = {}) {
  const detail::TrainsModel training(&model);
  detail::build_from(model, train, options);
  return Trainer<Model, Dataset>(model, options).run(train, nullptr);
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/fit.ipp>
#endif
