// A model with all it takes to use it, in one call each way: weights, tokenizer, loss, labels.
//
//     io::save("promoters.model", model, {.tokenizer = dna4, .labels = train.label_names});
//
//     auto model = sequential(...);                              // the layers, not yet built
//     const auto saved = io::load("promoters.model", model);     // builds and fills them
//     std::cout << predict(model, saved.tokenizer.encode("TTGACA..."));
//
// An AnySequential needs no layers to begin with: the file has them.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <seqlstm/io/architecture.hpp>
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
  StoredInput probe = {};                ///< the input whose output the file keeps; made up where it is empty
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
  if (name == "crf_loss") return crf_loss();
  if (name == "ctc_loss")
    return ctc_loss({.blank = size_from(described, "blank", 0, largest_size),
                     .zero_infinity = flag_from(described, "zero_infinity")});
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

/// An input for the file's pair of input and output, no longer than a position table: ids in turn, and
/// numbers that differ.
inline StoredInput made_up_input(std::size_t vocabulary, std::size_t channels, std::size_t max_length) {
  constexpr std::size_t usual = 256;  // more than a window of a convolution
  StoredInput input;
  input.channel_count = channels;
  const std::size_t length = max_length > 0 ? std::min(usual, max_length) : 32;
  for (std::size_t t = 0; t < length; ++t) {
    input.tokens.push_back(static_cast<Token>((7 * t + 1) % vocabulary));
    for (std::size_t c = 0; c < channels; ++c)
      input.channels.push_back(static_cast<float>((5 * t + 3 * c) % 11) / 4 - 1);
  }
  return input;
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
  std::size_t max_length = 0, channels = 0;
  nlohmann::json options = {{"loss", detail::described_choice(loss->choice())},
                            {"mean", bundle.mean},
                            {"deviation", bundle.stddev}};
  if constexpr (requires { model.info().max_length; }) {
    const bool of_channels_alone = model.info().vocabulary == 0 && model.info().channels.channels() > 0;
    if (model.info().vocabulary != vocabulary && !of_channels_alone)
      throw option_error("save: the model was built for " + std::to_string(model.info().vocabulary) +
                         " tokens, the tokenizer has " + std::to_string(vocabulary) +
                         "; give the tokenizer of its training data");
    max_length = model.info().max_length;
    options["max_length"] = max_length;
    channels = model.info().channels.channels();
    if (channels > 0) options["channels"] = channels;
  }
  if constexpr (requires { model.recipes(); }) options["architecture"] = architecture_json(model);
  const auto probe =
      bundle.probe.empty() ? detail::made_up_input(vocabulary, channels, max_length) : bundle.probe;
  save_model(path, model, {detail::bundle_kind, options, bundle.tokenizer.to_config(), bundle.labels}, probe);
}

/// Fills a model of the same layers with what save() wrote, and says what else the file knows. A Sequential
/// that is not built is built first; an AnySequential of nothing gets the file's layers. A loss of one's own
/// is passed as `own`. Throws format_error for a file of something else and where the layers do not fit; the
/// model is then as it was, but for being built.
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
  std::size_t max_length = 0, channels = 0;
  // A chain of nothing that gets the file's layers is of nothing again where the file is refused after all.
  struct Emptied {
    Model* made = nullptr;
    ~Emptied() {
      if constexpr (requires { made->recipes(); })
        if (made != nullptr) *made = Model();
    }
  } emptied;
  try {
    bundle.loss = detail::loss_from(info.options, own);
    bundle.mean = number_from(info.options, "mean");
    bundle.stddev = number_from(info.options, "deviation", std::numeric_limits<double>::min());
    if (info.options.contains("max_length"))
      max_length = size_from(info.options, "max_length", 0, largest_size);
    if (info.options.contains("channels")) channels = size_from(info.options, "channels", 0, largest_size);
    if constexpr (requires { model.recipes(); })
      if (model.recipes().empty()) {
        const auto architecture =
            architecture_from(detail::member(info.options, "architecture", "an architecture"));
        check_fits(path, info, expected_parameters(architecture.layers, architecture.build_info()));
        const Precision precision = model.precision();
        model = Model(architecture.layers);
        if (precision != Precision::f32) model.set_precision(precision);
        emptied.made = &model;
      }
  } catch (const format_error& error) {
    throw named(path, error);
  }
  if constexpr (requires { model.build(BuildInfo{}); }) {
    if (!model.built()) {
      const std::size_t vocabulary = bundle.tokenizer.vocabulary();
      if (!detail::has_side(file, channels)) channels = 0;  // the data had them, the network reads none
      // A network of channels alone has none of the tokens.
      const bool has_tokens = detail::has_side(file, vocabulary);
      if (channels == 0 && !has_tokens)
        throw format_error(path + ": no tensor has a row or a column for each of " +
                           std::to_string(vocabulary) + " tokens; the file is damaged or of other layers");
      try {
        model.build({.vocabulary = has_tokens ? vocabulary : 0,
                     .max_length = detail::has_side(file, max_length) ? max_length : 0,
                     .channels = {std::vector<float>(channels, 0.0F), std::vector<float>(channels, 1.0F)}});
      } catch (const option_error& error) {
        throw format_error(path + ": " + error.what() + "; the file is of other layers");
      } catch (const shape_error& error) {
        throw format_error(path + ": " + error.what() + "; the file is of other layers");
      }
    }
  }
  detail::fill_model(path, file, model);
  emptied.made = nullptr;
  if constexpr (requires { model.trained_with = bundle.loss; }) model.trained_with = bundle.loss;
  return bundle;
}

}  // namespace io

SEQLSTM_NAMESPACE_END
