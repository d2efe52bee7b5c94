// Is this stretch of DNA a promoter? Trains a bidirectional LSTM on labelled sequences, says how good it is
// on the test part and how good a linear model is there, and keeps the model for later predictions.
//
//     promoter_classification                                              simulated sigma-70 promoters
//     promoter_classification --data genes.csv --save model.safetensors
//     promoter_classification --load model.safetensors --predict new.fa

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
  std::size_t k = 1, stride = 1, hidden = 64, layers = 2;
};

constexpr const char* model_kind = "promoter_classification";

nlohmann::json to_json(const PromoterNetOptions& o) {
  return {{"vocabulary", o.vocabulary},
          {"positions", o.positions},
          {"width", o.width},
          {"hidden", o.hidden},
          {"layers", o.layers},
          {"outputs", o.outputs},
          {"token_mask", o.token_mask},
          {"layer_dropout", o.layer_dropout},
          {"head_dropout", o.head_dropout}};
}
PromoterNetOptions net_options(const nlohmann::json& j) {
  return {.vocabulary = j.at("vocabulary"),
          .positions = j.at("positions"),
          .width = j.at("width"),
          .hidden = j.at("hidden"),
          .layers = j.at("layers"),
          .outputs = j.at("outputs"),
          .token_mask = j.at("token_mask"),
          .layer_dropout = j.at("layer_dropout"),
          .head_dropout = j.at("head_dropout")};
}

/// Training, validation and test part as tokens, and what is to be learned from them.
struct Encoded {
  TaskPlan plan;
  TokenDataset train, valid, test;

  [[nodiscard]] bool same_length() const {
    return train.same_length() && valid.same_length() && test.same_length() &&
           train.max_length() == valid.max_length() && train.max_length() == test.max_length();
  }
};

Encoded encode_parts(const Parts& parts, const seqlstm::Tokenizer& tokenizer) {
  const TaskPlan plan = plan_for(parts.task, parts.train);
  const auto encoded = [&](const seqlstm::LabelledRecords& part) {
    return plan.learned(seqlstm::encode(part, tokenizer));
  };
  Encoded data{plan, encoded(parts.train), encoded(parts.valid), encoded(parts.test)};
  for (const auto* part : {&data.train, &data.valid, &data.test})
    if (plan.task != Task::regression) seqlstm::require_two_classes(*part, "the data");
  return data;
}

/// A trained network and how its training went.
struct Candidate {
  PromoterNet<> net;
  seqlstm::FitResult fitted;
  double valid_loss;
};

/// Small sets need more passes than large ones: as many as make about 16 million tokens.
std::size_t default_epochs(const TokenDataset& train) {
  return std::clamp<std::size_t>(16000000 / std::max<std::size_t>(1, train.tokens()), 6, 30);
}

Candidate train(const Options& options, const Encoded& data, std::size_t positions) {
  std::cout << (positions > 0 ? "with positions:" : "without positions:") << std::endl;
  PromoterNet<> net({.vocabulary = data.train.vocabulary(),
                     .positions = positions,
                     .hidden = options.hidden,
                     .layers = options.layers,
                     .outputs = data.plan.outputs()});
  seqlstm::initialize(net, options.run.seed);
  auto fitted = seqlstm::fit(net, data.train, data.valid,
                             {.loss = data.plan.loss(),
                              .optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01}),
                              .schedule = seqlstm::one_cycle(options.run.learning_rate),
                              .epochs = options.run.epochs.value_or(default_epochs(data.train)),
                              .seed = options.run.seed,
                              .clip_norm = 1,
                              .monitor = "loss",
                              .callbacks = {epoch_lines(std::cout, data.plan.metric())},
                              .progress = &std::cerr,
                              .terminal = on_terminal()});
  const double valid_loss = seqlstm::predict_all(net, data.valid, data.plan.loss()).loss;
  return {std::move(net), std::move(fitted), valid_loss};
}

/// Trains as --position says; auto trains both ways where it can and keeps the one with the lower validation
/// loss.
Candidate train_best(const Options& options, const Encoded& data) {
  const bool fixed = data.same_length();
  if (options.position == "absolute" && !fixed)
    throw seqlstm::option_error("--position absolute needs sequences of one length; use --position none");
  if (options.position == "absolute") return train(options, data, data.train.max_length());
  Candidate plain = train(options, data, 0);
  if (options.position == "none" || !fixed) return plain;
  Candidate placed = train(options, data, data.train.max_length());
  return placed.valid_loss < plain.valid_loss ? std::move(placed) : std::move(plain);
}

void print_against_floor(const Report& test, const Report& floor, const std::string& metric) {
  std::cout << "floor: linear model on positions and 3- and 4-mers: ";
  if (floor.confusion.classes() > 0) std::cout << "accuracy " << floor["accuracy"] << ", ";
  std::cout << metric << ' ' << floor[metric] << '\n';
  if (!(test[metric] > floor[metric]))
    std::cout << "This result is not above its floor: a linear model does as well on this data.\n";
}

