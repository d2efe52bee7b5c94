// The same motif, AKGDKICL, means one class at either end of a protein and another in its middle. Only its
// place tells them apart: a bag of residues cannot, an LSTM that reads in order can.

#include <seqlstm/data/simulated.hpp>

#include "support/classifier.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

struct Options : ClassifierOptions {
  std::size_t length = 200, records = 8000;
};

constexpr const char* program_name = "motif_position";
constexpr std::size_t default_epochs = 12;

struct MotifKind : ClassifierKind {
  const Options& options;

  explicit MotifKind(const Options& o) : ClassifierKind(program_name), options(o) {}
  [[nodiscard]] Tokenizer tokenizer() const override { return {aa20}; }
  [[nodiscard]] LabelledRecords simulated(std::uint64_t seed) const override {
    if (options.length < 64 || options.length > 100000)
      throw option_error("--length is " + std::to_string(options.length) + ", expected 64 to 100000");
    if (options.records < 100)
      throw option_error("--records is " + std::to_string(options.records) + ", expected at least 100");
    return simulated_motif_positions(options.records, options.length, seed);
  }
  [[nodiscard]] std::size_t epochs() const { return options.run.epochs.value_or(default_epochs); }
  [[nodiscard]] TrainedClassifier train(const EncodedParts& data, const FitSeries& fits) const override {
    return ClassifierTrainer(options.training(data), fits)
        .train(SequenceClassifierOptions{.vocabulary = data.train.vocabulary(),
                                         .embedding_dim = 16,
                                         .hidden = 32,
                                         .layers = 1,
                                         .outputs = data.objective.outputs(),
                                         .token_dropout = 0,
                                         .head_dropout = 0},
               data,
               {.optimizer = adam(),
                .schedule = one_cycle(options.run.learning_rate),
                .epochs = epochs(),
                .clip_norm = 1});
  }
  [[nodiscard]] ClassifierPlan plan(const EncodedParts& data) const override {
    return {.train_rows = data.train.size(), .epochs = epochs()};
  }
  /// What a bag of residues sees: the mean of the residues' vectors, whatever their order.
  [[nodiscard]] std::vector<Baseline> baselines(const LabelledParts& parts, const EncodedParts& data,
                                                bool /*refit*/) const override {
    auto bag = sequential(embedding(16), mean(), dense(32), relu(), dense(data.objective.outputs()));
    fit(bag, data.train, data.valid,
        {.loss = data.objective.loss(),
         .optimizer = adam(),
         .schedule = one_cycle(options.run.learning_rate),
         .epochs = epochs(),
         .seed = parts.seed,
         .clip_norm = 1,
         .progress = nullptr});
    return {baseline_of("bag of residues (chance is 0.5)", data.objective, bag, data.test,
                        parts.test.label_names)};
  }
  [[nodiscard]] nlohmann::json config(const EncodedParts&, const ClassifierPlan& plan) const override {
    return {{"length", options.length}, {"records", options.records}, {"epochs", plan.epochs}};
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Where a motif stands, not whether, decides the class", program_name);
  Options options;
  options.run.learning_rate = 1e-2;
  options.data.add_to(app);
  options.run.add_to(app, std::to_string(default_epochs));
  options.add_checkpoint_to(app);
  options.run.add_page_to(app);
  app.add_option("--length", options.length, "residues per simulated protein")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--records", options.records, "simulated proteins")
      ->check(whole_number())
      ->capture_default_str();
  return run_program(app, argc, argv, [&] {
    options.run.check_page();
    check_files(options.files());
    Classifier(MotifKind(options), options).run();
  });
}
