// Definitions of classifier_training.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/folds.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <seqlstm/train/self_training.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline OptimizerSpec classifier_optimizer() {
  return adamw({.beta2 = 0.99, .weight_decay = 0.01});
}
/// Small sets come in small batches.
inline std::size_t encoder_batch_size(const EncodedParts& data) {
  return std::clamp<std::size_t>(data.train.size() / 8, 8, 64);
}
/// Batches of one pass over the training part.
inline std::size_t encoder_batches(const EncodedParts& data) {
  return std::max<std::size_t>(1, data.train.size() / encoder_batch_size(data));
}
/// Passes that make an epoch: of a small set several, or validation would take most of the time.
inline std::size_t encoder_passes(const EncodedParts& data) {
  constexpr std::size_t fewest = 10;  // batches of an epoch
  return (fewest + encoder_batches(data) - 1) / encoder_batches(data);
}
/// Of network n of several.
inline std::uint64_t member_seed(std::uint64_t seed, std::size_t n) {
  return seed + (std::uint64_t{n} << 32U);
}
/// The data so many times.
inline SequenceDataset repeated(const SequenceDataset& data, std::size_t times) {
  std::vector<std::size_t> rows(data.size() * times);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i % data.size();
  return data.subset(rows);
}
/// Throws option_error for a self-training that this data cannot have.
inline void check_self_training(const ClassifierTraining& options, const EncodedParts& data) {
  if (options.self_training == 0) return;
  if (data.objective.outputs() != 1 || data.objective.task != Task::binary || data.unlabelled.size() == 0)
    throw option_error("self_training needs two classes, and rows that train_rows left out");
  if (data.objective.site_weight > 0)
    throw option_error("self_training and sites exclude each other: rows without labels have no sites");
}
/// On the validation part.
inline double valid_loss_of(const ClassifierNet& net, const EncodedParts& data, CommunicatorRef ranks) {
  return predict(net, data.valid, data.objective.loss(), prediction_batches(data.valid), ranks).loss;
}

}  // namespace detail

SEQLSTM_INLINE FitSeries plain_fits() {
  const auto ended = std::make_shared<bool>(false);
  return {[ended](ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid,
                  FitOptions options) {
            auto result = fit(net, train, valid, std::move(options));
            *ended = result.stopped;
            return result;
          },
          [ended] { return *ended; }};
}

