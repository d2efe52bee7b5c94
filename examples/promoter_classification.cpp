// Is this stretch of DNA a promoter? Trains a bidirectional LSTM on labelled sequences, says how good it is
// on the test part and how good a linear model is there, and keeps the model for later predictions.
//
//     promoter_classification                                              simulated sigma-70 promoters
//     promoter_classification --data genes.csv --save model.safetensors
//     promoter_classification --load model.safetensors --predict new.fa

#include "support/classifier.hpp"
#include "support/linear_floor.hpp"
#include "support/simulate.hpp"

namespace {

using namespace examples;

struct Options : ClassifierOptions {
  std::string position = "auto", unknown = "error";
  std::size_t k = 1, stride = 1, hidden = 64, layers = 2;
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
    return {seqlstm::dna5,
            {.k = options.k,
             .stride = options.stride,
             .unknown = options.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error}};
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
        {.vocabulary = data.train.vocabulary(),
         .positions = positions,
         .hidden = options.hidden,
         .layers = options.layers,
         .outputs = data.plan.outputs()},
        data, options.run,
        {.optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01}), .epochs = epochs(data)});
  }
  /// As --position says; auto trains both ways where it can and keeps the one with the lower validation loss.
  [[nodiscard]] Candidate train(const Encoded& data) const {
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
    return {{"k", options.k},
            {"stride", options.stride},
            {"epochs", epochs(data)},
            {"learning_rate", options.run.learning_rate}};
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
  const auto number = [&](const char* name, std::size_t& value, const char* help) {
    app.add_option(name, value, help)->check(whole_number())->capture_default_str();
  };
  number("--k", options.k, "letters per token");
  number("--stride", options.stride, "letters between tokens");
  number("--hidden", options.hidden, "LSTM units per direction");
  number("--layers", options.layers, "LSTM layers");
  auto& training = options.run.training_options;
  training.insert(training.end(), {"--position", "--unknown", "--k", "--stride", "--hidden", "--layers"});
  return run_program(app, argc, argv, [&] {
    const PromoterRecipe recipe{options};
    Classifier(recipe, options).run();
  });
}
