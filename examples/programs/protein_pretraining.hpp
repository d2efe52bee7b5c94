// Reads proteins without labels, some residues hidden, and learns what stood there; a classifier goes on with
// what was learned (--encoder).
#pragma once

#include <chrono>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/train/masked_model.hpp>

#include "support/program.hpp"
#include "support/table_source.hpp"
#include "support/unknown_letters.hpp"

namespace examples {

struct PretrainOptions {
  std::vector<std::string> data;
  std::string sequence_column = "sequence", split_column = "set", save, json;
  seqlstm::MaskedLanguageModelOptions net;
  double masked = 0.15, learning_rate = 4e-3;
  std::uint64_t seed = 1;
  std::size_t epochs = 10;
  MachineOptions machine;
  std::optional<std::string> missing = {};  ///< words that stand for "no value", as TableOptions has them
  const CLI::Option* split_option = nullptr;

  void add_to(CLI::App& app) {
    app.add_option("--data", data,
                   "tables (.gz) or FASTA; of a table with parts the training part alone is read");
    app.add_option("--sequence-column", sequence_column, "column of the sequences")->capture_default_str();
    split_option = app.add_option("--split-column", split_column, "column with train, valid, test")
                       ->capture_default_str();
    TableOptions::add_missing_to(app, missing);
    app.add_option("--save", save, "write the encoder to this file")->required();
    app.add_option("--json", json, "write configuration and history to this file");
    machine.add_to(app);
    app.add_option("--masked", masked, "share of residues that is hidden")->capture_default_str();
    app.add_option("--learning-rate", learning_rate, "highest rate of the one-cycle schedule")
        ->capture_default_str();
    const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
      app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
    };
    number("--epochs", epochs, most_counted, "passes over the sequences");
    number("--width", net.embedding_dim, most_units, "of residue vectors");
    number("--hidden", net.hidden, most_units, "LSTM units per direction");
    number("--layers", net.layers, most_layers, "LSTM layers");
    app.add_option("--seed", seed, "draws weights, order and masks")
        ->check(seed_number())
        ->capture_default_str();
  }
};

class Pretraining {
 public:
  Pretraining(const PretrainOptions& options, const seqlstm::Alphabet& alphabet)
      : options_(options), tokenizer_(alphabet, {.unknown = seqlstm::unknown::map}) {}

