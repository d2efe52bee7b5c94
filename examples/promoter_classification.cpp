// Is this stretch of DNA a promoter? Trains a bidirectional LSTM on labelled sequences, says how good it is
// on the test part and how good a linear model is there, and keeps the model for later predictions.
//
//     promoter_classification                                              simulated sigma-70 promoters
//     promoter_classification --data genes.csv --save model.safetensors
//     promoter_classification --load model.safetensors --predict new.fa

#include <iomanip>
#include <seqlstm/io/checkpoint.hpp>

#include "support/data_source.hpp"
#include "support/linear_floor.hpp"
#include "support/program.hpp"
#include "support/promoter_net.hpp"
#include "support/simulate.hpp"

namespace {

using namespace examples;
using seqlstm::Report;
using seqlstm::TokenDataset;

struct Options {
  DataOptions data;
  RunOptions run;
  std::string position = "auto", unknown = "error";
  std::size_t k = 1, stride = 1, hidden = 64, layers = 1;
};

constexpr const char* model_kind = "promoter_classification";

nlohmann::json to_json(const PromoterNetOptions& o) {
  return {{"vocabulary", o.vocabulary},
          {"positions", o.positions},
          {"width", o.width},
          {"hidden", o.hidden},
          {"layers", o.layers},
          {"embedding_dropout", o.embedding_dropout},
          {"layer_dropout", o.layer_dropout},
          {"head_dropout", o.head_dropout}};
}
PromoterNetOptions net_options(const nlohmann::json& j) {
  return {.vocabulary = j.at("vocabulary"),
          .positions = j.at("positions"),
          .width = j.at("width"),
          .hidden = j.at("hidden"),
          .layers = j.at("layers"),
          .embedding_dropout = j.at("embedding_dropout"),
          .layer_dropout = j.at("layer_dropout"),
          .head_dropout = j.at("head_dropout")};
}

/// Training, validation and test part as tokens.
struct Encoded {
  TokenDataset train, valid, test;
};

/// A trained network and how its training went.
struct Candidate {
  PromoterNet<> net;
  seqlstm::FitResult fitted;
  Report valid;
};

seqlstm::FitOptions fit_options(const Options& options) {
  return {.loss = seqlstm::bce_with_logits(),
          .optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01}),
          .schedule = seqlstm::one_cycle(options.run.learning_rate),
          .epochs = options.run.epochs,
          .seed = options.run.seed,
          .clip_norm = 1,
          .monitor = "loss",
          .callbacks = {epoch_lines(std::cout, "mcc")},
          .progress = &std::cerr,
          .terminal = on_terminal()};
}

Candidate train(const Options& options, const Encoded& data, std::size_t positions) {
  std::cout << (positions > 0 ? "with positions:" : "without positions:") << std::endl;
  PromoterNet<> net({.vocabulary = data.train.vocabulary(),
                     .positions = positions,
                     .hidden = options.hidden,
                     .layers = options.layers});
  seqlstm::initialize(net, options.run.seed);
  auto fitted = seqlstm::fit(net, data.train, data.valid, fit_options(options));
  Report valid = seqlstm::evaluate(net, data.valid, seqlstm::bce_with_logits());
  return {std::move(net), std::move(fitted), std::move(valid)};
}

bool same_length(const Encoded& data) {
  return data.train.same_length() && data.valid.same_length() && data.test.same_length() &&
         data.train.max_length() == data.valid.max_length() &&
         data.train.max_length() == data.test.max_length();
}

/// Trains as --position says; auto trains both ways where it can and keeps the one with the lower validation
/// loss.
Candidate train_best(const Options& options, const Encoded& data) {
  const bool fixed = same_length(data);
  if (options.position == "absolute" && !fixed)
    throw seqlstm::option_error("--position absolute needs sequences of one length; use --position none");
  if (options.position == "absolute") return train(options, data, data.train.max_length());
  Candidate plain = train(options, data, 0);
  if (options.position == "none" || !fixed) return plain;
  Candidate placed = train(options, data, data.train.max_length());
  return placed.valid["loss"] < plain.valid["loss"] ? std::move(placed) : std::move(plain);
}

void print_against_floor(const Report& test, const Report& floor) {
  std::cout << "floor: logistic regression on positions and 3- and 4-mers: accuracy " << floor["accuracy"]
            << ", mcc " << floor["mcc"] << '\n';
  if (test["mcc"] <= floor["mcc"])
    std::cout << "This result is not above its floor: a linear model does as well on this data.\n";
}

