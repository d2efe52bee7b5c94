// What a saved network makes of sequences: the mean of its states, one row of numbers per sequence.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/data/unknown_letters.hpp>
#include <seqlstm/infer/embeddings.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/masked_encoder.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// The categorical inputs that the network in a file reads beside letters. Throws format_error for what no
/// classifier saves.
inline std::vector<std::string> categorical_columns(const ModelFile& file) {
  const std::string& path = file.path();
  const auto& info = file.info();
  try {
    return info.options.contains("extra") ? info.options.at("extra").get<CategoricalInputs>().columns
                                          : std::vector<std::string>{};
  } catch (const nlohmann::json::exception&) {
    throw format_error(path + ": 'extra' is not what a classifier saves; train it again");
  } catch (const format_error& error) {
    throw named(path, error);
  }
}

/// The same of a file that is asked nothing else.
inline std::vector<std::string> categorical_columns(const std::string& path) {
  return categorical_columns(ModelFile(path));
}

/// A row for every record, and sentences on how they came about.
struct Embeddings {
  FeatureDataset rows;  ///< [records x width of the states], in the order of the records; no labels
  std::vector<std::string> notes;  ///< to print: letters that were not known, networks that were not asked
};

/// Mean-pooled states of records under the network in a file: a language model's encoder, or the LSTM of a
/// masked model or a classifier (of an ensemble's first network). Letters the file's alphabet lacks are read
/// as its letter for any, or left out. Throws io_error, format_error for a file of another kind, and
/// option_error for records of which nothing is left.
inline Embeddings sequence_embeddings(const ModelFile& file, std::span<const Record> records,
                                      Precision precision = Precision::f32) {
  const auto& info = file.info();
  const auto tokenizer = file.tokenizer();
  auto lenient = tokenizer.options();
  lenient.unknown = tokenizer.alphabet().any() != '\0' ? unknown::map : unknown::skip;
  const Tokenizer reader(tokenizer.alphabet(), lenient);
  Embeddings result;
  const auto pooled = [&](auto& net, const CategoricalInputs& inputs, auto states) {
    set_precision(net, precision);
    const auto data = inputs.encode(records, reader);
    UnknownLetters unknown(reader);
    unknown.count(records);
    unknown.check();
    if (auto note = unknown.note(); !note.empty()) result.notes.push_back(std::move(note));
    result.rows = mean_states(std::move(states), data);
    return std::move(result);
  };
  const auto of = [](auto& net) {
    return [&net](Tape<float>& tape, const SequenceBatch& batch) { return net.states(tape, batch); };
  };
  if (info.options.contains("encoder")) {
    AwdLstm<float> encoder(encoder_info(file).options);
    load_encoder(file, encoder, reader);
    return pooled(encoder, {},
                  [&encoder](Tape<float>& tape, const SequenceBatch& batch) { return encoder(tape, batch); });
  }
  if (info.kind == detail::masked_model_kind) {
    MaskedLanguageModel<float> net(masked_model_options(file));
    file.load(net);
    return pooled(net, {}, of(net));
  }
  if (!info.options.contains("net"))
    throw format_error(file.path() + ": a model of kind '" + info.kind +
                       "' without an encoder; give a language model or a classifier");
  SavedClassifier model(file);
  if (model.net.size() > 1)
    result.notes.push_back("states of the first of " + std::to_string(model.net.size()) + " networks");
  return pooled(model.net[0], model.inputs, of(model.net[0]));
}
/// The same from a file that is asked nothing else.
inline Embeddings sequence_embeddings(const std::string& path, std::span<const Record> records,
                                      Precision precision = Precision::f32) {
  return sequence_embeddings(ModelFile(path), records, precision);
}

}  // namespace io
SEQLSTM_NAMESPACE_END
