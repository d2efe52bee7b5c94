// Training a language model: streams of tokens, states carried from window to window, the loss of the next
// token.
//
// A model has
//     LanguageOutput<T> forward(Tape<T>&, const SequenceBatch&, CarriedState<T>&)   logits and penalties
//     CarriedState<T> carried_state(std::size_t streams) const
// and `fields`; AwdLanguageModel is one.
#pragma once

#include <functional>
#include <memory>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/data/stream.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/ranks/shared_parts.hpp>
#include <seqlstm/train/callbacks.hpp>
#include <seqlstm/train/detail/epoch_loop.hpp>
#include <seqlstm/train/detail/ranked_step.hpp>
#include <seqlstm/train/detail/update.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/progress.hpp>
#include <seqlstm/train/snapshot.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How well a language model knows what comes next.
struct LanguageScore {
  double loss = 0;         ///< mean -log p(next token), in nats
  double accuracy = 0;     ///< share of tokens whose most probable successor is the right one
  std::size_t tokens = 0;  ///< that were scored

  /// exp(loss): per token, 1 for a model that knows every next one.
  [[nodiscard]] double perplexity() const { return std::exp(loss); }
  /// Bits per letter, where a token adds `letters` new ones: its stride.
  [[nodiscard]] double bits_per_letter(std::size_t letters) const {
    return loss / std::numbers::ln2 / static_cast<double>(letters);
  }
};

namespace detail {

/// Tokens with a target whose most probable one it is; the first of several.
template <Scalar T> std::size_t right_guesses(ConstMatrixView<T> logits, std::span<const Token> next);

/// How well the next tokens of a stream are known.
struct StreamScore {
  double surprise = 0;  // sum of -log p
  double right = 0;     // tokens that were the most probable ones
};
/// Adds what a window's logits say of the tokens that come next, to each stream's score: rows of one step
/// stand in the streams' order.
template <Scalar T>
void add_scores(const SeqVar<T>& logits, std::span<const Token> next, std::span<StreamScore> of_streams);

}  // namespace detail

/// Bits per letter of someone who knows the letters that tokens share and draws the others: log2 of the four
/// bases, or of the letters that the alphabet knows.
double informed_random_bits(const Tokenizer& tokenizer);
/// A score of sequences in a sentence: "loss 1.31, 1.89 bits a base (informed random: 2), perplexity 3.7,
/// accuracy 0.42".
std::string score_text(const LanguageScore& score, const Tokenizer& tokenizer);

/// Reads tokens as `options.batch_size` streams and scores every next token; no dropout. `ranks` share the
/// streams: all call it with the same model, tokens and options, and each has the score, with the bits of
/// one.
template <class Model, Scalar T = float>
LanguageScore evaluate_language_model(Model& model, std::vector<Token> tokens, const StreamOptions& options,
                                      CommunicatorRef ranks = {}) {
  const detail::ReadsModel reading(&model);
  const FlushDenormals flush;
  TokenStreams streams(std::move(tokens), options);
  const SharedParts parts(ranks);
  std::vector<std::size_t> own;
  for (std::size_t stream = 0; stream < options.batch_size; ++stream)
    if (parts.here(stream)) own.push_back(stream);
  auto carried = model.carried_state(own.size());
  Tape<T> tape(Mode::inference);
  StreamBatch batch, part;
  std::vector<detail::StreamScore> of_own(own.size()), of_streams(options.batch_size);
  parts.or_tell([&] {
    while (streams.next(batch) && !own.empty()) {
      tape.reset();
      if (parts.shared()) part.assign_part(batch, own);
      const StreamBatch& window = parts.shared() ? part : batch;
      detail::add_scores<T>(model.forward(tape, window.tokens, carried).logits, window.next, of_own);
    }
  });
  for (std::size_t i = 0; i < own.size(); ++i) of_streams[own[i]] = of_own[i];
  parts.share(std::span(of_streams));
  LanguageScore score;
  score.tokens = streams.tokens();
  for (const detail::StreamScore& stream : of_streams) {
    score.loss += stream.surprise / static_cast<double>(score.tokens);
    score.accuracy += stream.right / static_cast<double>(score.tokens);
  }
  return score;
}