  void run() {
    check_at_least_one("--epochs", options_.epochs);
    check_at_least_one("--width", options_.net.embedding_dim);
    check_at_least_one("--hidden", options_.net.hidden);
    check_at_least_one("--layers", options_.net.layers);
    seqlstm::io::FilePlan files;
    files.inputs("--data", options_.data);
    files.output("--save", options_.save);
    files.output("--json", options_.json);
    check_files(files);
    options_.machine.start();
    load();
    auto shape = options_.net;
    shape.vocabulary = tokenizer_.vocabulary();
    seqlstm::require_memory(expected_parameters(shape));
    seqlstm::MaskedLanguageModel<float> net(shape);
    seqlstm::initialize(net, options_.seed);
    options_.machine.apply_training(net);
    const auto start = std::chrono::steady_clock::now();
    nlohmann::json history;
    const auto say = [&](const seqlstm::MaskedEpoch& epoch) {
      std::cout << "epoch " << epoch.epoch << ": train loss " << epoch.train_loss << ", valid loss "
                << epoch.valid.loss << ", perplexity " << epoch.valid.perplexity() << ", accuracy "
                << epoch.valid.accuracy << ", " << seqlstm::duration_text(epoch.seconds) << ", "
                << static_cast<long long>(epoch.tokens_per_second) << " tokens/s" << std::endl;
      history.push_back({{"epoch", epoch.epoch},
                         {"train_loss", epoch.train_loss},
                         {"valid_loss", epoch.valid.loss},
                         {"perplexity", epoch.valid.perplexity()},
                         {"accuracy", epoch.valid.accuracy},
                         {"seconds", epoch.seconds},
                         {"tokens_per_second", epoch.tokens_per_second}});
      return true;
    };
    const auto save = [&] {
      options_.machine.as_trained(
          net, [&] { seqlstm::io::save_masked_model(options_.save, net, tokenizer_, valid_.sequence(0)); });
    };
    {
      const SignalWatch watch;  // until the model is saved
      seqlstm::MaskedFitResult fitted;
      try {
        fitted = seqlstm::fit_masked_model(net, train_, valid_, fit_options(), say);
      } catch (const seqlstm::numeric_error& error) {
        if (history.empty()) throw;
        save();  // the last whole epoch's weights
        throw seqlstm::numeric_error(std::string(error.what()) + "; epoch " +
                                     history.back().at("epoch").dump() + " is saved in " + options_.save);
      }
      save();
      SignalWatch::check((fitted.stopped ? "what was learned until update " + std::to_string(fitted.updates)
                                         : std::string("the trained network")) +
                         " is saved in " + options_.save);
    }
    if (options_.json.empty()) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    options_.machine.apply(net);
    const auto score = seqlstm::evaluate_masked_model(net, valid_, fit_options());
    const double count = static_cast<double>(history.size());
    double epoch_seconds = 0, rate = 0;
    for (const auto& epoch : history) {
      epoch_seconds += epoch.at("seconds").get<double>() / count;
      rate += epoch.at("tokens_per_second").get<double>() / count;
    }
    const auto missing = TableOptions::missing_sequences(options_.missing);
    const auto frequencies = seqlstm::token_frequency_score(train_, valid_);
    nlohmann::json out = {
        {"metrics", {{"loss", score.loss}, {"perplexity", score.perplexity()}, {"accuracy", score.accuracy}}},
        {"floor",
         {{"loss", frequencies.loss},
          {"perplexity", frequencies.perplexity()},
          {"accuracy", frequencies.accuracy}}},
        {"seconds_per_epoch", epoch_seconds},
        {"tokens_per_second", rate},
        {"config", shape},
        {"missing", missing.words()},
        {"masked", options_.masked},
        {"epochs", history},
        {"sequences", train_.size()},
        {"residues", train_.tokens()},
        {"parameters", seqlstm::parameter_count(net)},
        {"seconds", seconds},
        {"seed", options_.seed}};
    options_.machine.note(out);
    seqlstm::io::write_file_atomically(options_.json, seqlstm::io::json_text(out));
  }

 private:
  /// Distinct sequences of all files; every twentieth is held out.
  void load() {
    std::vector<seqlstm::Record> train, valid;
    std::size_t count = 0;
    for (auto& record : read()) (++count % 20 == 0 ? valid : train).push_back(std::move(record));
    if (valid.empty())
      throw seqlstm::option_error(std::to_string(count) +
                                  " different sequences are too few to learn from; expected at least 20");
    tell_unknown_letters(std::cout, tokenizer_, {&train, &valid});
    train_ = seqlstm::encode(train, tokenizer_);
    valid_ = seqlstm::encode(valid, tokenizer_);
    std::cout << train_.size() << " training sequences of " << train_.tokens() << " residues, "
              << valid_.size() << " held out; " << options_.machine.text() << std::endl;
  }
  [[nodiscard]] std::vector<seqlstm::Record> read() const {
    if (options_.data.empty()) return seqlstm::simulated_families(2000, options_.seed).records;
    TableOptions reading;
    reading.sequence_column = options_.sequence_column;
    reading.missing = options_.missing;
    return unlabelled_sequences(options_.data, reading, options_.split_column,
                                options_.split_option->count() > 0, std::cout);
  }
  [[nodiscard]] seqlstm::MaskedFitOptions fit_options() const {
    seqlstm::MaskedFitOptions fit;
    fit.masked = options_.masked;
    fit.schedule = seqlstm::one_cycle(options_.learning_rate);
    fit.epochs = options_.epochs;
    fit.max_tokens = 64 * std::max<std::size_t>(1, train_.tokens() / train_.size());
    fit.seed = options_.seed;
    fit.stop = interrupted;
    fit.progress = &std::cerr;
    fit.communicator = ranks();
    return fit;
  }

  const PretrainOptions& options_;
  seqlstm::Tokenizer tokenizer_;
  seqlstm::SequenceDataset train_, valid_;
};

}  // namespace examples
