// The part of a masked language model that a classifier goes on with: token vectors and LSTM.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/train/transfer.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

namespace detail {

inline constexpr const char* masked_model_kind = "residue_model";

}  // namespace detail

/// Writes a masked language model so that load_masked_encoder finds its encoder; `tokenizer` is the one it
/// reads with. The file remembers what the model says of `probe`. Throws io_error.
template <Scalar T>
void save_masked_model(const std::string& path, MaskedLanguageModel<T>& model, const Tokenizer& tokenizer,
                       const StoredInput& probe) {
  save_model(path, model,
             {detail::masked_model_kind, {{"residues", model.options()}}, tokenizer.to_config(), {}}, probe);
}

/// Does the file hold a masked language model?
inline bool is_masked_model(const ModelFile& file) {
  return file.info().kind == detail::masked_model_kind;
}
/// The same of a file that is asked nothing else.
inline bool is_masked_model(const std::string& path) {
  return is_masked_model(ModelFile(path));
}

/// The options of the masked language model in a file. Throws format_error for a file without one.
inline MaskedLanguageModelOptions masked_model_options(const ModelFile& file) {
  const std::string& path = file.path();
  const auto& info = file.info();
  if (!info.options.is_object() || !info.options.contains("residues"))
    throw format_error(path + ": the model is from another version, train it again");
  try {
    const auto options = info.options.at("residues").get<MaskedLanguageModelOptions>();
    check_fits(path, info, expected_parameters(options));
    return options;
  } catch (const format_error& error) {
    throw named(path, error);
  }
}

/// The same of a file that is asked nothing else.
inline MaskedLanguageModelOptions read_masked_model_options(const std::string& path) {
  return masked_model_options(ModelFile(path));
}

/// Fills a classifier's token vectors and LSTM with those of a masked language model. `tokenizer` is the one
/// the classifier reads with; vectors go to the tokens of the same letters, and tokens the model never had
/// (categorical inputs) get the mean vector. Throws option_error where the two cut sequences differently,
/// format_error where sizes do not fit.
inline void load_masked_encoder(const ModelFile& file, SequenceClassifier<float>& classifier,
                                const Tokenizer& tokenizer) {
  const std::string& path = file.path();
  const auto has = masked_model_options(file);
  const auto& wanted = classifier.options();
  const auto sizes = [](const auto& o) {
    return "width " + std::to_string(o.embedding_dim) + ", " + std::to_string(o.layers) + " layers of " +
           std::to_string(o.hidden);
  };
  if (has.embedding_dim != wanted.embedding_dim || has.hidden != wanted.hidden || has.layers != wanted.layers)
    throw format_error(path + ": the model has " + sizes(has) + ", the classifier expects " + sizes(wanted) +
                       "; build it with the model's sizes, read_masked_model_options tells them");
  MaskedLanguageModel<float> trained(has);
  file.load(trained);
  const auto own = file.tokenizer();
  auto matches = matching_tokens(own, tokenizer);
  matches.resize(classifier.options().vocabulary, -1);
  matches.push_back(static_cast<Token>(own.vocabulary()));  // the one that hides
  std::map<std::string, Parameter<float>*> from;
  for_each_parameter(trained, [&](const std::string& name, Parameter<float>& p) { from[name] = &p; });
  for_each_parameter(classifier, [&](const std::string& name, Parameter<float>& p) {
    if (name == "token.weight") {
      copy_matching_rows<float>(from.at(name)->view(), matches, p.edit());
    } else if (name.starts_with("lstm.")) {
      std::copy_n(from.at(name)->data(), p.size(), p.edit().data());
    }
  });
}
/// The same from a file that is asked nothing else.
inline void load_masked_encoder(const std::string& path, SequenceClassifier<float>& classifier,
                                const Tokenizer& tokenizer) {
  load_masked_encoder(ModelFile(path), classifier, tokenizer);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
