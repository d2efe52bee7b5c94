// The part of a language model that other tasks go on with.
#pragma once

#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/train/transfer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What an encoder's file says of it: a model file of a language model whose options hold the encoder's
/// ("encoder": {"vocabulary", "width", "hidden", "layers"}).
struct EncoderInfo {
  AwdLstmOptions options;  ///< without dropouts: those are the new task's
  Tokenizer tokenizer;     ///< the one the language model was trained with
};

/// AwdLstmOptions as a model file keeps them.
inline nlohmann::json encoder_options(const AwdLstmOptions& o) {
  return {
      {"vocabulary", o.vocabulary}, {"width", o.embedding_dim}, {"hidden", o.hidden}, {"layers", o.layers}};
}
/// The same read back. Throws format_error for what is no size.
inline AwdLstmOptions encoder_options(const nlohmann::json& json) {
  AwdLstmOptions o;
  o.vocabulary = size_from(json, "vocabulary", 1, Tokenizer::largest_vocabulary + 1);
  o.embedding_dim = size_from(json, "width", 1);
  o.hidden = size_from(json, "hidden", 1);
  o.layers = size_from(json, "layers", 1, most_layers);
  return o;
}

/// Writes a language model so that read_encoder_info and load_encoder find its encoder; `tokenizer` is the
/// one it reads with. The file remembers what the model says of `probe`. Throws io_error.
template <Scalar T>
void save_encoder(const std::string& path, AwdLanguageModel<T>& model, const Tokenizer& tokenizer,
                  const StoredInput& probe) {
  save_model(
      path, model,
      {"language_model", {{"encoder", encoder_options(model.encoder.options())}}, tokenizer.to_config(), {}},
      probe);
}

/// Which encoder a file holds. Throws format_error for a file without one.
inline EncoderInfo encoder_info(const ModelFile& file) {
  const std::string& path = file.path();
  const ModelInfo& info = file.info();
  if (!info.options.is_object() || !info.options.contains("encoder"))
    throw format_error(path + ": a model of kind '" + info.kind +
                       "' without an encoder; give an AWD-LSTM language model");
  try {
    const AwdLstmOptions options = encoder_options(info.options.at("encoder"));
    check_fits(path, info, expected_parameters(options));
    return {options, file.tokenizer()};
  } catch (const format_error& error) {
    throw named(path, error);
  }
}
/// The same of a file that is asked nothing else.
inline EncoderInfo read_encoder_info(const std::string& path) {
  return encoder_info(ModelFile(path));
}

/// Fills an encoder with a language model's. Its vocabulary may be another: vectors go to the tokens of the
/// same letters, and tokens the language model never had get the mean vector. `tokenizer` is the one the new
/// model reads with. Throws option_error where that cuts sequences differently, format_error where sizes do
/// not fit or the stored input is answered differently.
template <Scalar T>
void load_encoder(const ModelFile& file, AwdLstm<T>& encoder, const Tokenizer& tokenizer) {
  const std::string& path = file.path();
  const EncoderInfo info = encoder_info(file);
  const auto& wanted = encoder.options();
  if (info.options.embedding_dim != wanted.embedding_dim || info.options.hidden != wanted.hidden ||
      info.options.layers != wanted.layers)
    throw format_error(path + ": the encoder has width " + std::to_string(info.options.embedding_dim) + ", " +
                       std::to_string(info.options.layers) + " layers of " +
                       std::to_string(info.options.hidden) + ", the model expects width " +
                       std::to_string(wanted.embedding_dim) + ", " + std::to_string(wanted.layers) +
                       " layers of " + std::to_string(wanted.hidden) +
                       "; build it with the encoder's sizes, read_encoder_info tells them");
  const auto matches = matching_tokens(info.tokenizer, tokenizer);
  if (info.options.vocabulary != info.tokenizer.vocabulary() || wanted.vocabulary != tokenizer.vocabulary())
    throw format_error(path + ": the encoder has " + std::to_string(info.options.vocabulary) +
                       " tokens, its tokenizer " + std::to_string(info.tokenizer.vocabulary()) +
                       "; the model " + std::to_string(wanted.vocabulary) + ", its tokenizer " +
                       std::to_string(tokenizer.vocabulary()) + "; each needs the tokenizer it was made for");
  AwdLanguageModel<T> model(info.options);
  file.load(model);
  AwdLstm<T>& trained = model.encoder;
  copy_matching_rows<T>(trained.embedding().weight.view(), matches, encoder.embedding().weight.edit());
  std::vector<Parameter<T>*> from;
  for_each_parameter(trained, [&](const std::string&, Parameter<T>& p) { from.push_back(&p); });
  std::size_t next = 0;
  for_each_parameter(encoder, [&](const std::string&, Parameter<T>& p) {
    const Parameter<T>& source = *from[next++];
    if (next > 1) std::copy_n(source.data(), source.size(), p.edit().data());  // the first is the embedding's
  });
}
/// The same from a file that is asked nothing else.
template <Scalar T>
void load_encoder(const std::string& path, AwdLstm<T>& encoder, const Tokenizer& tokenizer) {
  load_encoder(ModelFile(path), encoder, tokenizer);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
