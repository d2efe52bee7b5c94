// Is this stretch of DNA a promoter? Trains a bidirectional LSTM on labelled sequences, says how good it is
// on the test part and how good a linear model is there, and keeps the model for later predictions.
//
//     promoter_classification                                              simulated sigma-70 promoters
//     promoter_classification --data genes.csv --save model.safetensors
//     promoter_classification --load model.safetensors --predict new.fa
//     promoter_classification --data genes.csv --encoder ecoli.safetensors     on a genome language model
//     promoter_classification explain --load model.safetensors --fasta promoters.fa --out why
//     promoter_classification scan --load model.safetensors --genome ecoli.fa --out ecoli

#include <seqlstm/io/encoder.hpp>

#include "support/classifier.hpp"
#include "support/explain.hpp"
#include "support/linear_floor.hpp"
#include "support/scan.hpp"
#include "support/simulate.hpp"

namespace {

using namespace examples;

struct Options : ClassifierOptions {
  std::string position = "auto", unknown = "error", encoder;
  std::size_t k = 1, stride = 1, hidden = 64, layers = 2;
  double dropout = 0.5;  ///< factor of the encoder's dropouts

  void check(const CLI::App& app) const {
    if (encoder.empty()) {
      if (app.count("--encoder-dropout") > 0)
        throw seqlstm::option_error("--encoder-dropout needs --encoder FILE");
      return;
    }
    for (const char* option : {"--position", "--k", "--stride", "--hidden", "--layers"})
      if (app.count(option) > 0)
        throw seqlstm::option_error(std::string(option) +
                                    " and --encoder exclude each other: the encoder has its own");
    if (!(dropout >= 0 && dropout <= 1))
      throw seqlstm::option_error("--encoder-dropout is " + std::to_string(dropout) +
                                  ", expected a factor from 0 to 1");
  }
};

/// Small sets need more passes than large ones: as many as make about 16 million tokens.
std::size_t default_epochs(const seqlstm::TokenDataset& train) {
  return std::clamp<std::size_t>(16000000 / std::max<std::size_t>(1, train.tokens()), 6, 30);
}

struct PromoterRecipe {
  static constexpr const char* kind = "promoter_classification";
  static constexpr const char* floor_name = "linear model on positions and 3- and 4-mers";
  const Options& options;

