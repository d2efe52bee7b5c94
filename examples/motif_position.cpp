// The same motif, AKGDKICL, means one class at either end of a protein and another in its middle. Only its
// place tells them apart: a bag of residues cannot, an LSTM that reads in order can.

#include <seqlstm/data/split.hpp>
#include <seqlstm/io/file.hpp>

#include "support/program.hpp"
#include "support/simulate.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

/// What a bag of residues sees: the mean of the residues' vectors, whatever their order.
auto bag_of_residues() {
  return sequential(embedding(16), mean(), dense(32), relu(), dense(1));
}
auto reader() {
  return sequential(embedding(16), lstm({.hidden = 32, .bidirectional = true}), concat(last(), max()),
                    dense(1));
}

constexpr std::size_t default_epochs = 12;

struct Options {
  RunOptions run;
  std::size_t length = 200, records = 8000;
};

template <class Model>
Report train(Model& model, const std::array<TokenDataset, 3>& data, const Options& options,
             FitResult& fitted) {
  fitted = fit(model, data[0], data[1],
               {.loss = bce_with_logits(),
                .optimizer = adam(),
                .schedule = one_cycle(options.run.learning_rate),
                .epochs = options.run.epochs.value_or(default_epochs),
                .seed = options.run.seed,
                .clip_norm = 1,
                .callbacks = {epoch_lines(std::cout, "accuracy")},
                .progress = &std::cerr,
                .terminal = on_terminal()});
  return evaluate(model, data[2]);
}

void run(const Options& options) {
  options.run.check();
  if (options.length < 64 || options.length > 100000)
    throw option_error("--length is " + std::to_string(options.length) + ", expected 64 to 100000");
  if (options.records < 100)
    throw option_error("--records is " + std::to_string(options.records) + ", expected at least 100");
  set_threads(options.run.threads);
  const auto data =
      split(encode(simulate_motif_position(options.records, options.length, options.run.seed), aa20),
            {0.8, 0.1, 0.1}, {.seed = options.run.seed, .stratified = true});
  FitResult fitted, bag_fitted;
  auto bag = bag_of_residues();
  std::cout << "bag of residues:\n";
  const Report floor = train(bag, data, options, bag_fitted);
  auto model = reader();
  std::cout << "bidirectional LSTM:\n";
  const Report test = train(model, data, options, fitted);
  std::cout << "\ntest part:\n"
            << test << "bag of residues: accuracy " << floor["accuracy"] << " (chance is 0.5)\n";
  if (options.run.json.empty()) return;
  auto json = result_json(test, floor, fitted, options.run);
  json["config"] = {{"length", options.length},
                    {"records", options.records},
                    {"epochs", options.run.epochs.value_or(default_epochs)}};
  io::write_file_atomically(options.run.json, json.dump(2) + "\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Where a motif stands, not whether, decides the class", "motif_position");
  Options options;
  options.run.learning_rate = 1e-2;
  options.run.add_to(app, std::to_string(default_epochs));
  app.add_option("--length", options.length, "residues per protein")->capture_default_str();
  app.add_option("--records", options.records, "proteins")->capture_default_str();
  return run_program(app, argc, argv, [&] { run(options); });
}