/// How to train a language model.
struct LanguageFitOptions {
  /// How gradients become updates.
  OptimizerSpec optimizer = adamw({.beta2 = 0.99, .weight_decay = 0.01});
  /// The rate of each update; option_error for plateau(), which needs validation.
  ScheduleSpec schedule = one_cycle({.max_lr = 3e-3, .base_momentum = 0.7, .max_momentum = 0.8});
  std::size_t epochs = 1;       ///< times the text is read, at least 1
  std::size_t max_updates = 0;  ///< end after so many updates; 0: by epochs alone
  std::size_t batch_size = 64;  ///< places of the text that are read at once
  std::size_t bptt = 70;        ///< tokens per window, through which gradients flow
  bool random_length = true;    ///< windows of about `bptt`, the rate in proportion (Merity et al. 2018)
  std::uint64_t seed = 0;       ///< of window lengths, dropout, and weights that nobody drew, set or loaded
  double clip_norm = 0.25;      ///< largest norm of all gradients; 0: no clipping
  StepCallback on_step = {};    ///< sees every update
  StopRequest stop = {};        ///< ends the training after an update
  std::ostream* progress = default_progress();  ///< where to tell how far it is; null: nowhere
  bool terminal = false;  ///< redraw one line on any stream, as on std::cerr where that is a terminal
  CommunicatorRef communicator = {};  ///< ranks that read the streams together, as in fit()
  std::size_t shards = 16;            ///< with a communicator: a power of two, at most batch_size
  Precision wire = Precision::f32;    ///< as what gradients travel between ranks, as in fit()
  bool shard_optimizer = false;       ///< each rank keeps a part of the optimizer's state, as in fit()
};

/// The tokens of an epoch, from 1: always the same ones for the same epoch.
using TokenSource = std::function<std::vector<Token>(std::size_t epoch)>;

