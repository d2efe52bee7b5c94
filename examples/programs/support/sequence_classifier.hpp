// The options of promoter and protein classifiers, and how they are trained: a bidirectional LSTM on letters
// or k-mers, or a head on an encoder that read other sequences before. What is special about a kind of
// sequence (letters, baselines, data to run on) its program adds.
#pragma once

#include <filesystem>
#include <optional>
#include <seqlstm/io/pretrained_encoder.hpp>

#include "support/classifier.hpp"

namespace examples {

struct SequenceOptions : ClassifierOptions {
  std::string position = "auto", architecture = "recurrent", unknown, encoder;
  std::size_t k = 1, stride = 1, hidden = 64, layers = 2;
  std::size_t ensemble = 1;       ///< networks
  std::size_t committee = 0;      ///< parts that validate in turn
  double dropout = 0.3;           ///< factor of the encoder's dropouts
  bool from_scratch = false;      ///< the encoder's network, but from weights drawn anew
  std::size_t self_training = 0;  ///< rounds

  /// `letters` says which letters --unknown is about, `any` the letter for any other.
  void add_to(CLI::App& app, const std::string& letters, char any) {
    data.add_to(app);
    run.add_to(app, "as many as make " + std::to_string(seqlstm::ClassifierTraining().million_tokens) +
                        " million tokens, 6 to 30; on a language model's encoder 16 or more, "
                        "with all layers");
    add_checkpoint_to(app);
    app.add_option("--position", position, "none, absolute, or auto: as validation says")
        ->check(CLI::IsMember({"none", "absolute", "auto"}))
        ->group(of_training)
        ->capture_default_str();
    app.add_option(
           "--architecture", architecture,
           "recurrent: the LSTM alone; convolution: with convolutions over the letters; attention: with "
           "these and attention; or auto: as validation says")
        ->check(CLI::IsMember({"recurrent", "convolution", "attention", "auto"}))
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--unknown", unknown, "letters beside " + letters + ": error, or map to " + any)
        ->check(CLI::IsMember({"map", "error"}))
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--encoder", encoder,
                   "begin with the encoder that genome_language_model (or pretrain) saved")
        ->group(of_training);
    app.add_option("--encoder-dropout", dropout, "factor of the encoder's dropouts")
        ->group(of_training)
        ->capture_default_str();
    app.add_flag("--from-scratch", from_scratch,
                 "draw the encoder's weights anew, to see what its reading is worth")
        ->group(of_training);
    const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
      app.add_option(name, value, help)->check(whole_number(most))->group(of_training)->capture_default_str();
    };
    number("--k", k, most_letters, "letters per token");
    number("--stride", stride, most_letters, "letters between tokens");
    number("--hidden", hidden, most_units, "LSTM units per direction");
    number("--layers", layers, most_layers, "LSTM layers");
    number("--ensemble", ensemble, most_networks,
           "number of networks to train; the mean of their outputs (logits, or numbers) counts");
    number(
        "--committee", committee, most_networks,
        "when everything is chosen, train on validation too: so many parts of both validate in turn, each an "
        "ensemble of its own; the mean of all counts (0: none)");
    number("--self-training", self_training, most_networks,
           "rounds of pseudo-labelling: label the rows left out by --train-rows with the current model and "
           "train again");
  }
  [[nodiscard]] seqlstm::io::FilePlan files() const {
    auto files = ClassifierOptions::files();
    files.input("--encoder", encoder);
    return files;
  }
  void check(const CLI::App& app) const {
    check_at_least_one("--ensemble", ensemble);
    if (committee == 1)
      throw seqlstm::option_error("--committee is 1, expected at least 2 parts, or 0 for none");
    if (committee > 0 && ensemble > most_networks / committee)
      throw seqlstm::option_error("--ensemble " + std::to_string(ensemble) + " in each of --committee " +
                                  std::to_string(committee) + " parts is more than " +
                                  std::to_string(most_networks) + " networks; make one of them smaller");
    if (committee > 0 && self_training > 0)
      throw seqlstm::option_error(
          "--committee and --self-training exclude each other: both say what is learned from");
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
    check_encoder_decides(app, {"--k", "--stride", "--hidden", "--layers", "--architecture"});
    if (app.count("--position") > 0 && position != "none")
      throw seqlstm::option_error("--position " + position +
                                  " and --encoder exclude each other: no positions are read; give none");
    if (!(dropout >= 0 && dropout <= 1))
      throw seqlstm::option_error("--encoder-dropout is " + std::to_string(dropout) +
                                  ", expected a factor from 0 to 1");
  }
};

