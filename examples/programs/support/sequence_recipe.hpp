// How promoter and protein classifiers are trained: a bidirectional LSTM on letters or k-mers, with or
// without their positions as validation says, or a head on a language model's encoder. What is special about
// a kind of sequence (letters, floor, data to run on) its program adds.
#pragma once

#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/train/self_training.hpp>

#include "support/classifier.hpp"

namespace examples {

struct SequenceOptions : ClassifierOptions {
  std::string position = "auto", unknown, encoder;
  std::size_t k = 1, stride = 1, hidden = 64, layers = 2;
  std::size_t ensemble = 1;       ///< networks
  double dropout = 0.3;           ///< factor of the encoder's dropouts
  bool from_scratch = false;      ///< the encoder's network, but from weights drawn anew
  std::size_t self_training = 0;  ///< rounds

  /// `letters` says which letters --unknown is about, `any` the letter for any other.
  void add_to(CLI::App& app, const std::string& letters, char any) {
    data.add_to(app);
    run.add_to(app, "as many as make " + std::to_string(million_tokens) +
                        " million tokens, 6 to 30; on a language model's encoder 16 or more, "
                        "with all layers");
    checkpoint.add_to(app);
    app.add_option("--position", position, "none, absolute, or auto: as validation says")
        ->check(CLI::IsMember({"none", "absolute", "auto"}))
        ->capture_default_str();
    app.add_option("--unknown", unknown, "letters beside " + letters + ": error, or map to " + any)
        ->check(CLI::IsMember({"map", "error"}))
        ->capture_default_str();
    app.add_option("--encoder", encoder,
                   "begin with the encoder that genome_language_model (or pretrain) saved");
    app.add_option("--encoder-dropout", dropout, "factor of the encoder's dropouts")->capture_default_str();
    app.add_flag("--from-scratch", from_scratch,
                 "draw the encoder's weights anew, to see what its reading is worth");
    const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
      app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
    };
    number("--k", k, most_letters, "letters per token");
    number("--stride", stride, most_letters, "letters between tokens");
    number("--hidden", hidden, most_units, "LSTM units per direction");
    number("--layers", layers, most_layers, "LSTM layers");
    number("--ensemble", ensemble, most_networks,
           "networks that are trained; the mean of their outputs (logits, or numbers) counts");
    number("--self-training", self_training, most_networks,
           "so many times train again, also on what was said of the rows that --train-rows left out");
    auto& training = run.training_options;
    training.insert(training.end(),
                    {"--position", "--unknown", "--k", "--stride", "--hidden", "--layers", "--encoder",
                     "--encoder-dropout", "--from-scratch", "--ensemble", "--self-training"});
  }
  [[nodiscard]] Files files() const {
    Files files = ClassifierOptions::files();
    files.input("--encoder", encoder);
    return files;
  }
  void check(const CLI::App& app) const {
    check_at_least_one("--ensemble", ensemble);
    if (self_training > 0 && data.train_rows == 0)
      throw seqlstm::option_error("--self-training needs --train-rows: it labels the rows that are left out");
    if (encoder.empty()) {
      if (app.count("--encoder-dropout") > 0)
        throw seqlstm::option_error("--encoder-dropout needs --encoder FILE");
      if (from_scratch)
        throw seqlstm::option_error(
            "--from-scratch needs --encoder FILE: the network that is to be compared");
      return;
    }
    check_encoder_decides(app, {"--k", "--stride", "--hidden", "--layers"});
    if (app.count("--position") > 0 && position != "none")
      throw seqlstm::option_error("--position " + position +
                                  " and --encoder exclude each other: no positions are read; give none");
    if (!(dropout >= 0 && dropout <= 1))
      throw seqlstm::option_error("--encoder-dropout is " + std::to_string(dropout) +
                                  ", expected a factor from 0 to 1");
  }

  std::size_t million_tokens = 16;  ///< that training sees, where --epochs does not say otherwise
};

