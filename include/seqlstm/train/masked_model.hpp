// Training a masked language model: some tokens of every sequence are hidden, and a model that reads in both
// directions says what stood there (Devlin et al. 2019, section 3.1; here every chosen token is hidden, none
// replaced by another or left).
//
// A model has
//     SeqVar<T> forward(Tape<T>&, const SequenceBatch&)    logits of every token
// and `fields`. The id that hides is one the data does not have: the vocabulary's size.
#pragma once

#include <functional>
#include <memory>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/data/batcher.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/token_dropout.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/ranks/shared_parts.hpp>
#include <seqlstm/train/detail/epoch_loop.hpp>
#include <seqlstm/train/detail/ranked_step.hpp>
#include <seqlstm/train/detail/update.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/language_model.hpp>
#include <seqlstm/train/snapshot.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How to train a masked language model.
struct MaskedFitOptions {
  double masked = 0.15;  ///< probability that a token is hidden
  /// How gradients become updates.
  OptimizerSpec optimizer = adamw({.beta2 = 0.99, .weight_decay = 0.01});
  ScheduleSpec schedule = one_cycle(3e-3);  ///< the rate of each update
  std::size_t epochs = 10;                  ///< times the training data is read, at least 1
  std::size_t batch_size = 64;              ///< sequences per batch
  std::size_t max_tokens = 0;               ///< or tokens per batch; 0: by batch_size
  std::uint64_t seed = 0;  ///< of order, masks, dropout, and weights that nobody drew, set or loaded
  double clip_norm = 1;    ///< largest norm of all gradients; 0: no clipping
  StopRequest stop = {};   ///< ends the training after an update
  std::ostream* progress = default_progress();  ///< where to tell how far it is; null: nowhere
  bool terminal = false;  ///< redraw one line on any stream, as on std::cerr where that is a terminal
  CommunicatorRef communicator = {};  ///< ranks that compute each batch together, as in fit()
  std::size_t shards = 16;            ///< with a communicator: a power of two
  Precision wire = Precision::f32;    ///< as what gradients travel between ranks, as in fit()
  bool shard_optimizer = false;       ///< each rank keeps a part of the optimizer's state, as in fit()
};

/// One epoch of a masked training.
struct MaskedEpoch {
  std::size_t epoch = 0;         ///< from 1
  double train_loss = 0;         ///< mean of the hidden tokens, dropout on
  LanguageScore valid;           ///< of hidden tokens that are always the same ones
  double seconds = 0;            ///< of training, validation left out
  double tokens_per_second = 0;  ///< all tokens of the epoch, hidden or not
};

namespace detail {

/// A batch with hidden tokens, and what they were.
struct MaskedBatch {
  SequenceBatch batch;
  std::vector<Token> hidden;
  std::size_t count = 0;

  void hide(const RandomKey& key, double p, Token id);
  /// Some sequences of another batch, with what was hidden of them.
  void assign_part(const MaskedBatch& from, std::span<const std::size_t> indices);
};

/// How well the hidden tokens of a batch are known.
struct BatchScore {
  double loss = 0;  // mean
  std::size_t tokens = 0, right = 0;
};

BatcherOptions masked_batches(const MaskedFitOptions& options, bool shuffle);
/// What ranks must have in common.
std::vector<SharedFact> masked_facts(const MaskedFitOptions& options, std::size_t updates,
                                     const SequenceDataset& train, const SequenceDataset& valid);

}  // namespace detail

/// How well a masked model knows what is hidden; which tokens are follows from `options.seed` alone. Ranks of
/// `options.communicator` share the batches, and each has the score, with the bits of one rank.
template <class Model>
LanguageScore evaluate_masked_model(Model& model, const SequenceDataset& data,
                                    const MaskedFitOptions& options) {
  using T = detail::NumberOf<Model, SequenceBatch>;
  const detail::ReadsModel reading(&model);
  const FlushDenormals flush;
  const RandomKey key{options.seed, 0, 0x4D41534BU};  // "MASK"
  Batcher batcher(data, detail::masked_batches(options, false));
  Tape<T> tape(Mode::inference);
  detail::MaskedBatch masked;
  const SharedParts parts(options.communicator);
  std::vector<detail::BatchScore> scores;
  parts.or_tell([&] {
    while (batcher.next(masked.batch)) {
      detail::BatchScore& own = scores.emplace_back();
      if (!parts.here(scores.size() - 1)) continue;
      masked.hide(key, options.masked, static_cast<Token>(data.vocabulary()));
      if (masked.count == 0) continue;
      tape.reset();
      const SeqVar<T> logits = model.forward(tape, masked.batch);
      own = {double{cross_entropy(logits, masked.hidden).value()(0, 0)}, masked.count,
             detail::right_guesses<T>(logits.value(), masked.hidden)};
    }
  });
  parts.share(std::span(scores));
  LanguageScore score;
  std::size_t right = 0;
  for (const detail::BatchScore& own : scores) {
    score.loss += own.loss * static_cast<double>(own.tokens);
    score.tokens += own.tokens;
    right += own.right;
  }
  if (score.tokens == 0) throw option_error("masked model: no token was hidden; the data is too small");
  score.loss /= static_cast<double>(score.tokens);
  score.accuracy = static_cast<double>(right) / static_cast<double>(score.tokens);
  return score;
}

/// What someone knows who knows how often each token comes in `train`, of every token of `valid`.
LanguageScore token_frequency_score(const SequenceDataset& train, const SequenceDataset& valid);