class SequenceKind : public ClassifierKind {
 public:
  /// `composition`: whether the network's head also sees which letters there are and how many.
  SequenceKind(const char* program, const SequenceOptions& options, const seqlstm::Alphabet& alphabet,
               bool composition)
      : ClassifierKind(program), options_(options), alphabet_(alphabet), composition_(composition) {}

  [[nodiscard]] seqlstm::Tokenizer tokenizer() const override {
    const auto unknown = options_.unknown == "map" ? seqlstm::unknown::map : seqlstm::unknown::error;
    if (const auto* own = encoder()) return own->tokenizer_for(alphabet_, unknown);
    return {alphabet_, {.k = options_.k, .stride = options_.stride, .unknown = unknown}};
  }
  [[nodiscard]] seqlstm::TrainedClassifier train(const EncodedParts& data,
                                                 const seqlstm::FitSeries& fits) const override {
    return seqlstm::ClassifierTrainer(training(data), fits).train(data);
  }
  [[nodiscard]] seqlstm::ClassifierPlan plan(const EncodedParts& data) const override {
    return seqlstm::ClassifierTrainer(training(data)).plan(data);
  }
  [[nodiscard]] bool reads_unlabelled() const override { return options_.self_training > 0; }
  [[nodiscard]] nlohmann::json config(const EncodedParts& data,
                                      const seqlstm::ClassifierPlan& plan) const override {
    nlohmann::json json = {{"k", data.train.tokenizer.options().k},
                           {"stride", data.train.tokenizer.options().stride},
                           {"train_rows", plan.train_rows},
                           {"self_training", 0},
                           {"learning_rate", options_.run.learning_rate},
                           {"epochs", plan.epochs}};
    if (options_.committee > 0) {
      json["committee"] = options_.committee;
      json["committee_rows"] = data.train.size() + data.valid.size();  // what its parts are of
    }
    const auto* own = encoder();
    if (own == nullptr) return json;
    json["encoder"] = std::filesystem::path(options_.encoder).filename().string();
    json["encoder_checksum"] = own->file().info().checksum;
    json["encoder_dropout"] = options_.dropout;
    json["from_scratch"] = options_.from_scratch;
    json["rate_decay"] = plan.rate_decay;
    if (!own->start().masked()) json["passes_per_epoch"] = plan.passes_per_epoch;
    for (const auto& stage : plan.stages)
      json["stages"].push_back(
          {{"first_group", stage.first_group}, {"epochs", stage.epochs}, {"max_lr", stage.max_lr}});
    return json;
  }

 protected:
  [[nodiscard]] seqlstm::ClassifierTraining training(const EncodedParts& data) const {
    using Positions = seqlstm::ClassifierTraining::Positions;
    auto training = options_.training(data);
    training.positions = options_.position == "none"       ? Positions::none
                         : options_.position == "absolute" ? Positions::absolute
                                                           : Positions::automatic;
    using Architecture = seqlstm::ClassifierTraining::Architecture;
    training.architecture = options_.architecture == "recurrent"     ? Architecture::recurrent
                            : options_.architecture == "convolution" ? Architecture::convolution
                            : options_.architecture == "attention"   ? Architecture::attention
                                                                     : Architecture::automatic;
    training.hidden = options_.hidden;
    training.layers = options_.layers;
    training.composition = composition_;
    training.ensemble = options_.ensemble;
    training.committee = options_.committee;
    training.self_training = options_.self_training;
    const auto* own = encoder();
    if (own == nullptr) return training;
    training.encoder = own->start();
    training.encoder->dropout = options_.dropout;
    if (options_.from_scratch) training.encoder->load = nullptr;
    return training;
  }

 private:
  /// The encoder that --encoder names, read at the first question; null without.
  [[nodiscard]] const seqlstm::io::PretrainedEncoder* encoder() const {
    if (options_.encoder.empty()) return nullptr;
    if (!encoder_) encoder_.emplace(options_.encoder);
    return &*encoder_;
  }

  const SequenceOptions& options_;
  const seqlstm::Alphabet& alphabet_;
  bool composition_;
  mutable std::optional<seqlstm::io::PretrainedEncoder> encoder_;
};

}  // namespace examples
