// Options of models as JSON, as model files keep them. Reading throws format_error for what is missing, of
// another type or no size.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/basecaller.hpp>
#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <seqlstm/models/signal_classifier.hpp>
#include <variant>

SEQLSTM_NAMESPACE_BEGIN

/// All options of a SequenceClassifier, under the keys of model files; those of convolutions and attention
/// where it has them.
inline void to_json(nlohmann::json& j, const SequenceClassifierOptions& o) {
  j = {{"vocabulary", o.vocabulary},
       {"positions", o.positions},
       {"width", o.embedding_dim},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"outputs", o.outputs},
       {"composition", o.composition},
       {"token_mask", o.token_dropout},
       {"layer_dropout", o.layer_dropout},
       {"head_dropout", o.head_dropout}};
  if (o.filters > 0) j.update({{"filters", o.filters}, {"kernels", o.kernels}});
  if (o.attention_heads > 0) j["attention_heads"] = o.attention_heads;
  if (o.sites) j["sites"] = true;
}

/// Reads them; files without convolutions or attention do not name these. Throws format_error for a key that
/// is missing and a value out of range.
inline void from_json(const nlohmann::json& j, SequenceClassifierOptions& o) {
  using io::size_from;
  const auto probability = [&](const char* key) { return io::number_from(j, key, 0, 1); };
  o = {.vocabulary = size_from(j, "vocabulary", 1, io::largest_size - 2),
       .positions = size_from(j, "positions"),
       .embedding_dim = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .outputs = size_from(j, "outputs", 1),
       .composition = io::flag_from(j, "composition"),
       .token_dropout = probability("token_mask"),
       .layer_dropout = probability("layer_dropout"),
       .head_dropout = probability("head_dropout")};
  if (j.contains("filters")) {
    o.filters = size_from(j, "filters", 1);
    o.kernels = io::sizes_from(j, "kernels");
  }
  if (j.contains("attention_heads")) o.attention_heads = size_from(j, "attention_heads", 1);
  if (j.contains("sites")) o.sites = io::flag_from(j, "sites");
}

/// All options of an EncoderClassifier.
inline void to_json(nlohmann::json& j, const EncoderClassifierOptions& o) {
  j = {{"tokenizer", o.tokenizer}, {"width", o.embedding_dim}, {"hidden", o.hidden},
       {"layers", o.layers},       {"outputs", o.outputs},     {"pieces", o.pieces},
       {"context", o.context},     {"dropout", o.dropout}};
}

/// Reads them. Throws as that of a SequenceClassifier, but nlohmann::json::exception where the tokenizer is
/// missing or of another type.
inline void from_json(const nlohmann::json& j, EncoderClassifierOptions& o) {
  using io::size_from;
  o = {.tokenizer = j.at("tokenizer").get<TokenizerConfig>(),
       .embedding_dim = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .outputs = size_from(j, "outputs", 1),
       .pieces = size_from(j, "pieces"),
       .context = size_from(j, "context", 1),
       .dropout = io::number_from(j, "dropout", 0, 1)};
}

/// The published sizes go without saying.
inline void to_json(nlohmann::json& j, const ReferenceProteinNetOptions& o) {
  j = {{"vocabulary", o.vocabulary}, {"classes", o.classes}};
  const ReferenceProteinNetOptions published{.vocabulary = o.vocabulary, .classes = o.classes};
  if (o == published) return;
  j.update({{"width", o.embedding_dim},
            {"hidden", o.hidden},
            {"layers", o.layers},
            {"dense", o.dense},
            {"dropout", o.dropout}});
}
/// Reads them. Without a width the sizes are the published ones.
inline void from_json(const nlohmann::json& j, ReferenceProteinNetOptions& o) {
  using io::size_from;
  o = {.vocabulary = size_from(j, "vocabulary", 1), .classes = size_from(j, "classes", 1)};
  if (!j.contains("width")) return;
  o.embedding_dim = size_from(j, "width", 1);
  o.hidden = size_from(j, "hidden", 1);
  o.layers = size_from(j, "layers", 1, io::most_layers);
  o.dense = size_from(j, "dense", 1);
  o.dropout = io::number_from(j, "dropout", 0, 1);
}

/// Columns and values of categorical inputs, as model files keep them.
inline void to_json(nlohmann::json& j, const CategoricalInputs& inputs) {
  j = {{"columns", inputs.columns}, {"values", inputs.values}};
}
/// Reads them. Throws format_error unless there are values for each column, and nlohmann::json::exception
/// where these are missing or of another type.
inline void from_json(const nlohmann::json& j, CategoricalInputs& inputs) {
  inputs.columns = io::texts_from(j, "columns");
  inputs.values = j.at("values").get<std::vector<std::vector<std::string>>>();
  if (inputs.values.size() != inputs.columns.size())
    throw format_error("'values' are those of " + std::to_string(inputs.values.size()) +
                       " columns, expected " + std::to_string(inputs.columns.size()) +
                       "; train the model again");
}

/// The classes of a labeller: letters, and of records of several types or with meanings these.
inline void to_json(nlohmann::json& j, const LabelAlphabet& labels) {
  j = {{"letters", labels.letters}, {"types", labels.types}, {"meaning", labels.meaning}};
}
/// Reads them. Throws format_error for a key that is missing and for types or meanings that are not one for
/// each letter.
inline void from_json(const nlohmann::json& j, LabelAlphabet& labels) {
  labels = {io::text_from(j, "letters"), "", io::texts_from(j, "types"), io::texts_from(j, "meaning")};
  for (const auto* each : {&labels.types, &labels.meaning})
    if (!each->empty() && each->size() != labels.classes())
      throw format_error("'" + std::string(each == &labels.types ? "types" : "meaning") + "' are " +
                         std::to_string(each->size()) + " of " + std::to_string(labels.classes()) +
                         " label letters; train the model again");
}