class SequenceRecipe : public ClassifierRecipe {
 public:
  /// `composition`: whether the network's head also sees which letters there are and how many.
  SequenceRecipe(const SequenceOptions& options, const seqlstm::Alphabet& alphabet, bool composition)
      : options_(options), alphabet_(alphabet), composition_(composition) {}

  [[nodiscard]] seqlstm::Tokenizer tokenizer() const {
    const auto unknown = options_.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error;
    if (options_.encoder.empty())
      return {alphabet_, {.k = options_.k, .stride = options_.stride, .unknown = unknown}};
    const auto own =
        seqlstm::io::tokenizer_of(options_.encoder, seqlstm::io::read_model_info(options_.encoder));
    if (own.alphabet().options().nucleotides != alphabet_.options().nucleotides)
      throw seqlstm::option_error(options_.encoder + ": the encoder reads letters of " +
                                  std::string(own.alphabet().name()) + ", here are " +
                                  std::string(alphabet_.name()) + "; give one that read the same kind");
    auto as_read = own.options();
    const bool has_any = own.alphabet().any() != '\0';
    as_read.unknown = unknown == seqlstm::unknown::map && !has_any ? seqlstm::unknown::skip : unknown;
    return {own.alphabet(), as_read};
  }
  /// A network, and with --self-training one after the other that learns what the one before says of rows
  /// without a label, as long as the validation loss falls.
  [[nodiscard]] Candidate train(const Encoded& data, Fits& fits) const {
    if (options_.self_training > 0 &&
        (data.objective.outputs() != 1 || data.objective.task != seqlstm::Task::binary ||
         data.unlabelled.size() == 0))
      throw seqlstm::option_error("--self-training needs two classes, and rows that --train-rows left out");
    Candidate best = train_once(data, fits);
    constexpr std::uint32_t draws_rows = 0x53454C46U;  // "SELF"
    for (std::uint32_t round = 0; round < options_.self_training && !fits.ended(); ++round) {
      Encoded more = data;
      more.train = seqlstm::pseudo_labelled(best.net, data.unlabelled, data.train, data.objective.loss(),
                                            {options_.run.seed, draws_rows, round});
      std::cout << "self-training on " << more.train.size() << " rows:" << std::endl;
      Candidate next = train_once(more, fits);
      const bool kept = next.valid_loss < best.valid_loss;
      std::cout << "validation loss " << best.valid_loss << " before, " << next.valid_loss
                << " after: " << (kept ? "kept" : "not kept") << std::endl;
      if (!kept) break;
      best = std::move(next);
      best.config = config(more);
      best.config["self_training"] = round + 1;
    }
    return best;
  }
  [[nodiscard]] bool reads_unlabelled() const { return options_.self_training > 0; }
  [[nodiscard]] nlohmann::json config(const Encoded& data) const {
    nlohmann::json json = {{"k", data.train.tokenizer.options().k},
                           {"stride", data.train.tokenizer.options().stride},
                           {"train_rows", data.train.size()},
                           {"self_training", 0},  // rounds that were kept
                           {"learning_rate", options_.run.learning_rate}};
    if (options_.encoder.empty()) {
      json["epochs"] = epochs(data);
      return json;
    }
    json["encoder"] = std::filesystem::path(options_.encoder).filename().string();
    json["encoder_checksum"] = seqlstm::io::read_model_info(options_.encoder).checksum;
    json["encoder_dropout"] = options_.dropout;
    json["from_scratch"] = options_.from_scratch;
    json["rate_decay"] = decay().rate;
    if (!on_residues()) json["passes_per_epoch"] = passes(data);
    const auto stages = on_residues() ? residue_stages(data) : encoder_stages(data);
    std::size_t epochs = 0;
    for (const auto& stage : stages) {
      json["stages"].push_back(
          {{"first_group", stage.first_group}, {"epochs", stage.epochs}, {"max_lr", stage.max_lr}});
      epochs += stage.epochs;
    }
    json["epochs"] = epochs;
    return json;
  }