/// Training that can be stopped after any update and continued, bit for bit, from its saved state: `state`,
/// `optimizer`, `carried` and the model are all there is.
template <class Model, Scalar T = float> class LanguageTrainer {
 public:
  using Number = T;  ///< what the model computes in

  /// Where the training stands.
  struct State {
    std::size_t epoch = 1;   ///< being read
    std::size_t window = 0;  ///< of the epoch, the next one
    std::size_t token = 0;   ///< of each stream, where that window begins
    std::uint64_t step = 0;  ///< updates made
    double loss_sum = 0;     ///< of the epoch so far
    std::size_t tokens = 0;  ///< of the epoch so far
    double seconds = 0;      ///< of the epoch so far, in all runs that read it

    template <class V> void fields(V&& v) {
      v("epoch", epoch);
      v("window", window);
      v("token", token);
      v("step", step);
      v("loss_sum", loss_sum);
      v("tokens", tokens);
      v("seconds", seconds);
    }
  };

  /// One epoch, or what was read of it.
  struct Epoch {
    std::size_t epoch = 0;         ///< from 1
    double train_loss = 0;         ///< mean of all its windows, dropout on
    double learning_rate = 0;      ///< that of a full window, at the last update of this run
    double seconds = 0;            ///< of reading it, in all runs that did
    double tokens_per_second = 0;  ///< its tokens so far by these seconds
  };

  /// Draws weights that nobody drew, set or loaded. The model must outlive it. Throws option_error for
  /// options out of range.
  LanguageTrainer(Model& model, LanguageFitOptions options)
      : optimizer(options.optimizer),
        schedule(options.schedule),
        carried(model.carried_state(options.batch_size)),
        model_(&model),
        options_(std::move(options)) {
    if (options_.epochs == 0) throw option_error("epochs is 0, expected at least 1");
    if (schedule.needs_validation())
      throw option_error("language models: the plateau schedule needs a validation set; choose another");
    detail::check_not_negative("clip_norm", options_.clip_norm);
    if (options_.communicator)
      ranks_ =
          std::make_unique<detail::RankedStep<T>>(*options_.communicator, options_.shards, options_.wire);
    const detail::TrainsModel training(model_);
    initialize_untouched(model, options_.seed);
  }

  /// Reads epoch after epoch, until the last, or until on_step or `stop` ends it. After every epoch, also one
  /// that was not read to its end, on_epoch(Epoch) is called; false ends the training. `stop` ends it without
  /// that call. Throws numeric_error where loss or weights are not finite; the model then has the weights of
  /// the last whole epoch of this run, if there is one. With a communicator all ranks call it with the same
  /// text, options and model, as fit(): option_error where they differ, rank_error where another one failed.
  template <class OnEpoch> void run(const TokenSource& source, OnEpoch&& on_epoch) {
    const detail::TrainsModel training(model_);
    const FlushDenormals flush;
    tape_.set_seed(options_.seed);
    tape_.set_shards(ranks_.get());
    total_updates_ = count_updates(source);
    stopped_ = false;
    auto watched = detail::LoopOptions::of(options_);
    if (ranks_ != nullptr) watched = detail::watched_by_ranks(ranks_->communicator(), std::move(watched));
    detail::EpochLoop loop(std::move(watched));
    Snapshot good;
    Epoch epoch;
    detail::or_last_good(*model_, good, [&] {
      detail::or_tell_ranks(options_.communicator, [&] {
        if (ranks_ != nullptr) begin_ranks();
        loop.run([&] { return over(); }, [&] { epoch = train_epoch(source(state.epoch), loop); },
                 [&] { return finish_epoch(epoch, loop.ended(), good, on_epoch); });
      });
    });
    stopped_ = loop.stopped();
  }
  /// The same without an observer.
  void run(const TokenSource& source) {
    run(source, [](const Epoch&) { return true; });
  }

  /// Another observer than that of the options: one that may know the trainer. Not while run() runs.
  void set_on_step(StepCallback on_step) { options_.on_step = std::move(on_step); }

  State state;              ///< to be saved between updates, and set before run() to go on
  Optimizer<T> optimizer;   ///< with its moments
  Schedule schedule;        ///< as in the options; it remembers nothing
  CarriedState<T> carried;  ///< of batch_size streams, as the last window left them

  /// As given, but for set_on_step().
  [[nodiscard]] const LanguageFitOptions& options() const { return options_; }
  /// Did `stop` end the last run()?
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// With a communicator: what the sums of all runs took at this rank.
  [[nodiscard]] RankTraffic traffic() const {
    RankTraffic all = optimizer.traffic();
    return ranks_ == nullptr ? all : all += ranks_->traffic();
  }
  /// Updates of the whole training: what the schedule runs over. Known from the beginning of run().
  [[nodiscard]] std::size_t total_updates() const { return total_updates_; }

 private:
  [[nodiscard]] StreamOptions stream_options() const {
    return {options_.batch_size, options_.bptt, options_.random_length, options_.seed};
  }
  [[nodiscard]] bool over() const {
    return state.epoch > options_.epochs || (options_.max_updates > 0 && state.step >= options_.max_updates);
  }
  /// As many as all epochs have where each is as long as the first.
  [[nodiscard]] std::size_t count_updates(const TokenSource& source) const {
    const std::size_t total = TokenStreams(source(1), stream_options(), 1).windows() * options_.epochs;
    return options_.max_updates > 0 ? std::min(total, options_.max_updates) : total;
  }

  /// False where the observer ends the training.
  template <class OnEpoch>
  bool finish_epoch(const Epoch& epoch, bool ended, Snapshot& good, OnEpoch&& on_epoch) {
    if (!ended) {
      ++state.epoch;
      state.window = state.token = state.tokens = 0;
      state.loss_sum = state.seconds = 0;
      carried.reset();
      if (!over()) good.take(*model_);
    }
    const bool go_on = on_epoch(epoch);
    return ranks_ == nullptr ? go_on : !detail::any_rank(ranks_->communicator(), !go_on);
  }

  void begin_ranks() {
    const std::string options =
        "batch_size " + std::to_string(options_.batch_size) + ", bptt " + std::to_string(options_.bptt) +
        (options_.random_length ? " at random" : "") + ", epochs " + std::to_string(options_.epochs) +
        ", max_updates " + std::to_string(options_.max_updates) + ", shards " +
        std::to_string(options_.shards) + ", seed " + std::to_string(options_.seed) + ", clip_norm " +
        detail::number_text(options_.clip_norm) +
        detail::watched_text(static_cast<bool>(options_.on_step), static_cast<bool>(options_.stop)) +
        detail::updates_text(options_, total_updates_);
    optimizer.split_over(options_.shard_optimizer ? options_.communicator : CommunicatorRef());
    const std::string where = "update " + std::to_string(state.step) + ", window " +
                              std::to_string(state.window) + " of epoch " + std::to_string(state.epoch);
    detail::begin_on_ranks(ranks_->communicator(), *model_,
                           {{"the options of the training", options, "give all ranks the same options"},
                            {"what is trained already", where, "resume all ranks from the same checkpoint"}});
  }

  Epoch train_epoch(std::vector<Token> tokens, detail::EpochLoop& loop) {
    if (ranks_ != nullptr) {
      const SharedFact text{"the text of epoch " + std::to_string(state.epoch),
                            fingerprint(std::as_bytes(std::span(tokens))), "give all ranks the same files"};
      require_agreement(ranks_->communicator(), {&text, 1});
    }
    TokenStreams streams(std::move(tokens), stream_options(), state.epoch);
    streams.seek({state.window, state.token});
    Epoch epoch;
    epoch.epoch = state.epoch;
    const std::size_t of_epoch = streams.tokens() - state.token * options_.batch_size;
    std::size_t of_all = of_epoch + (options_.epochs - state.epoch) * streams.tokens();
    if (options_.max_updates > 0)
      of_all = std::min(of_all, (options_.max_updates - state.step) * options_.bptt * options_.batch_size);
    const std::size_t left = std::min(of_epoch, of_all);
    const std::string epochs = options_.max_updates > 0 ? "" : "/" + std::to_string(options_.epochs);
    const detail::EpochWork work{"epoch " + std::to_string(state.epoch) + epochs, left, of_all - left};
    const double seconds_before = state.seconds;
    loop.read_epoch(work, state.step, [&](Progress& progress) -> std::optional<StepReport> {
      if (!streams.next(batch_)) return {};
      const double loss = gradients_of_window();
      const auto count = batch_.next.size();
      epoch.learning_rate = update(static_cast<double>(count / options_.batch_size));
      state.window = streams.position().window;
      state.token = streams.position().token;
      state.loss_sum += loss * static_cast<double>(count);
      state.tokens += count;
      progress.advance(count);
      state.seconds = seconds_before + progress.seconds();
      return StepReport{state.step, loss, epoch.learning_rate};
    });
    if (ranks_ != nullptr)
      detail::require_same_values(ranks_->communicator(), *model_, optimizer.rates_digest(),
                                  "after update " + std::to_string(state.step));
    require_finite(*model_,
                   "after update " + std::to_string(state.step) + " of epoch " + std::to_string(epoch.epoch));
    epoch.seconds = state.seconds;
    epoch.tokens_per_second = static_cast<double>(state.tokens) / std::max(epoch.seconds, 1e-9);
    epoch.train_loss = state.loss_sum / static_cast<double>(std::max<std::size_t>(1, state.tokens));
    return epoch;
  }

  double gradients_of_window() {
    tape_.reset(static_cast<std::uint32_t>(state.step + 1));
    zero_gradients(*model_);
    if (ranks_ == nullptr) return run_backward(batch_, carried);
    const auto own = ranks_->deal(detail::lengths_of(batch_.tokens));
    own_part_.assign_part(batch_, own);
    if (own_carried_.streams() != own.size()) own_carried_ = model_->carried_state(own.size());
    own_carried_.take(carried, own);
    const double value = run_backward(own_part_, own_carried_);
    if (!gradients_seen_) detail::require_no_gradients(*model_);
    gradients_seen_ = true;
    ranks_->add_gradients();
    // All ranks know the states of all streams: a checkpoint goes on with any number of ranks.
    carried.put(own_carried_, own);
    carried.for_each_buffer([&](AlignedBuffer<T>& buffer) {
      for (T& number : buffer.span()) number += T(0);  // zeros of one sign
      ranks_->sum_over_ranks(buffer.span());
    });
    return value;
  }
  double run_backward(const StreamBatch& window, CarriedState<T>& states) {
    const LanguageOutput<T> output = model_->forward(tape_, window.tokens, states);
    const Var<T> loss = cross_entropy(output.logits, window.next);
    const double value = detail::finite_loss(loss, state.epoch, state.step + 1);
    tape_.backward(output.penalty.defined() ? loss + output.penalty : loss);
    return value;
  }

  /// A window of random length is given a rate in proportion.
  double update(double steps) {
    const double share = options_.random_length ? steps / static_cast<double>(options_.bptt) : 1.0;
    const double rate = detail::update_weights(*model_, optimizer, schedule, {options_.clip_norm}, state.step,
                                               total_updates_, share);
    ++state.step;
    return rate;
  }

  Model* model_;
  LanguageFitOptions options_;
  StreamBatch own_part_;  // this rank's streams, and what is theirs
  CarriedState<T> own_carried_;
  Tape<T> tape_;
  std::unique_ptr<detail::RankedStep<T>> ranks_;  // null without a communicator; ends before the tape
  StreamBatch batch_;
  std::size_t total_updates_ = 0;
  bool gradients_seen_ = false;  // of the first window on ranks
  bool stopped_ = false;         // by LanguageFitOptions::stop
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/language_model.ipp>
#endif