Parts load(const Options& options) {
  return load_parts(options.data, options.run.seed,
                    [&] { return simulate_promoters(3000, options.run.seed); });
}

void train_and_report(const Options& options) {
  const Parts parts = load(options);
  const seqlstm::Tokenizer tokenizer(
      seqlstm::dna5, {.k = options.k,
                      .stride = options.stride,
                      .unknown = options.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error});
  const Encoded data = encode_parts(parts, tokenizer);
  std::cout << data.train.size() << " training, " << data.valid.size() << " validation, " << data.test.size()
            << " test sequences, " << task_name(parts.task) << "; " << seqlstm::arch_name() << ", "
            << options.run.threads << " threads" << std::endl;

  Candidate best = train_best(options, data);
  const Report test = data.plan.report(best.net, data.test);
  const std::size_t floor_positions = data.same_length() ? parts.train.records[0].sequence.size() : 0;
  const Report floor = linear_floor(parts, data.plan, floor_positions, options.run.seed);
  std::cout << "\ntest part, " << (best.net.options().positions > 0 ? "with" : "without") << " positions:\n"
            << test;
  print_against_floor(test, floor, data.plan.metric());
  std::cout << "speed: " << static_cast<long long>(best.fitted.tokens_per_second) << " tokens/s, "
            << seqlstm::duration_text(best.fitted.seconds_per_epoch) << " an epoch\n";

  if (!options.run.save.empty())
    seqlstm::io::save_model(options.run.save, best.net,
                            {model_kind,
                             {{"net", to_json(best.net.options())}, {"plan", to_json(data.plan)}},
                             tokenizer.to_config(),
                             parts.train.label_names},
                            data.train.sequence(0));
  if (options.run.json.empty()) return;
  auto json = result_json(test, floor, best.fitted, options.run);
  json["config"] = to_json(best.net.options());
  json["config"]["task"] = task_name(parts.task);
  json["config"]["position"] = best.net.options().positions > 0 ? "absolute" : "none";
  json["config"]["k"] = options.k;
  json["config"]["stride"] = options.stride;
  json["config"]["epochs"] = options.run.epochs.value_or(default_epochs(data.train));
  json["config"]["learning_rate"] = options.run.learning_rate;
  json["config"]["data"] = options.data.data.empty() ? options.data.positive : options.data.data;
  seqlstm::io::write_file_atomically(options.run.json, json.dump(2) + "\n");
}

/// A model that --save wrote, ready to run.
struct LoadedModel {
  seqlstm::io::ModelInfo info;
  TaskPlan plan;
  PromoterNet<> net;
  seqlstm::Tokenizer tokenizer;

  explicit LoadedModel(const std::string& path)
      : info(checked(path)),
        plan(task_plan(info.options.at("plan"))),
        net(net_options(info.options.at("net"))),
        tokenizer(seqlstm::Tokenizer::from_config(info.tokenizer)) {
    seqlstm::io::load_model(path, net);
  }

 private:
  static seqlstm::io::ModelInfo checked(const std::string& path) {
    auto info = seqlstm::io::read_model_info(path);
    if (info.kind != model_kind)
      throw seqlstm::format_error(path + ": a model of kind '" + info.kind + "', expected '" + model_kind +
                                  "'");
    return info;
  }
};

/// Prints what the model says of every record. Needs nothing but the model file.
void predict_file(const Options& options) {
  LoadedModel model(options.run.load);
  const auto data = seqlstm::encode(seqlstm::io::read_fasta(options.run.predict), model.tokenizer);
  write_predictions(std::cout, model.plan, data, seqlstm::predict_all(model.net, data, model.plan.loss()),
                    model.info.label_names);
}

/// Reports a loaded model on the test part.
void evaluate_file(const Options& options) {
  LoadedModel model(options.run.load);
  const Parts parts = load(options);
  if (parts.task != model.plan.task || parts.train.label_names != model.info.label_names)
    throw seqlstm::option_error(options.run.load +
                                ": the model was trained for other labels than this data has");
  std::cout << model.plan.report(model.net, model.plan.learned(encode(parts.test, model.tokenizer)));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Promoter classification with a bidirectional LSTM", "promoter_classification");
  Options options;
  options.data.add_to(app);
  options.run.add_to(app, "as many as make 16 million tokens, 6 to 30");
  app.add_option("--positive", options.data.positive, "FASTA of class 1, with --negative");
  app.add_option("--negative", options.data.negative, "FASTA of class 0");
  app.add_option("--position", options.position, "none, absolute, or auto: as validation says")
      ->check(CLI::IsMember({"none", "absolute", "auto"}))
      ->capture_default_str();
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