  [[nodiscard]] seqlstm::Tokenizer tokenizer() const {
    const auto unknown = options.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error;
    if (options.encoder.empty())
      return {seqlstm::dna5, {.k = options.k, .stride = options.stride, .unknown = unknown}};
    const auto own = seqlstm::io::read_encoder_info(options.encoder).tokenizer;
    auto as_read = own.options();
    as_read.unknown = unknown;
    return {own.alphabet(), as_read};
  }
  [[nodiscard]] static seqlstm::LabelledRecords simulated(std::uint64_t seed) {
    return simulate_promoters(3000, seed);
  }
  [[nodiscard]] std::size_t epochs(const Encoded& data) const {
    return options.run.epochs.value_or(default_epochs(data.train));
  }
  [[nodiscard]] Candidate train(const Encoded& data, std::size_t positions) const {
    std::cout << (positions > 0 ? "with positions:" : "without positions:") << std::endl;
    return train_net(
        SequenceNetOptions{.vocabulary = data.train.vocabulary(),
                           .positions = positions,
                           .hidden = options.hidden,
                           .layers = options.layers,
                           .outputs = data.plan.outputs()},
        data, options.run,
        {.optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01}), .epochs = epochs(data)});
  }
  /// Begins with a language model's encoder: the head alone, then one more LSTM at a time, then everything
  /// (Howard and Ruder 2018, section 3.3).
  [[nodiscard]] Candidate train_on_encoder(const Encoded& data) const {
    const auto shape = seqlstm::io::read_encoder_info(options.encoder).options;
    Net net(EncoderNetOptions{.vocabulary = data.train.vocabulary(),
                              .width = shape.width,
                              .hidden = shape.hidden,
                              .layers = shape.layers,
                              .outputs = data.plan.outputs(),
                              .dropout = options.dropout});
    seqlstm::initialize(net, options.run.seed);
    seqlstm::io::load_encoder(options.encoder, net.on_encoder()->encoder, data.train.tokenizer);
    auto fit =
        completed({.optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01})}, data, options.run);
    fit.schedule = seqlstm::one_cycle({.base_momentum = 0.7, .max_momentum = 0.8});
    fit.batch_size = batch_size(data);
    const auto groups = net.on_encoder()->groups();
    auto fitted =
        seqlstm::fit_in_stages(net, groups, stages(data, groups.size()), data.train, data.valid, fit);
    return judged(std::move(net), std::move(fitted), data);
  }
  /// Small sets come in small batches.
  static std::size_t batch_size(const Encoded& data) {
    return std::clamp<std::size_t>(data.train.size() / 8, 8, 64);
  }
  /// Small sets need more passes: a stage has at least `fewest` updates.
  [[nodiscard]] std::vector<seqlstm::UnfreezeStage> stages(const Encoded& data, std::size_t groups) const {
    constexpr std::size_t fewest = 40;
    const std::size_t updates = std::max<std::size_t>(1, data.train.size() / batch_size(data));
    const std::size_t passes = std::max<std::size_t>(1, (fewest + updates - 1) / updates);
    std::vector<seqlstm::UnfreezeStage> stages;
    double rate = 2.5 * options.run.learning_rate;  // 1e-2 by default
    for (std::size_t top = groups - 1; top > 0; --top, rate /= 2) stages.push_back({top, passes, rate});
    stages.push_back({0, options.run.epochs.value_or(5 * passes), options.run.learning_rate / 4});
    return stages;
  }

  /// As --position says; auto trains both ways where it can and keeps the one with the lower validation loss.
  [[nodiscard]] Candidate train(const Encoded& data) const {
    if (!options.encoder.empty()) return train_on_encoder(data);
    const bool fixed = data.same_length();
    if (options.position == "absolute" && !fixed)
      throw seqlstm::option_error("--position absolute needs sequences of one length; use --position none");
    if (options.position == "absolute") return train(data, data.train.max_length());
    Candidate plain = train(data, 0);
    if (options.position == "none" || !fixed) return plain;
    Candidate placed = train(data, data.train.max_length());
    return placed.valid_loss < plain.valid_loss ? std::move(placed) : std::move(plain);
  }
  [[nodiscard]] seqlstm::Report floor(const Parts& parts, const Encoded& data) const {
    const std::size_t positions = data.same_length() ? parts.train.records[0].sequence.size() : 0;
    return linear_floor(parts, data.plan, positions);
  }
  [[nodiscard]] nlohmann::json config(const Encoded& data) const {
    nlohmann::json json = {{"k", data.train.tokenizer.options().k},
                           {"stride", data.train.tokenizer.options().stride},
                           {"train_rows", data.train.size()},
                           {"learning_rate", options.run.learning_rate}};
    if (options.encoder.empty()) {
      json["epochs"] = epochs(data);
      return json;
    }
    json["encoder"] = std::filesystem::path(options.encoder).filename().string();
    json["encoder_dropout"] = options.dropout;
    std::size_t epochs = 0;
    for (const auto& stage :
         stages(data, seqlstm::io::read_encoder_info(options.encoder).options.layers + 1)) {
      json["stages"].push_back(
          {{"first_group", stage.first_group}, {"epochs", stage.epochs}, {"max_lr", stage.max_lr}});
      epochs += stage.epochs;
    }
    json["epochs"] = epochs;
    return json;
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Promoter classification with a bidirectional LSTM", PromoterRecipe::kind);
  Options options;
  options.data.add_to(app);
  options.run.add_to(app, "as many as make 16 million tokens, 6 to 30");
  app.add_option("--position", options.position, "none, absolute, or auto: as validation says")
      ->check(CLI::IsMember({"none", "absolute", "auto"}))
      ->capture_default_str();
  app.add_option("--unknown", options.unknown, "letters beside ACGTN: error, or map to N")
      ->check(CLI::IsMember({"map", "error"}))
      ->capture_default_str();
  app.add_option("--encoder", options.encoder, "begin with the encoder that genome_language_model saved");
  app.add_option("--encoder-dropout", options.dropout, "factor of the encoder's dropouts")
      ->capture_default_str();
  ScanOptions scan;
  auto* scanning = app.add_subcommand("scan", "slide a saved model over a genome, both strands");
  scan.add_to(*scanning);
  ExplainOptions explaining;
  auto* explained = app.add_subcommand("explain", "what every letter of a sequence means to a saved model");
  explaining.add_to(*explained);
  const auto number = [&](const char* name, std::size_t& value, const char* help) {
    app.add_option(name, value, help)->check(whole_number())->capture_default_str();
  };
  number("--k", options.k, "letters per token");
  number("--stride", options.stride, "letters between tokens");
  number("--hidden", options.hidden, "LSTM units per direction");
  number("--layers", options.layers, "LSTM layers");
  auto& training = options.run.training_options;
  training.insert(training.end(), {"--position", "--unknown", "--k", "--stride", "--hidden", "--layers",
                                   "--encoder", "--encoder-dropout"});
  return run_program(app, argc, argv, [&] {
    if (scanning->parsed()) return Scan(scan, PromoterRecipe::kind).run();
    if (explained->parsed()) return explain(explaining, PromoterRecipe::kind);
    options.check(app);
    const PromoterRecipe recipe{options};
    Classifier(recipe, options).run();
  });
}