/// All options of a SequenceLabeller.
inline void to_json(nlohmann::json& j, const SequenceLabellerOptions& o) {
  j = {{"vocabulary", o.vocabulary},
       {"channels", o.channels},
       {"embedding_dim", o.embedding_dim},
       {"filters", o.filters},
       {"kernels", o.kernels},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"outputs", o.outputs},
       {"crf", o.crf},
       {"token_dropout", o.token_dropout},
       {"layer_dropout", o.layer_dropout},
       {"head_dropout", o.head_dropout}};
  if (!o.groups.empty()) j["groups"] = o.groups;
}
/// Reads them; without "groups" there are none. Throws format_error for a key that is missing and a value out
/// of range.
inline void from_json(const nlohmann::json& j, SequenceLabellerOptions& o) {
  using io::size_from;
  const auto probability = [&](const char* key) { return io::number_from(j, key, 0, 1); };
  o = {.vocabulary = size_from(j, "vocabulary", 0, io::largest_size - 2),
       .channels = size_from(j, "channels"),
       .embedding_dim = size_from(j, "embedding_dim", 1),
       .filters = size_from(j, "filters"),
       .kernels = io::sizes_from(j, "kernels"),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .outputs = size_from(j, "outputs", 1),
       .crf = io::flag_from(j, "crf"),
       .groups = j.contains("groups") ? io::sizes_from(j, "groups", io::largest_size, 0)
                                      : std::vector<std::size_t>(),
       .token_dropout = probability("token_dropout"),
       .layer_dropout = probability("layer_dropout"),
       .head_dropout = probability("head_dropout")};
  if (o.vocabulary + o.channels == 0)
    throw format_error("'vocabulary' and 'channels' are 0: a labeller reads something");
}

/// All options of a Basecaller; "code" is "ctc" or "crf".
inline void to_json(nlohmann::json& j, const BasecallerOptions& o) {
  j = {{"stride", o.stride}, {"filters", o.filters}, {"kernel", o.kernel},
       {"hidden", o.hidden}, {"layers", o.layers},   {"code", o.code == BaseCode::ctc ? "ctc" : "crf"}};
}
/// Reads them. Throws format_error for a key that is missing and a value out of range.
inline void from_json(const nlohmann::json& j, BasecallerOptions& o) {
  using io::size_from;
  const auto code = io::text_from(j, "code");
  if (code != "ctc" && code != "crf")
    throw format_error("'code' is '" + printable(code) + "', expected ctc or crf");
  o = {.stride = size_from(j, "stride", 1),
       .filters = size_from(j, "filters", 1),
       .kernel = size_from(j, "kernel", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .code = code == "ctc" ? BaseCode::ctc : BaseCode::crf};
}

/// All options of a SignalClassifier.
inline void to_json(nlohmann::json& j, const SignalClassifierOptions& o) {
  j = {{"channels", o.channels},
       {"filters", o.filters},
       {"kernels", o.kernels},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"heads", o.heads},
       {"dense", o.dense},
       {"outputs", o.outputs},
       {"noise", o.noise},
       {"offset", o.offset},
       {"channel_dropout", o.channel_dropout},
       {"layer_dropout", o.layer_dropout},
       {"head_dropout", o.head_dropout}};
}
/// Reads them. Throws format_error for a key that is missing and a value out of range.
inline void from_json(const nlohmann::json& j, SignalClassifierOptions& o) {
  using io::size_from;
  const auto probability = [&](const char* key) { return io::number_from(j, key, 0, 1); };
  o = {.channels = size_from(j, "channels", 1),
       .filters = size_from(j, "filters"),
       .kernels = io::sizes_from(j, "kernels"),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .heads = size_from(j, "heads"),
       .dense = size_from(j, "dense", 1),
       .outputs = size_from(j, "outputs", 1),
       .noise = io::number_from(j, "noise", 0),
       .offset = io::number_from(j, "offset", 0),
       .channel_dropout = probability("channel_dropout"),
       .layer_dropout = probability("layer_dropout"),
       .head_dropout = probability("head_dropout")};
}

/// All options of a MaskedLanguageModel.
inline void to_json(nlohmann::json& j, const MaskedLanguageModelOptions& o) {
  j = {{"vocabulary", o.vocabulary},
       {"width", o.embedding_dim},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"dropout", o.dropout}};
}
/// Reads them. Throws format_error for a key that is missing and a value out of range.
inline void from_json(const nlohmann::json& j, MaskedLanguageModelOptions& o) {
  using io::size_from;
  o = {.vocabulary = size_from(j, "vocabulary", 1, io::largest_size - 2),
       .embedding_dim = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, io::most_layers),
       .dropout = io::number_from(j, "dropout", 0, 1)};
}

SEQLSTM_NAMESPACE_END

/// Those of an AnyClassifier: one kind's, told apart by their keys.
template <> struct nlohmann::adl_serializer<seqlstm::AnyClassifierOptions> {
  /// The options of the kind that it holds.
  static void to_json(json& j, const seqlstm::AnyClassifierOptions& options) {
    std::visit([&](const auto& o) { j = o; }, options);
  }
  /// Reads a SequenceClassifier's where there is a key "positions", an EncoderClassifier's where there is
  /// "pieces", else a ReferenceProteinNet's. Throws as those do.
  static void from_json(const json& j, seqlstm::AnyClassifierOptions& options) {
    if (j.contains("positions")) {
      options = j.get<seqlstm::SequenceClassifierOptions>();
    } else if (j.contains("pieces")) {
      options = j.get<seqlstm::EncoderClassifierOptions>();
    } else {
      options = j.get<seqlstm::ReferenceProteinNetOptions>();
    }
  }
};
