// A network that labels every position, as programs save it, with all it takes to use it.
//
//     auto model = io::load_labeller("structure.model");
//     const auto said = model.predict(model.encode(records));
//     std::cout << model.text(said, 0);                                  // "CCHHHHHC"
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/infer/predict_windows.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <set>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// How records are cut for a labeller that reads so many positions at once: a quarter of them on each side is
/// read and does not count.
inline WindowOptions labeller_windows(std::size_t window) {
  return {.length = window, .margin = window / 4};
}

/// Records as a labeller reads them: letters, beside them `rows` [letters of all records, channels] if there
/// are any, and categorical inputs as further channels. Throws shape_error for another number of rows.
inline SequenceDataset encode_beside(std::span<const Record> records, const Tokenizer& tokenizer,
                                     ConstMatrixView<float> rows, const CategoricalInputs& inputs) {
  SequenceDataset data = encode(records, tokenizer);
  if (rows.cols() > 0) data.add_channels(rows);
  if (inputs.columns.empty()) return data;
  const auto values = inputs.channels(records);
  data.add_channels({values.data(), data.tokens(), inputs.vocabulary()});
  return data;
}

/// What a labeller's user must know besides its weights.
struct LabellerParts {
  std::string kind = "sequence_labelling";         ///< the program that saves it
  Tokenizer tokenizer = {};                        ///< the one of the training data
  LabelAlphabet labels = {};                       ///< letters of the classes
  CategoricalInputs inputs = {};                   ///< read beside letters; none without columns
  std::size_t window = 0;                          ///< positions that are read at once; 0: whole records
  nlohmann::json more = nlohmann::json::object();  ///< further members of the file's options
};

namespace detail {
/// Throws format_error unless the letters are as many as the network has classes, each once, and the tokens
/// are those that it reads.
inline void check_labeller(const SequenceLabellerOptions& net, const LabelAlphabet& labels,
                           const Tokenizer& tokenizer, const CategoricalInputs& inputs) {
  const std::size_t classes = std::max<std::size_t>(2, net.outputs);
  std::set<std::pair<std::string, char>> once;
  for (std::size_t c = 0; c < labels.classes(); ++c)
    once.emplace(labels.types.empty() ? "" : labels.types[c], labels.letters[c]);
  if (labels.classes() != classes || once.size() != classes)
    throw format_error(
        "a labeller of " + std::to_string(classes) + " classes needs as many label letters, each once" +
        (labels.types.empty() ? "" : " in records of a type") + "; found '" + labels.letters + "'");
  if (!net.groups.empty() && net.groups.size() != net.outputs)
    throw format_error("'groups' are " + std::to_string(net.groups.size()) + " of " +
                       std::to_string(net.outputs) + " outputs; train the model again");
  if (net.channels < inputs.vocabulary())
    throw format_error("the network reads " + std::to_string(net.channels) +
                       " numbers at each letter, its categories are " + std::to_string(inputs.vocabulary()) +
                       "; train the model again");
  if (net.vocabulary > 0 && net.vocabulary != tokenizer.vocabulary())
    throw format_error("the network reads " + std::to_string(net.vocabulary) + " tokens, the tokenizer has " +
                       std::to_string(tokenizer.vocabulary()));
}
}  // namespace detail

/// Saves a labeller. The file remembers what it says of `probe`. Throws as save_model() does, and
/// format_error where label letters or tokenizer are not those of the network.
inline void save_labeller(const std::string& path, SequenceLabeller<float>& net, const LabellerParts& parts,
                          const StoredInput& probe) {
  detail::check_labeller(net.options(), parts.labels, parts.tokenizer, parts.inputs);
  auto options = parts.more;
  options["net"] = net.options();
  if (!parts.labels.types.empty() || !parts.labels.meaning.empty()) options["labels"] = parts.labels;
  if (!parts.inputs.columns.empty()) options["extra"] = parts.inputs;
  if (parts.window > 0) options["window"] = parts.window;
  save_model(path, net, {parts.kind, options, parts.tokenizer.to_config(), parts.labels.names()}, probe);
}