/// How a masked training ended.
struct MaskedFitResult {
  std::size_t epochs = 0;    ///< that were finished
  std::size_t updates = 0;   ///< that were made, also of an epoch that was not finished
  bool stopped = false;      ///< MaskedFitOptions::stop ended it
  RankTraffic traffic = {};  ///< with a communicator: what the sums took at this rank
};

/// Trains a masked model; on_epoch(MaskedEpoch) is called after every epoch, false ends the training. The
/// last update's weights stay. Same weights for any number of threads. Throws option_error for options out of
/// range, numeric_error when loss or weights are not finite; the model then has the last whole epoch's
/// weights, if there is one. With a communicator all ranks call it with the same data, options and model, as
/// fit(): option_error where they differ, rank_error where another one failed.
template <class Model, class OnEpoch>
MaskedFitResult fit_masked_model(Model& model, const SequenceDataset& train, const SequenceDataset& valid,
                                 const MaskedFitOptions& options, OnEpoch&& on_epoch) {
  using T = detail::NumberOf<Model, SequenceBatch>;
  if (options.epochs == 0) throw option_error("epochs is 0, expected at least 1");
  if (!(options.masked > 0 && options.masked < 1))
    throw option_error("masked is " + std::to_string(options.masked) + ", expected above 0 and below 1");
  detail::check_not_negative("clip_norm", options.clip_norm);
  const detail::TrainsModel training(&model);
  const FlushDenormals flush;
  initialize_untouched(model, options.seed);
  Optimizer<T> optimizer(options.optimizer);
  Schedule schedule(options.schedule);
  if (schedule.needs_validation())
    throw option_error("masked language models: the plateau schedule is not for them; choose another");
  if (options.shard_optimizer) optimizer.split_over(options.communicator);
  Tape<T> tape;
  tape.set_seed(options.seed);
  std::unique_ptr<detail::RankedStep<T>> ranks;  // ends before the tape
  if (options.communicator)
    ranks = std::make_unique<detail::RankedStep<T>>(*options.communicator, options.shards, options.wire);
  tape.set_shards(ranks.get());
  Batcher batcher(train, detail::masked_batches(options, true));
  std::size_t updates = 0;
  for (std::size_t epoch = 1; epoch <= options.epochs; ++epoch) {
    batcher.begin_epoch(epoch);
    updates += batcher.batches();
  }
  auto watched = detail::LoopOptions::of(options);
  if (ranks != nullptr) watched = detail::watched_by_ranks(ranks->communicator(), std::move(watched));
  detail::EpochLoop loop(std::move(watched));
  detail::MaskedBatch masked, own_part;
  MaskedFitResult result;
  MaskedEpoch report;
  Snapshot good;
  std::uint32_t batches = 0;
  const auto train_epoch = [&] {
    const std::size_t epoch = result.epochs + 1;
    batcher.begin_epoch(epoch);
    double loss_sum = 0, hidden = 0;
    const auto read = loop.read_epoch(
        {"epoch " + std::to_string(epoch) + "/" + std::to_string(options.epochs), train.tokens(),
         (options.epochs - epoch) * train.tokens()},
        result.updates, [&](Progress& progress) -> std::optional<StepReport> {
          masked.count = 0;
          while (masked.count == 0) {
            if (!batcher.next(masked.batch)) return {};
            tape.reset(++batches);
            masked.hide(tape.next_random(), options.masked, static_cast<Token>(train.vocabulary()));
            progress.advance(masked.batch.layout.tokens());
          }
          zero_gradients(model);
          if (ranks != nullptr) own_part.assign_part(masked, ranks->deal(detail::lengths_of(masked.batch)));
          const auto& own = ranks == nullptr ? masked : own_part;
          const Var<T> loss = cross_entropy(model.forward(tape, own.batch), own.hidden);
          const double value = detail::finite_loss(loss, epoch, batches);
          tape.backward(loss);
          if (ranks != nullptr) {
            if (result.updates == 0) detail::require_no_gradients(model);
            ranks->add_gradients();
          }
          const double rate =
              detail::update_weights(model, optimizer, schedule, {options.clip_norm}, batches - 1, updates);
          loss_sum += value * static_cast<double>(masked.count);
          hidden += static_cast<double>(masked.count);
          return StepReport{++result.updates, value, rate};
        });
    require_finite(model,
                   "after update " + std::to_string(result.updates) + " of epoch " + std::to_string(epoch));
    report = {epoch,
              loss_sum / std::max(1.0, hidden),
              {},
              read.seconds,
              static_cast<double>(read.tokens) / read.seconds};
  };
  const auto finish_epoch = [&] {
    report.valid = evaluate_masked_model(model, valid, options);
    result.epochs = report.epoch;
    if (ranks != nullptr)
      detail::require_same_values(ranks->communicator(), model, optimizer.rates_digest(),
                                  "after epoch " + std::to_string(report.epoch));
    if (report.epoch < options.epochs) good.take(model);
    const bool go_on = on_epoch(report);
    return ranks == nullptr ? go_on : !detail::any_rank(ranks->communicator(), !go_on);
  };
  detail::or_last_good(model, good, [&] {
    detail::or_tell_ranks(options.communicator, [&] {
      if (ranks != nullptr)
        detail::begin_on_ranks(ranks->communicator(), model,
                               detail::masked_facts(options, updates, train, valid));
      loop.run([&] { return result.epochs == options.epochs; }, train_epoch, finish_epoch);
    });
  });
  result.stopped = loop.stopped();
  if (ranks != nullptr) {
    result.traffic = ranks->traffic();
    result.traffic += optimizer.traffic();
  }
  return result;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/masked_model.ipp>
#endif