SEQLSTM_INLINE ClassifierTrainer::ClassifierTrainer(ClassifierTraining options, FitSeries fits)
    : options_(std::move(options)), fits_(std::move(fits)) {
  if (options_.ensemble == 0) throw option_error("ensemble is 0, expected at least 1");
  if (options_.committee == 1) throw option_error("committee is 1, expected at least 2 parts, or 0 for none");
  if (options_.committee > 0 && options_.self_training > 0)
    throw option_error("committee and self_training exclude each other: both say what is learned from");
  if (options_.encoder && options_.architecture != Architecture::recurrent)
    throw option_error("an encoder has its own network: leave architecture as it is");
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train(const EncodedParts& data) const {
  const ClassifierPlan planned = plan(data);  // first: it refuses what the data cannot have
  TrainedClassifier best = train_once(data);
  best.plan = planned;
  constexpr std::uint32_t draws_rows = 0x53454C46U;  // "SELF"
  for (std::uint32_t round = 0; round < options_.self_training && !fits_.over(); ++round) {
    EncodedParts more = data;
    more.train = pseudo_labelled(best.net, data.unlabelled, data.train, data.objective.loss(),
                                 {options_.seed, draws_rows, round});
    say("self-training on " + std::to_string(more.train.size()) + " rows:");
    TrainedClassifier next = train_once(more);
    const bool kept = next.valid_loss < best.valid_loss;
    say("validation loss " + detail::number_text(best.valid_loss) + " before, " +
        detail::number_text(next.valid_loss) + " after: " + (kept ? "kept" : "not kept"));
    if (!kept) break;
    best = std::move(next);
    best.plan = plan(more);
    best.self_training = round + 1;
  }
  return best;
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train(const AnyClassifierOptions& net,
                                                          const EncodedParts& data, FitOptions fit) const {
  ClassifierNet made = built(net, options_.seed);
  fit = completed(std::move(fit), data, options_.seed);
  auto fitted = fits_.fit(made, data.train, data.valid, fit);
  auto trained = judged(std::move(made), std::move(fitted), data);
  trained.plan = {.train_rows = data.train.size(), .epochs = fit.epochs};
  return trained;
}

SEQLSTM_INLINE std::size_t ClassifierTrainer::epochs(const EncodedParts& data) const {
  const std::size_t wanted = options_.million_tokens * 1000000;
  return options_.epochs.value_or(
      std::clamp<std::size_t>(wanted / std::max<std::size_t>(1, data.train.tokens()), 6, 30));
}

SEQLSTM_INLINE ClassifierPlan ClassifierTrainer::plan(const EncodedParts& data) const {
  detail::check_self_training(options_, data);
  if (options_.committee > 0) static_cast<void>(committee_rows(data));
  ClassifierPlan plan{.train_rows = data.train.size()};
  if (!options_.encoder) {
    static_cast<void>(choices(data));
    plan.epochs = epochs(data);
    return plan;
  }
  plan.stages = stages(data);
  for (const auto& stage : plan.stages) plan.epochs += stage.epochs;
  plan.rate_decay = decay().rate;
  if (!options_.encoder->masked()) plan.passes_per_epoch = detail::encoder_passes(data);
  return plan;
}

// A network, or as many of its kind as the ensemble has, each from a seed of its own.
SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_once(const EncodedParts& data) const {
  if (options_.committee > 0) return train_committee(data);
  TrainedClassifier all = train_first(data);
  for (std::size_t n = 1; n < options_.ensemble && !fits_.over(); ++n) {
    say("network " + std::to_string(n + 1) + " of " + std::to_string(options_.ensemble) + ":");
    TrainedClassifier next = train_like(all.net[0].options(), data, detail::member_seed(options_.seed, n));
    if (!fits_.over()) all.net.join(std::move(next.net));  // those that are trained to their end
  }
  if (all.net.size() > 1) all.valid_loss = detail::valid_loss_of(all.net, data, options_.communicator);
  return all;
}

// One more network of a kind that is chosen.
SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_like(const AnyClassifierOptions& net,
                                                               const EncodedParts& data,
                                                               std::uint64_t seed) const {
  return options_.encoder ? train_on(*options_.encoder, data, seed)
                          : train_plain(std::get<SequenceClassifierOptions>(net), data, seed);
}

// What there is to choose is chosen on the validation part as it is; the network that was trained for it
// answers only where the fits end before a member of the committee is trained.
SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_committee(const EncodedParts& data) const {
  const auto folds = committee_rows(data);
  AnyClassifierOptions net;
  std::optional<TrainedClassifier> chosen;
  if (!options_.encoder) {
    const auto nets = choices(data);
    if (nets.size() == 1) {
      net = nets[0];
    } else {
      chosen = train_first(data);
      if (fits_.over()) return std::move(*chosen);
      net = chosen->net[0].options();
    }
  }
  const SequenceDataset all = concat(data.train, data.valid);
  const std::size_t members = folds.size() * options_.ensemble;
  std::optional<TrainedClassifier> committee;
  for (std::size_t n = 0; n < members && !(committee && fits_.over()); ++n) {
    const Partition& rows = folds[n / options_.ensemble];
    const EncodedParts own{data.objective, data.inputs, all.subset(rows.train), all.subset(rows.valid),
                           data.test};
    say("network " + std::to_string(n + 1) + " of " + std::to_string(members) + ", validated on " +
        std::to_string(own.valid.size()) + " of " + std::to_string(all.size()) + " sequences:");
    TrainedClassifier next = train_like(net, own, detail::member_seed(options_.seed, n));
    if (fits_.over() && (committee || chosen)) break;
    Predictions said = predict(next.net, own.valid, data.objective.loss(), prediction_batches(own.valid),
                               options_.communicator);
    if (!committee) {
      committee = std::move(next);
    } else {
      committee->net.join(std::move(next.net));
    }
    committee->held_out.append(said);
    committee->held_out_labels.insert(committee->held_out_labels.end(), own.valid.labels.begin(),
                                      own.valid.labels.end());
  }
  if (!committee) return std::move(*chosen);
  if (committee->good()) committee->valid_loss = committee->held_out.loss;
  return std::move(*committee);
}

SEQLSTM_INLINE std::vector<Partition> ClassifierTrainer::committee_rows(const EncodedParts& data) const {
  if (!data.groups.empty()) return validation_folds(data.groups, options_.committee);
  const bool stratified = has_classes(data.objective.task) && !data.objective.one_hot;
  auto labels = data.train.labels;
  labels.insert(labels.end(), data.valid.labels.begin(), data.valid.labels.end());
  auto folds = k_fold(labels, data.train.size() + data.valid.size(), options_.committee,
                      {.seed = options_.seed, .stratified = stratified});
  for (Partition& fold : folds) std::swap(fold.valid, fold.test);
  return folds;
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_first(const EncodedParts& data) const {
  if (options_.encoder) return train_on(*options_.encoder, data, options_.seed);
  std::optional<TrainedClassifier> best;
  for (const auto& net : choices(data)) {
    say(std::string(net.positions > 0 ? "with positions, " : "without positions, ") +
        (net.attention_heads > 0 ? "convolutions and attention, "
         : net.filters > 0       ? "convolutions, "
                                 : "") +
        std::to_string(std::lround(100 * net.token_dropout)) + " % of letters hidden, dropout " +
        detail::number_text(net.head_dropout) + ":");
    TrainedClassifier next = train_plain(net, data, options_.seed);
    if (!best || next.valid_loss < best->valid_loss) best = std::move(next);
    if (fits_.over()) break;
  }
  return std::move(*best);
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_plain(const SequenceClassifierOptions& net,
                                                                const EncodedParts& data,
                                                                std::uint64_t seed) const {
  ClassifierNet made = built(net, seed);
  auto fitted = fits_.fit(made, data.train, data.valid,
                          completed({.optimizer = detail::classifier_optimizer(),
                                     .schedule = one_cycle(options_.learning_rate),
                                     .epochs = epochs(data),
                                     .clip_norm = 1},
                                    data, seed));
  return judged(std::move(made), std::move(fitted), data);
}

// Begins with the encoder: the head alone, then one more LSTM at a time, then everything (Howard and Ruder
// 2018, section 3.3); on a masked model the head alone, then everything.
SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_on(const EncoderStart& start,
                                                             const EncodedParts& data,
                                                             std::uint64_t seed) const {
  if (const auto* masked = std::get_if<MaskedLanguageModelOptions>(&start.options)) {
    ClassifierNet net = built(SequenceClassifierOptions{.vocabulary = data.vocabulary(),
                                                        .embedding_dim = masked->embedding_dim,
                                                        .hidden = masked->hidden,
                                                        .layers = masked->layers,
                                                        .outputs = data.objective.outputs(),
                                                        .composition = options_.composition,
                                                        .token_dropout = forgetting_choices(data)[0].tokens,
                                                        .sites = data.objective.site_weight > 0},
                              seed);
    if (start.load) start.load(net[0], data.train.tokenizer);
    const auto groups = net[0].get_if<SequenceClassifier<float>>()->groups();
    return train_stages(
        std::move(net), groups, data.train, data,
        completed({.optimizer = detail::classifier_optimizer(), .schedule = one_cycle({}), .clip_norm = 1},
                  data, seed));
  }
  if (data.vocabulary() != data.train.vocabulary())
    throw option_error("categorical inputs and an encoder exclude each other: the encoder reads letters");
  if (data.objective.site_weight > 0)
    throw option_error("sites and a language model's encoder exclude each other: its head looks for none");
  const auto& read = std::get<AwdLstmOptions>(start.options);
  ClassifierNet net = built(EncoderClassifierOptions{.tokenizer = data.train.tokenizer.to_config(),
                                                     .embedding_dim = read.embedding_dim,
                                                     .hidden = read.hidden,
                                                     .layers = read.layers,
                                                     .outputs = data.objective.outputs(),
                                                     .dropout = start.dropout},
                            seed);
  if (start.load) start.load(net[0], data.train.tokenizer);
  const auto groups = net[0].get_if<EncoderClassifier<float>>()->groups();
  return train_stages(std::move(net), groups, detail::repeated(data.train, detail::encoder_passes(data)),
                      data,
                      completed({.optimizer = detail::classifier_optimizer(),
                                 .schedule = one_cycle({.base_momentum = 0.7, .max_momentum = 0.8}),
                                 .batch_size = detail::encoder_batch_size(data),
                                 .clip_norm = 1},
                                data, seed));
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::train_stages(ClassifierNet net,
                                                                 const ParameterGroups& groups,
                                                                 const SequenceDataset& train,
                                                                 const EncodedParts& data,
                                                                 const FitOptions& fit) const {
  auto fitted =
      fit_in_stages(net, groups, stages(data), train, data.valid, fit, decay(),
                    [&](const FitOptions& stage) { return fits_.fit(net, train, data.valid, stage); });
  return judged(std::move(net), std::move(fitted), data);
}

SEQLSTM_INLINE TrainedClassifier ClassifierTrainer::judged(ClassifierNet net, FitResult fitted,
                                                           const EncodedParts& data) const {
  TrainedClassifier trained{std::move(net), std::move(fitted)};
  if (trained.good()) trained.valid_loss = detail::valid_loss_of(trained.net, data, options_.communicator);
  return trained;
}

SEQLSTM_INLINE ClassifierNet ClassifierTrainer::built(const AnyClassifierOptions& net,
                                                      std::uint64_t seed) const {
  require_memory(expected_parameters(net));
  ClassifierNet made(net);
  initialize(made, seed);
  set_precision(made, options_.precision);
  return made;
}

SEQLSTM_INLINE FitOptions ClassifierTrainer::completed(FitOptions fit, const EncodedParts& data,
                                                       std::uint64_t seed) const {
  fit.loss = data.objective.loss();
  const std::size_t most = batch_tokens(data.train, fit.batch_size);
  if (!data.train.same_length() || most < fit.batch_size * data.train.max_length()) fit.max_tokens = most;
  fit.seed = seed;
  fit.callbacks = options_.callbacks;
  fit.progress = options_.progress;
  fit.terminal = options_.terminal;
  fit.communicator = options_.communicator;
  fit.shards = options_.shards;
  fit.wire = options_.wire;
  fit.shard_optimizer = options_.shard_optimizer;
  if (options_.stop) fit.stop = options_.stop;
  return fit;
}

SEQLSTM_INLINE std::vector<SequenceClassifierOptions> ClassifierTrainer::choices(
    const EncodedParts& data) const {
  std::vector<SequenceClassifierOptions> nets;
  constexpr std::size_t filters = 32, heads = 4;
  for (const std::size_t positions : position_choices(data))
    for (const Architecture architecture : architecture_choices())
      for (const auto& [tokens, head] : forgetting_choices(data))
        nets.push_back({.vocabulary = data.vocabulary(),
                        .positions = positions,
                        .hidden = options_.hidden,
                        .layers = options_.layers,
                        .outputs = data.objective.outputs(),
                        .composition = options_.composition,
                        .token_dropout = tokens,
                        .head_dropout = head,
                        .filters = architecture == Architecture::recurrent ? 0 : filters,
                        .attention_heads = architecture == Architecture::attention ? heads : 0,
                        .sites = data.objective.site_weight > 0});
  return nets;
}

SEQLSTM_INLINE std::vector<ClassifierTraining::Architecture> ClassifierTrainer::architecture_choices() const {
  if (options_.architecture != Architecture::automatic) return {options_.architecture};
  return {Architecture::recurrent, Architecture::convolution, Architecture::attention};
}

SEQLSTM_INLINE std::vector<std::size_t> ClassifierTrainer::position_choices(const EncodedParts& data) const {
  using Positions = ClassifierTraining::Positions;
  const bool fixed = data.same_length();
  if (options_.positions == Positions::absolute && !fixed)
    throw option_error("positions need sequences of one length; train without positions");
  if (options_.positions == Positions::absolute) return {data.train.max_length()};
  if (options_.positions == Positions::none || !fixed) return {0};
  return {0, data.train.max_length()};
}

// A number may depend on single letters, so that none may be hidden, or be so noisy that much must be. Few
// proteins are soon known by heart: maybe more is to be hidden.
SEQLSTM_INLINE std::vector<ClassifierTrainer::Forgetting> ClassifierTrainer::forgetting_choices(
    const EncodedParts& data) {
  constexpr std::size_t few = 100000;  // residues
  const SequenceClassifierOptions usual;
  if (data.objective.task == Task::regression) return {{0, usual.head_dropout}, {usual.token_dropout, 0.7}};
  std::vector<Forgetting> choices = {{usual.token_dropout, usual.head_dropout}};
  if (!data.train.tokenizer.alphabet().options().nucleotides && data.train.tokens() < few)
    choices.push_back({0.35, usual.head_dropout});
  return choices;
}

// With weights drawn anew: as many epochs in all (or as the options say), but in one stage, in which all
// layers learn, and at one rate: there is nothing below to be kept.
SEQLSTM_INLINE std::vector<UnfreezeStage> ClassifierTrainer::stages(const EncodedParts& data) const {
  const EncoderStart& start = *options_.encoder;
  std::vector<UnfreezeStage> stages;
  if (start.masked()) {
    const std::size_t all = epochs(data);
    stages = {{1, std::max<std::size_t>(1, all / 5), options_.learning_rate},
              {0, all, options_.learning_rate}};
  } else {
    stages = language_stages(data, std::get<AwdLstmOptions>(start.options).layers + 1);
  }
  if (start.load) return stages;
  std::size_t total = 0;
  for (const auto& stage : stages) total += stage.epochs;
  return {{0, options_.epochs.value_or(total), stages.back().max_lr}};
}

// Small sets need more passes: a stage has at least `fewest` updates, the last one 16 epochs. Large sets bear
// higher rates.
SEQLSTM_INLINE std::vector<UnfreezeStage> ClassifierTrainer::language_stages(const EncodedParts& data,
                                                                             std::size_t groups) const {
  constexpr std::size_t fewest = 40, fewest_whole = 16;  // updates of a stage, epochs of the last one
  const std::size_t updates = detail::encoder_batches(data) * detail::encoder_passes(data),
                    epochs = (fewest + updates - 1) / updates;
  std::vector<UnfreezeStage> stages;
  const double bold = std::clamp(std::sqrt(static_cast<double>(data.train.size()) / 700), 1.0, 3.0);
  double rate = bold * 2.5 * options_.learning_rate;  // 1e-2 to 3e-2 by default
  for (std::size_t top = groups - 1; top > 0; --top, rate /= 2) stages.push_back({top, epochs, rate});
  stages.push_back(
      {0, options_.epochs.value_or(std::max(fewest_whole, 8 * epochs)), bold * options_.learning_rate / 4});
  return stages;
}

SEQLSTM_INLINE GroupDecay ClassifierTrainer::decay() const {
  return options_.encoder->load ? GroupDecay{} : GroupDecay{.rate = 1};
}

SEQLSTM_NAMESPACE_END