void train_and_report(const Options& options) {
  const Parts parts =
      load_parts(options.data, options.run.seed, [&] { return simulate_promoters(3000, options.run.seed); });
  if (parts.train.label_names.size() > 2)
    throw seqlstm::option_error(
        "the labels have " + std::to_string(parts.train.label_names.size()) +
        " values, expected two classes; choose with --filter, or use protein_classification");
  const seqlstm::Tokenizer tokenizer(
      seqlstm::dna5, {.k = options.k,
                      .stride = options.stride,
                      .unknown = options.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error});
  const Encoded data{encode(parts.train, tokenizer), encode(parts.valid, tokenizer),
                     encode(parts.test, tokenizer)};
  for (const auto* part : {&data.train, &data.valid, &data.test})
    seqlstm::require_two_classes(*part, "the data");
  std::cout << data.train.size() << " training, " << data.valid.size() << " validation, " << data.test.size()
            << " test sequences; " << seqlstm::arch_name() << ", " << options.run.threads << " threads"
            << std::endl;

  Candidate best = train_best(options, data);
  Report test = seqlstm::evaluate(best.net, data.test, seqlstm::bce_with_logits());
  const std::size_t floor_positions = same_length(data) ? parts.train.records[0].sequence.size() : 0;
  const Report floor = linear_floor(parts, floor_positions, options.run.seed);
  std::cout << "\ntest part, " << (best.net.options().positions > 0 ? "with" : "without") << " positions:\n"
            << test;
  print_against_floor(test, floor);
  std::cout << "speed: " << static_cast<long long>(best.fitted.tokens_per_second) << " tokens/s, "
            << seqlstm::duration_text(best.fitted.seconds_per_epoch) << " an epoch\n";

  if (!options.run.save.empty())
    seqlstm::io::save_model(
        options.run.save, best.net,
        {model_kind, to_json(best.net.options()), tokenizer.to_config(), parts.train.label_names},
        data.train.sequence(0));
  if (options.run.json.empty()) return;
  auto json = result_json(test, floor, best.fitted, options.run);
  json["config"] = to_json(best.net.options());
  json["config"]["position"] = best.net.options().positions > 0 ? "absolute" : "none";
  json["config"]["k"] = options.k;
  json["config"]["stride"] = options.stride;
  json["config"]["epochs"] = options.run.epochs;
  json["config"]["learning_rate"] = options.run.learning_rate;
  json["config"]["data"] = options.data.data.empty() ? options.data.positive : options.data.data;
  seqlstm::io::write_file_atomically(options.run.json, json.dump(2) + "\n");
}

/// Prints a table: id, probability of class 1, its label. Needs nothing but the model file.
void predict_file(const Options& options) {
  const auto info = seqlstm::io::read_model_info(options.run.load);
  if (info.kind != model_kind)
    throw seqlstm::format_error(options.run.load + ": a model of kind '" + info.kind + "', expected '" +
                                model_kind + "'");
  PromoterNet<> net(net_options(info.options));
  seqlstm::io::load_model(options.run.load, net);
  const auto records = seqlstm::io::read_fasta(options.run.predict);
  const auto data = seqlstm::encode(records, seqlstm::Tokenizer::from_config(info.tokenizer));
  const auto predictions = seqlstm::predict_all(net, data, seqlstm::bce_with_logits());
  const auto name = [&](std::size_t c) {
    return c < info.label_names.size() ? info.label_names[c] : std::to_string(c);
  };
  std::cout << "id\tprobability\tlabel\n" << std::setprecision(17);
  for (std::size_t i = 0; i < records.size(); ++i)
    std::cout << records[i].id << '\t' << predictions.values[i] << '\t'
              << name(predictions.values[i] >= 0.5 ? 1 : 0) << '\n';
}

/// Reports a loaded model on the test part.
void evaluate_file(const Options& options) {
  const auto info = seqlstm::io::read_model_info(options.run.load);
  PromoterNet<> net(net_options(info.options));
  seqlstm::io::load_model(options.run.load, net);
  const Parts parts =
      load_parts(options.data, options.run.seed, [&] { return simulate_promoters(3000, options.run.seed); });
  const auto test = encode(parts.test, seqlstm::Tokenizer::from_config(info.tokenizer));
  std::cout << seqlstm::evaluate(net, test, seqlstm::bce_with_logits());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Promoter classification with a bidirectional LSTM", "promoter_classification");
  Options options;
  options.data.add_to(app);
  options.run.add_to(app, 15);
  app.add_option("--positive", options.data.positive, "FASTA of class 1, with --negative");
  app.add_option("--negative", options.data.negative, "FASTA of class 0");
  app.add_option("--position", options.position, "none, absolute, or auto: as validation says")
      ->check(CLI::IsMember({"none", "absolute", "auto"}))
      ->capture_default_str();
  app.add_option("--task", "binary")->check(CLI::IsMember({"binary"}));
  app.add_option("--unknown", options.unknown, "letters beside ACGTN: error, or map to N")
      ->check(CLI::IsMember({"map", "error"}))
      ->capture_default_str();
  app.add_option("--k", options.k, "letters per token")->capture_default_str();
  app.add_option("--stride", options.stride, "letters between tokens")->capture_default_str();
  app.add_option("--hidden", options.hidden, "LSTM units per direction")->capture_default_str();
  app.add_option("--layers", options.layers, "LSTM layers")->capture_default_str();
  return run_program(app, argc, argv, [&] {
    options.run.check();
    seqlstm::set_threads(options.run.threads);
    if (!options.run.predict.empty()) {
      predict_file(options);
    } else if (!options.run.load.empty()) {
      evaluate_file(options);
    } else {
      train_and_report(options);
    }
  });
}
