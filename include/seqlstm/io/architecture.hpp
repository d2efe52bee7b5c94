// The layers of a chain as JSON, and models that are built from it when the program runs: what
// tools/seqlstm_convert.py makes of the files of Keras, PyTorch, fastai and Flax.
//
//     auto model = io::load("converted.safetensors");        // an AnySequential with its weights
//
//     {"vocabulary": 27, "layers": [{"type": "embedding", "dim": 32},
//                                   {"type": "lstm", "hidden": 64, "bidirectional": true},
//                                   {"type": "last"}, {"type": "dense", "output": 2}]}
//
// A layer's type is the name of its recipe, its keys are the options of the same name; what is not named has
// its usual value. A converted file has this text in its metadata, under "architecture".
#pragma once

#include <seqlstm/io/detail/binary_file.hpp>
#include <seqlstm/io/detail/bounded_json.hpp>
#include <seqlstm/io/detail/recipe_json.hpp>
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What a chain is built from.
struct Architecture {
  std::vector<AnyRecipe> layers;  ///< from the first to the last
  std::size_t vocabulary = 0;     ///< number of token ids; 0: it reads none
  std::size_t channels = 0;       ///< real numbers at each position; 0: it reads none

  /// For build(). Channels are as they are, mean 0 and deviation 1: those of a file come with its weights.
  [[nodiscard]] BuildInfo build_info() const {
    return {.vocabulary = vocabulary,
            .channels = {std::vector<float>(channels, 0.0F), std::vector<float>(channels, 1.0F)}};
  }
};

/// The architecture as JSON, every option named.
inline nlohmann::json architecture_json(const Architecture& architecture) {
  nlohmann::json layers = nlohmann::json::array();
  for (const AnyRecipe& recipe : architecture.layers) layers.push_back(detail::recipe_json(recipe));
  nlohmann::json json = {{"layers", layers}};
  if (architecture.vocabulary > 0) json["vocabulary"] = architecture.vocabulary;
  if (architecture.channels > 0) json["channels"] = architecture.channels;
  return json;
}
/// The same of a chain that was built.
template <Scalar T> nlohmann::json architecture_json(const AnySequential<T>& model) {
  return architecture_json(
      Architecture{model.recipes(), model.info().vocabulary, model.info().channels.channels()});
}
/// Reads it. Throws format_error that names the layer for a type that is not known, an option that the type
/// does not have, and a value out of range; and where layers do not fit one another.
inline Architecture architecture_from(const nlohmann::json& json) {
  Architecture read;
  detail::check_keys(json, "an architecture", {"vocabulary", "channels", "layers", "made_from"});
  // Tokens are 32-bit numbers; a scale of channels is made before their layer.
  if (json.contains("vocabulary")) read.vocabulary = size_from(json, "vocabulary", 1, largest_size - 2);
  if (json.contains("channels")) read.channels = size_from(json, "channels", 1, std::uint64_t{1} << 20U);
  const nlohmann::json& layers = detail::member(json, "layers", "a list of layers");
  if (!layers.is_array() || layers.empty() || layers.size() > most_layers)
    throw detail::wrong_value("layers", detail::shown_json(layers),
                              "a list of 1 to " + std::to_string(most_layers) + " layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    try {
      read.layers.push_back(detail::recipe_from(layers[i]));
    } catch (const format_error& error) {
      throw format_error("layer " + std::to_string(i) + ": " + error.what());
    }
  }
  try {
    static_cast<void>(AnySequential<float>(read.layers));
  } catch (const option_error& error) {
    throw format_error(error.what());
  }
  return read;
}

namespace detail {

/// What a file's text says; complaints begin with the file's name.
inline Architecture architecture_of_text(const std::string& path, const std::string& text) {
  const auto json = bounded_json(text, 32, [&](std::size_t byte, const std::string& what) {
    return format_error(path + ": the architecture is no JSON that can be read: its byte " +
                        std::to_string(byte) + " " + what);
  });
  try {
    return architecture_from(json);
  } catch (const format_error& error) {
    throw format_error(path + ": " + error.what());
  }
}

/// Throws format_error where the layers would have more parameters than the file's tensors hold: before they
/// are made.
inline void check_room(const std::string& path, const Architecture& architecture,
                       const SafetensorsFile& file) {
  double held = 0;
  for (const auto& [name, tensor] : file.tensors)
    held += static_cast<double>(element_count(tensor.shape).value_or(0));
  const double expected = expected_parameters(architecture.layers, architecture.build_info());
  if (!(expected <= held))
    throw format_error(path + ": its layers have " + seqlstm::detail::number_text(expected) +
                       " numbers or more, its tensors hold " + seqlstm::detail::number_text(held) +
                       "; the architecture is of other weights");
}

/// A chain of these layers with weights drawn from seed 0. What a layer refuses becomes a format_error.
template <Scalar T> AnySequential<T> built_chain(const std::string& path, const Architecture& architecture) {
  AnySequential<T> model(architecture.layers);
  try {
    model.build(architecture.build_info());
  } catch (const option_error& error) {
    throw format_error(path + ": " + error.what() + "; its layers do not fit one another");
  } catch (const shape_error& error) {
    throw format_error(path + ": " + error.what() + "; its layers do not fit one another");
  }
  return model;
}

}  // namespace detail

/// Reads the JSON of an architecture from a file of its own. Throws io_error and format_error.
inline Architecture read_architecture(const std::string& path) {
  constexpr std::size_t largest = 16U << 20U;
  detail::BinaryFile file(path);
  if (file.size() > largest)
    throw format_error(path + ": " + std::to_string(file.size()) + " bytes, expected the JSON of an " +
                       "architecture, which has at most " + std::to_string(largest));
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return detail::architecture_of_text(path, text);
}

/// Builds the chain of layers that a converted file describes and fills it with the file's weights. The file
/// has no tokenizer and no loss: token ids are those of the library it comes from; `save` keeps the model
/// with both. Throws io_error, and format_error for a file without an architecture, for layers that do not
/// fit, and for a missing, misshapen or surplus tensor.
template <Scalar T = float> AnySequential<T> load(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  const auto text = file.metadata.find("architecture");
  if (text == file.metadata.end())
    throw format_error(
        path + ": no architecture in its metadata, expected a file that " +
        "tools/seqlstm_convert.py made; what save() wrote is read by load(path, model), weights alone by "
        "load(model, path)");
  const Architecture architecture = detail::architecture_of_text(path, text->second);
  detail::check_room(path, architecture, file);
  auto model = detail::built_chain<T>(path, architecture);
  load_state_dict(model, file, path);
  return model;
}

}  // namespace io

SEQLSTM_NAMESPACE_END