/// A labeller from a file, ready to run.
struct SavedLabeller {
  std::string path;             ///< the file, as it was named
  ModelInfo info;               ///< `kind` is the program that saved it
  Tokenizer tokenizer;          ///< the one of the training data
  LabelAlphabet labels;         ///< letters of the classes
  CategoricalInputs inputs;     ///< what it reads beside letters; none without columns
  std::size_t window;           ///< positions that are read at once; 0: whole records
  SequenceLabeller<float> net;  ///< with the weights of the file

  /// Reads the file. Throws io_error, and format_error for a file of another kind, a damaged one, or one of
  /// another version. An empty kind takes any program's.
  explicit SavedLabeller(const std::string& file, const std::string& kind = {})
      : SavedLabeller(ModelFile(file), kind) {}

  /// Records as the network reads them: their letters, beside them `rows` [letters of all records, channels]
  /// where it was trained with such, and its categorical inputs. Throws shape_error for other rows.
  [[nodiscard]] SequenceDataset encode(std::span<const Record> records,
                                       ConstMatrixView<float> rows = {}) const {
    return encode_beside(records, tokenizer, rows, inputs);
  }
  /// What it says of them, in windows where it was trained on such.
  [[nodiscard]] Predictions predict(const SequenceDataset& data) {
    if (window == 0) return seqlstm::predict(net, data, net.loss());
    return predict_windows(net, data, net.loss(), labeller_windows(window));
  }
  /// The label string of record i.
  [[nodiscard]] std::string text(const Predictions& predictions, std::size_t i) const {
    return labels.text(predictions.classes(i));
  }

 private:
  SavedLabeller(const ModelFile& file, const std::string& kind)
      : path(file.path()),
        info(info_of(file, kind)),
        tokenizer(file.tokenizer()),
        labels(labels_of(file)),
        inputs(of_options<CategoricalInputs>(file, "extra")),
        window(file.info().options.contains("window") ? size_in(file, "window") : 0),
        net(options_of(file, labels, tokenizer, inputs)) {
    file.load(net);
  }
  static const ModelInfo& info_of(const ModelFile& file, const std::string& kind) {
    if (!kind.empty() && file.info().kind != kind)
      throw format_error(file.path() + ": a model of kind '" + file.info().kind + "', expected '" + kind +
                         "'; give it to the program that saved it");
    return file.info();
  }
  /// What the file's options have under a key; without it an empty one.
  template <class Value> static Value of_options(const ModelFile& file, const char* key) {
    try {
      return file.info().options.contains(key) ? file.info().options.at(key).get<Value>() : Value();
    } catch (const format_error& error) {
      throw named(file.path(), error);
    } catch (const nlohmann::json::exception&) {
      throw format_error(file.path() + ": '" + key + "' is not what a labeller saves; train it again");
    }
  }
  static std::size_t size_in(const ModelFile& file, const char* key) {
    try {
      return size_from(file.info().options, key, 1);
    } catch (const format_error& error) {
      throw named(file.path(), error);
    }
  }
  static LabelAlphabet labels_of(const ModelFile& file) {
    auto labels = of_options<LabelAlphabet>(file, "labels");
    if (labels.classes() > 0) return labels;
    for (const std::string& name : file.info().label_names) {
      if (name.size() != 1)
        throw format_error(file.path() + ": the label '" + name +
                           "' is no single letter; give a model that labels positions");
      labels.letters += name;
    }
    return labels;
  }
  static SequenceLabellerOptions options_of(const ModelFile& file, const LabelAlphabet& labels,
                                            const Tokenizer& tokenizer, const CategoricalInputs& inputs) {
    try {
      const auto options =
          detail::member(file.info().options, "net", "a network's options").get<SequenceLabellerOptions>();
      detail::check_labeller(options, labels, tokenizer, inputs);
      check_fits(file.path(), file.info(), expected_parameters(options));
      return options;
    } catch (const format_error& error) {
      throw named(file.path(), error);
    }
  }
};

/// SavedLabeller of a file that any program wrote.
inline SavedLabeller load_labeller(const std::string& path) {
  return SavedLabeller(path);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