 protected:
  [[nodiscard]] const SequenceOptions& options() const { return options_; }
  [[nodiscard]] static seqlstm::OptimizerSpec optimizer() {
    return seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01});
  }
  /// Small sets need more passes than large ones.
  [[nodiscard]] std::size_t epochs(const Encoded& data) const {
    const std::size_t wanted = options_.million_tokens * 1000000;
    return options_.run.epochs.value_or(
        std::clamp<std::size_t>(wanted / std::max<std::size_t>(1, data.train.tokens()), 6, 30));
  }

 private:
  /// A network, or as many of its kind as --ensemble says, each from a seed of its own.
  [[nodiscard]] Candidate train_once(const Encoded& data, Fits& fits) const {
    Candidate all = train_first(data, fits);
    RunOptions run = options_.run;
    for (std::size_t n = 1; n < options_.ensemble && !fits.ended(); ++n) {
      std::cout << "network " << n + 1 << " of " << options_.ensemble << ':' << std::endl;
      run.seed = options_.run.seed + (std::uint64_t{n} << 32U);
      Candidate next =
          options_.encoder.empty()
              ? train(data, std::get<seqlstm::SequenceClassifierOptions>(all.net[0].options()), run, fits)
              : train_on(data, run, fits);
      if (!fits.ended()) all.net.join(std::move(next.net));  // those that are trained to their end
    }
    if (all.net.size() > 1) all.valid_loss = loss_of(all.net, data);
    return all;
  }
  /// Where there is a choice, every kind of network is trained; the one of the lowest validation loss stays.
  [[nodiscard]] Candidate train_first(const Encoded& data, Fits& fits) const {
    if (!options_.encoder.empty()) return train_on(data, options_.run, fits);
    std::optional<Candidate> best;
    for (const auto& shape : shapes(data)) {
      std::cout << (shape.positions > 0 ? "with positions, " : "without positions, ")
                << std::lround(100 * shape.token_mask) << " % of letters hidden, dropout "
                << shape.head_dropout << ':' << std::endl;
      Candidate next = train(data, shape, options_.run, fits);
      if (!best || next.valid_loss < best->valid_loss) best = std::move(next);
      if (fits.ended()) break;
    }
    return std::move(*best);
  }
  /// What there is to choose from.
  [[nodiscard]] std::vector<seqlstm::SequenceClassifierOptions> shapes(const Encoded& data) const {
    std::vector<seqlstm::SequenceClassifierOptions> shapes;
    for (const std::size_t positions : position_choices(data))
      for (const auto& [mask, dropout] : forgetting_choices(data))
        shapes.push_back({.vocabulary = data.vocabulary(),
                          .positions = positions,
                          .hidden = options_.hidden,
                          .layers = options_.layers,
                          .outputs = data.objective.outputs(),
                          .composition = composition_,
                          .token_mask = mask,
                          .head_dropout = dropout});
    return shapes;
  }
  /// As --position says; auto asks validation where all sequences have one length.
  [[nodiscard]] std::vector<std::size_t> position_choices(const Encoded& data) const {
    const bool fixed = data.same_length();
    if (options_.position == "absolute" && !fixed)
      throw seqlstm::option_error("--position absolute needs sequences of one length; use --position none");
    if (options_.position == "absolute") return {data.train.max_length()};
    if (options_.position == "none" || !fixed) return {0};
    return {0, data.train.max_length()};
  }
  /// What training hides: a share of the letters, and of what the head sees.
  struct Forgetting {
    double mask, dropout;
  };
  /// A number may depend on single letters, so that none may be hidden, or be so noisy that much must be. Few
  /// proteins are soon known by heart: maybe more is to be hidden.
  [[nodiscard]] std::vector<Forgetting> forgetting_choices(const Encoded& data) const {
    constexpr std::size_t few = 100000;  // residues
    const seqlstm::SequenceClassifierOptions usual;
    if (data.objective.task == seqlstm::Task::regression)
      return {{0, usual.head_dropout}, {usual.token_mask, 0.7}};
    std::vector<Forgetting> choices = {{usual.token_mask, usual.head_dropout}};
    if (!alphabet_.options().nucleotides && data.train.tokens() < few)
      choices.push_back({0.35, usual.head_dropout});
    return choices;
  }
  [[nodiscard]] Candidate train(const Encoded& data, const seqlstm::SequenceClassifierOptions& shape,
                                const RunOptions& run, Fits& fits) const {
    return train_net(shape, data, run, fits,
                     {.optimizer = optimizer(),
                      .schedule = seqlstm::one_cycle(options_.run.learning_rate),
                      .epochs = epochs(data),
                      .clip_norm = 1});
  }
  [[nodiscard]] Candidate train_on(const Encoded& data, const RunOptions& run, Fits& fits) const {
    return on_residues() ? train_on_residues(data, run, fits) : train_on_encoder(data, run, fits);
  }
  /// Begins with a language model's encoder: the head alone, then one more LSTM at a time, then everything
  /// (Howard and Ruder 2018, section 3.3).
  [[nodiscard]] Candidate train_on_encoder(const Encoded& data, const RunOptions& run, Fits& fits) const {
    if (data.vocabulary() != data.train.vocabulary())
      throw seqlstm::option_error(
          "--extra-column and --encoder exclude each other: the encoder reads letters");
    const auto shape = seqlstm::io::read_encoder_info(options_.encoder).options;
    Net net(seqlstm::EncoderClassifierOptions{.tokenizer = data.train.tokenizer.to_config(),
                                              .width = shape.width,
                                              .hidden = shape.hidden,
                                              .layers = shape.layers,
                                              .outputs = data.objective.outputs(),
                                              .dropout = options_.dropout});
    seqlstm::initialize(net, run.seed);
    run.apply(net);
    auto& own = *net[0].get_if<seqlstm::EncoderClassifier<float>>();
    if (!options_.from_scratch)
      seqlstm::io::load_encoder(options_.encoder, own.encoder, data.train.tokenizer);
    const auto fit = completed({.optimizer = optimizer(),
                                .schedule = seqlstm::one_cycle({.base_momentum = 0.7, .max_momentum = 0.8}),
                                .batch_size = batch_size(data),
                                .clip_norm = 1},
                               data, run);
    auto fitted = in_stages(net, own.groups(), encoder_stages(data), repeated(data.train, passes(data)), data,
                            fit, fits);
    return judged(std::move(net), std::move(fitted), data);
  }
  /// Does --encoder name a network that read proteins with some residues hidden?
  [[nodiscard]] bool on_residues() const {
    return !options_.encoder.empty() && seqlstm::io::is_masked_model(options_.encoder);
  }
  /// Begins with such a network's vectors and LSTM: the head alone, then everything.
  [[nodiscard]] Candidate train_on_residues(const Encoded& data, const RunOptions& run, Fits& fits) const {
    const auto shape = seqlstm::io::read_masked_model_options(options_.encoder);
    Net net(seqlstm::SequenceClassifierOptions{.vocabulary = data.vocabulary(),
                                               .width = shape.width,
                                               .hidden = shape.hidden,
                                               .layers = shape.layers,
                                               .outputs = data.objective.outputs(),
                                               .composition = composition_,
                                               .token_mask = forgetting_choices(data)[0].mask});
    seqlstm::initialize(net, run.seed);
    run.apply(net);
    auto& own = *net[0].get_if<seqlstm::SequenceClassifier<float>>();
    if (!options_.from_scratch) seqlstm::io::load_masked_encoder(options_.encoder, own, data.train.tokenizer);
    const auto fit =
        completed({.optimizer = optimizer(), .schedule = seqlstm::one_cycle({}), .clip_norm = 1}, data, run);
    auto fitted = in_stages(net, own.groups(), residue_stages(data), data.train, data, fit, fits);
    return judged(std::move(net), std::move(fitted), data);
  }
  /// One fit for each stage.
  [[nodiscard]] seqlstm::FitResult in_stages(Net& net, const seqlstm::LayerGroups& groups,
                                             const std::vector<seqlstm::UnfreezeStage>& stages,
                                             const seqlstm::TokenDataset& train, const Encoded& data,
                                             const seqlstm::FitOptions& fit, Fits& fits) const {
    return seqlstm::fit_in_stages(
        net, groups, stages, train, data.valid, fit, decay(),
        [&](const seqlstm::FitOptions& stage) { return fits(net, train, data.valid, stage); });
  }
  [[nodiscard]] std::vector<seqlstm::UnfreezeStage> residue_stages(const Encoded& data) const {
    const std::size_t all = epochs(data);
    return unfrozen({{1, std::max<std::size_t>(1, all / 5), options_.run.learning_rate},
                     {0, all, options_.run.learning_rate}});
  }
  [[nodiscard]] std::vector<seqlstm::UnfreezeStage> encoder_stages(const Encoded& data) const {
    return unfrozen(stages(data, seqlstm::io::read_encoder_info(options_.encoder).options.layers + 1));
  }
  /// With --from-scratch: as many epochs in all (or as --epochs says), but in one stage, in which all layers
  /// learn, and at one rate: there is nothing below to be kept.
  [[nodiscard]] std::vector<seqlstm::UnfreezeStage> unfrozen(
      std::vector<seqlstm::UnfreezeStage> stages) const {
    if (!options_.from_scratch) return stages;
    std::size_t epochs = 0;
    for (const auto& stage : stages) epochs += stage.epochs;
    return {{0, options_.run.epochs.value_or(epochs), stages.back().max_lr}};
  }
  [[nodiscard]] seqlstm::GroupDecay decay() const {
    return options_.from_scratch ? seqlstm::GroupDecay{.rate = 1} : seqlstm::GroupDecay{};
  }
  /// Small sets come in small batches.
  static std::size_t batch_size(const Encoded& data) {
    return std::clamp<std::size_t>(data.train.size() / 8, 8, 64);
  }
  /// Batches of one pass over the training part.
  static std::size_t batches(const Encoded& data) {
    return std::max<std::size_t>(1, data.train.size() / batch_size(data));
  }
  /// Passes that make an epoch: of a small set several, or validation would take most of the time.
  static std::size_t passes(const Encoded& data) {
    constexpr std::size_t fewest = 10;  // batches of an epoch
    return (fewest + batches(data) - 1) / batches(data);
  }
  /// Small sets need more passes: a stage has at least `fewest` updates, the last one 16 epochs. Large sets
  /// bear higher rates.
  [[nodiscard]] std::vector<seqlstm::UnfreezeStage> stages(const Encoded& data, std::size_t groups) const {
    constexpr std::size_t fewest = 40, fewest_whole = 16;  // updates of a stage, epochs of the last one
    const std::size_t updates = batches(data) * passes(data), epochs = (fewest + updates - 1) / updates;
    std::vector<seqlstm::UnfreezeStage> stages;
    const double bold = std::clamp(std::sqrt(static_cast<double>(data.train.size()) / 700), 1.0, 3.0);
    double rate = bold * 2.5 * options_.run.learning_rate;  // 1e-2 to 3e-2 by default
    for (std::size_t top = groups - 1; top > 0; --top, rate /= 2) stages.push_back({top, epochs, rate});
    stages.push_back({0, options_.run.epochs.value_or(std::max(fewest_whole, 8 * epochs)),
                      bold * options_.run.learning_rate / 4});
    return stages;
  }
  /// The training part so many times.
  static seqlstm::TokenDataset repeated(const seqlstm::TokenDataset& data, std::size_t times) {
    std::vector<std::size_t> rows(data.size() * times);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i % data.size();
    return data.subset(rows);
  }

  const SequenceOptions& options_;
  const seqlstm::Alphabet& alphabet_;
  bool composition_;
};

}  // namespace examples
