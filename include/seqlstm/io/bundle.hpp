// A model with all it takes to use it, in one call each way: weights, tokenizer, loss, labels.
//
//     io::save("promoters.model", model, {.tokenizer = dna4, .labels = train.label_names});
//
//     auto model = sequential(...);                              // the layers, not yet built
//     const auto saved = io::load("promoters.model", model);     // builds and fills them
//     std::cout << predict(model, saved.tokenizer.encode("TTGACA..."));
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <seqlstm/io/checkpoint.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What a model's user must know besides its weights.
struct Bundle {
  Tokenizer tokenizer = dna4;     ///< the one of the training data
  std::optional<Loss> loss = {};  ///< what outputs mean; without, that of fit, which a Sequential remembers
  std::vector<std::string> labels = {};  ///< names of the classes
  double mean = 0;                       ///< of a regression's targets: value = output * stddev + mean
  double stddev = 1;                     ///< of them too, above 0
  std::vector<Token> probe = {};         ///< the input whose output the file keeps; made up where it is empty
};

namespace detail {

inline constexpr const char* bundle_kind = "seqlstm-bundle";

/// The loss under `key`; `own` where the file names one that the library does not have.
inline Loss loss_from(const nlohmann::json& object, const std::optional<Loss>& own) {
  const auto& described = member(object, "loss", "a loss");
  const std::string name = text_from(described, "loss");
  if (described.contains("custom")) {
    if (!own || own->name() != name)
      throw format_error("the loss '" + name + "' is not one of the library's; pass it to load()");
    return *own;
  }
  if (name == "bce_with_logits")
    return bce_with_logits({.pos_weight = numbers_from(described, "pos_weight")});
  if (name == "bce") return bce();
  if (name == "mse") return mse();
  if (name == "cross_entropy")
    return cross_entropy({.class_weights = numbers_from(described, "class_weights"),
                          .label_smoothing = number_from(described, "label_smoothing", 0, 1)});
  throw format_error("the loss '" + name + "' is not known; the file is from another version");
}

/// Has a tensor of the model so many rows or columns? What a file's sizes must show before they are believed.
inline bool has_side(const SafetensorsFile& file, std::size_t size) {
  return std::any_of(file.tensors.begin(), file.tensors.end(), [&](const auto& named) {
    const auto& [name, tensor] = named;
    return !name.starts_with(own_prefix) &&
           std::find(tensor.shape.begin(), tensor.shape.end(), size) != tensor.shape.end();
  });
}

/// An input for the file's pair of input and output: ids in turn, no longer than a position table.
inline std::vector<Token> probe_tokens(std::size_t vocabulary, std::size_t max_length) {
  constexpr std::size_t usual = 32;
  std::vector<Token> tokens(max_length > 0 ? std::min(usual, max_length) : usual);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<Token>((7 * i + 1) % vocabulary);
  return tokens;
}

}  // namespace detail

/// Saves a trained model with what a Bundle says. Throws option_error without a loss; else as save_model
/// does.
template <class Model> void save(const std::string& path, Model& model, const Bundle& bundle) {
  std::optional<Loss> loss = bundle.loss;
  if constexpr (requires { model.trained_with; })
    if (!loss) loss = model.trained_with;
  if (!loss)
    throw option_error("save: the model remembers no loss; say which its outputs are for (.loss = ...)");
  if (!std::isfinite(bundle.mean) || !(std::isfinite(bundle.stddev) && bundle.stddev > 0))
    throw option_error("save: mean is " + seqlstm::detail::number_text(bundle.mean) + ", stddev " +
                       seqlstm::detail::number_text(bundle.stddev) +
                       ", expected finite numbers, stddev above 0");
  const std::size_t vocabulary = bundle.tokenizer.vocabulary();
  std::size_t max_length = 0;
  nlohmann::json options = {{"loss", detail::described_choice(loss->choice())},
                            {"mean", bundle.mean},
                            {"deviation", bundle.stddev}};
  if constexpr (requires { model.info().max_length; }) {
    if (model.info().vocabulary != vocabulary)
      throw option_error("save: the model was built for " + std::to_string(model.info().vocabulary) +
                         " tokens, the tokenizer has " + std::to_string(vocabulary) +
                         "; give the tokenizer of its training data");
    max_length = model.info().max_length;
    options["max_length"] = max_length;
  }
  const auto probe = bundle.probe.empty() ? detail::probe_tokens(vocabulary, max_length) : bundle.probe;
  save_model(path, model, {detail::bundle_kind, options, bundle.tokenizer.to_config(), bundle.labels}, probe);
}

/// Fills a model of the same layers with what save() wrote, and says what else the file knows. A Sequential
/// that is not built is built first. A loss of one's own is passed as `own`. Throws format_error for a file
/// of something else and where the layers do not fit; the model is then as it was, but for being built.
template <class Model>
Bundle load(const std::string& path, Model& model, const std::optional<Loss>& own = {}) {
  const SafetensorsFile file = detail::open_model(path);
  const ModelInfo info = detail::info_of(path, file);
  if (info.kind != detail::bundle_kind)
    throw format_error(
        path + ": a model of kind '" + info.kind +
        "', not one that save() wrote; give it to the program that saved it, or use load_model");
  Bundle bundle;
  bundle.tokenizer = tokenizer_of(path, info);
  bundle.labels = info.label_names;
  std::size_t max_length = 0;
  try {
    bundle.loss = detail::loss_from(info.options, own);
    bundle.mean = number_from(info.options, "mean");
    bundle.stddev = number_from(info.options, "deviation", std::numeric_limits<double>::min());
    if (info.options.contains("max_length"))
      max_length = size_from(info.options, "max_length", 0, largest_size);
  } catch (const format_error& error) {
    throw named(path, error);
  }
  if constexpr (requires { model.build(BuildInfo{}); }) {
    if (!model.built()) {
      const std::size_t vocabulary = bundle.tokenizer.vocabulary();
      if (!detail::has_side(file, vocabulary))
        throw format_error(path + ": no tensor has a row or a column for each of " +
                           std::to_string(vocabulary) + " tokens; the file is damaged or of other layers");
      try {
        model.build(
            {.vocabulary = vocabulary, .max_length = detail::has_side(file, max_length) ? max_length : 0});
      } catch (const option_error& error) {
        throw format_error(path + ": " + error.what() + "; the file is of other layers");
      }
    }
  }
  detail::fill_model(path, file, model);
  if constexpr (requires { model.trained_with = bundle.loss; }) model.trained_with = bundle.loss;
  return bundle;
}

}  // namespace io

SEQLSTM_NAMESPACE_END
