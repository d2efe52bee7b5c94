// A network that labels every position, as programs save it, with all it takes to use it.
//
//     auto model = io::load_labeller("structure.model");
//     const auto said = predict(model.net, encode(records, model.tokenizer), model.net.loss());
//     std::cout << model.text(said, 0);                                  // "CCHHHHHC"
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What a labeller's user must know besides its weights.
struct LabellerParts {
  std::string kind = "sequence_labelling";         ///< the program that saves it
  Tokenizer tokenizer = {};                        ///< the one of the training data
  LabelAlphabet labels = {};                       ///< letters of the classes
  nlohmann::json more = nlohmann::json::object();  ///< further members of the file's options
};

namespace detail {
/// Throws format_error unless the letters are as many as the network has classes, each once, and the tokens
/// are those that it reads.
inline void check_labeller(const SequenceLabellerOptions& net, const LabelAlphabet& labels,
                           const Tokenizer& tokenizer) {
  const std::size_t classes = std::max<std::size_t>(2, net.outputs);
  std::string sorted = labels.letters;
  std::sort(sorted.begin(), sorted.end());
  if (labels.classes() != classes || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw format_error("a labeller of " + std::to_string(classes) +
                       " classes needs as many label letters, each " + "once; found '" + labels.letters +
                       "'");
  if (net.vocabulary > 0 && net.vocabulary != tokenizer.vocabulary())
    throw format_error("the network reads " + std::to_string(net.vocabulary) + " tokens, the tokenizer has " +
                       std::to_string(tokenizer.vocabulary()));
}
}  // namespace detail

/// Saves a labeller. The file remembers what it says of `probe`. Throws as save_model() does, and
/// format_error where label letters or tokenizer are not those of the network.
inline void save_labeller(const std::string& path, SequenceLabeller<float>& net, const LabellerParts& parts,
                          const StoredInput& probe) {
  detail::check_labeller(net.options(), parts.labels, parts.tokenizer);
  auto options = parts.more;
  options["net"] = net.options();
  save_model(path, net, {parts.kind, options, parts.tokenizer.to_config(), parts.labels.names()}, probe);
}

/// A labeller from a file, ready to run.
struct SavedLabeller {
  std::string path;             ///< the file, as it was named
  ModelInfo info;               ///< `kind` is the program that saved it
  Tokenizer tokenizer;          ///< the one of the training data
  LabelAlphabet labels;         ///< letters of the classes
  SequenceLabeller<float> net;  ///< with the weights of the file

  /// Reads the file. Throws io_error, and format_error for a file of another kind, a damaged one, or one of
  /// another version. An empty kind takes any program's.
  explicit SavedLabeller(const std::string& file, const std::string& kind = {})
      : SavedLabeller(ModelFile(file), kind) {}

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
        net(options_of(file, labels, tokenizer)) {
    file.load(net);
  }
  static const ModelInfo& info_of(const ModelFile& file, const std::string& kind) {
    if (!kind.empty() && file.info().kind != kind)
      throw format_error(file.path() + ": a model of kind '" + file.info().kind + "', expected '" + kind +
                         "'; give it to the program that saved it");
    return file.info();
  }
  static LabelAlphabet labels_of(const ModelFile& file) {
    LabelAlphabet labels;
    for (const std::string& name : file.info().label_names) {
      if (name.size() != 1)
        throw format_error(file.path() + ": the label '" + name +
                           "' is no single letter; give a model that labels positions");
      labels.letters += name;
    }
    return labels;
  }
  static SequenceLabellerOptions options_of(const ModelFile& file, const LabelAlphabet& labels,
                                            const Tokenizer& tokenizer) {
    try {
      const auto options =
          detail::member(file.info().options, "net", "a network's options").get<SequenceLabellerOptions>();
      detail::check_labeller(options, labels, tokenizer);
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
