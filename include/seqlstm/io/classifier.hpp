// A classifier as the programs save it, with all it takes to use it: network, tokenizer, categorical inputs,
// objective, names of classes.
//
//     const auto model = io::load_classifier("promoters.model");
//     Predictor predictor(model.net, model.objective.loss());      // one a thread; before the temperature
//     predictor(model.tokenizer.encode("TTGACA..."))[0];
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/infer/sites.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/io/objective.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

using seqlstm::ClassifierNet;

/// A classifier from a file, ready to run.
struct SavedClassifier {
  std::string path;          ///< the file, as it was named
  ModelInfo info;            ///< `kind` is the program that saved it, `label_names` are the classes'
  Objective objective;       ///< task, loss and temperature
  CategoricalInputs inputs;  ///< what it reads beside letters; without columns: letters alone
  Tokenizer tokenizer;       ///< the one of the training data
  ClassifierNet net;         ///< with the weights of the file

  /// Reads the file. Throws io_error, and format_error for a file of another kind, a damaged one, or one of
  /// another version. An empty kind takes any program's.
  explicit SavedClassifier(const std::string& file, const std::string& kind = {})
      : SavedClassifier(ModelFile(file), kind) {}
  /// The same of a file that is open.
  explicit SavedClassifier(const ModelFile& file, const std::string& kind = {})
      : path(file.path()),
        info(checked(file, kind)),
        objective(option<Objective>("plan")),
        inputs(option<CategoricalInputs>("extra")),
        tokenizer(file.tokenizer()),
        net(net_options(), members()) {
    file.load(net);
  }

  /// What the program that saved the model noted under `key`.
  template <class T> [[nodiscard]] T option(const char* key) const {
    try {
      return info.options.at(key).get<T>();
    } catch (const nlohmann::json::exception&) {
      throw format_error(path + ": '" + key +
                         "' is not what this program saves; the model is from another version, train it "
                         "again");
    } catch (const format_error& error) {
      throw format_error(path + ": " + key + ": " + error.what());
    }
  }
  /// The same of a whole number. Throws format_error for any other.
  [[nodiscard]] std::size_t size_option(const char* key, std::uint64_t least,
                                        std::uint64_t most = largest_size) const {
    try {
      return size_from(info.options, key, least, most);
    } catch (const format_error& error) {
      throw named(path, error);
    }
  }

  /// Records as the model reads them. Throws option_error for a record of another length than a model with
  /// positions reads, token_error for an unknown letter where the tokenizer has none for it.
  [[nodiscard]] SequenceDataset encode(std::span<const Record> records) const {
    return of_length(inputs.encode(records, tokenizer), records);
  }
  /// The same with labels, as they are in the data.
  [[nodiscard]] SequenceDataset encode(const LabelledRecords& labelled) const {
    return of_length(inputs.encode(labelled, tokenizer), labelled.records);
  }
  /// What the model says of records: a row each of probabilities (of class 1 alone where there are two) at
  /// the objective's temperature, or numbers in the data's own units. Throws as encode() does.
  [[nodiscard]] Predictions predict(std::span<const Record> records) const {
    auto predictions = objective.predict(net, encode(records));
    if (objective.has_temperature())
      apply_temperature({predictions.values.data(), predictions.rows, predictions.cols},
                        objective.temperature);
    return predictions;
  }
  /// The likeliest site of each record, among its letters. Throws as encode() does, and option_error where
  /// the model was trained without sites.
  [[nodiscard]] std::vector<PredictedSite> predict_sites(std::span<const Record> records) const {
    const auto data = encode(records);
    return seqlstm::predict_sites(net, data, inputs.columns.size(), prediction_batches(data));
  }

 private:
  /// Throws option_error for a record of another length than a model with positions reads.
  [[nodiscard]] SequenceDataset of_length(SequenceDataset data, std::span<const Record> records) const {
    const std::size_t positions = net[0].positions();
    for (std::size_t i = 0; positions > 0 && i < records.size(); ++i)
      if (data.length(i) != positions)
        throw option_error(records[i].prefix() + "the sequence has " + std::to_string(data.length(i)) +
                           " tokens, " + path + " reads exactly " + std::to_string(positions) +
                           "; cut the sequences, or train without positions");
    return data;
  }
  /// How many networks answer; models of before there were several have one.
  [[nodiscard]] std::size_t members() const {
    return info.options.contains("ensemble") ? size_option("ensemble", 1, most_layers) : 1;
  }
  /// Checked to be those of the file's tensors before a network is made of them.
  [[nodiscard]] AnyClassifierOptions net_options() const {
    const auto options = option<AnyClassifierOptions>("net");
    check_fits(path, info, static_cast<double>(members()) * expected_parameters(options));
    const std::size_t letters = tokenizer.vocabulary() + inputs.vocabulary();
    const auto* plain = std::get_if<SequenceClassifierOptions>(&options);
    if (plain != nullptr && plain->vocabulary != letters)
      throw format_error(path + ": its network reads " + std::to_string(plain->vocabulary) +
                         " tokens, its tokenizer and extra inputs make " + std::to_string(letters) +
                         "; the file is damaged or from another version");
    if (objective.site_weight > 0 && (plain == nullptr || !plain->sites))
      throw format_error(path +
                         ": its network scores no sites, its task needs them; the file is damaged or from "
                         "another version");
    if (plain != nullptr && plain->sites && !(objective.site_weight > 0))
      throw format_error(path +
                         ": its network scores sites, its task has none; the file is damaged or from another "
                         "version");
    if (outputs_of(options) != objective.outputs())
      throw format_error(path + ": its network has " + std::to_string(outputs_of(options)) +
                         " outputs, its task needs " + std::to_string(objective.outputs()) +
                         "; the file is damaged or from another version");
    return options;
  }
  static const ModelInfo& checked(const ModelFile& file, const std::string& kind) {
    const auto& read = file.info();
    if (!kind.empty() && read.kind != kind)
      throw format_error(file.path() + ": a model of kind '" + read.kind + "', expected '" + kind +
                         "'; give it to the program that saved it");
    return read;
  }
};

/// What a classifier's file holds besides its network.
struct ClassifierParts {
  std::string kind = "classifier";                 ///< the program that can go on with it
  Objective objective = {};                        ///< what was learned, with the temperature fitted
  CategoricalInputs inputs = {};                   ///< read beside letters; none without columns
  Tokenizer tokenizer = {};                        ///< the one of the training data
  std::vector<std::string> label_names = {};       ///< of the classes, or of the label columns; may be empty
  std::size_t window = 0;                          ///< letters of every training sequence; 0: they differ
  nlohmann::json more = nlohmann::json::object();  ///< what else the program notes, read by option()
};

/// Writes a classifier so that load_classifier() and the programs find it. The file remembers what the
/// network says of `probe`. Throws as save_model() does.
inline void save_classifier(const std::string& path, ClassifierNet& net, const ClassifierParts& parts,
                            const StoredInput& probe) {
  nlohmann::json options = parts.more;
  options["net"] = net[0].options();
  options["ensemble"] = net.size();
  options["plan"] = parts.objective;
  options["extra"] = parts.inputs;
  options["window"] = parts.window;
  save_model(path, net, {parts.kind, options, parts.tokenizer.to_config(), parts.label_names}, probe);
}

/// A classifier that save_classifier() or one of the programs wrote. Throws as SavedClassifier does.
inline SavedClassifier load_classifier(const std::string& path) {
  return SavedClassifier(path);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
