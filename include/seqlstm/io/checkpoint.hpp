// A model in one file, with everything that is needed to use it or to go on training it.
//
// The file is safetensors. The model's tensors have PyTorch's names, so other programs can read the weights;
// what else is needed stands beside them: the model's kind and options, the tokenizer, the labels and a
// checksum in the metadata, one input with its output, and in a checkpoint the optimizer's moments, the best
// weights so far and where the training stands. Files are replaced atomically.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/io/detail/training_options.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/io/stored_input.hpp>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/train/fit.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What a model file says besides weights.
struct ModelInfo {
  std::string kind;                      ///< which model class, chosen by the program
  nlohmann::json options;                ///< the model's own options, enough to build it
  TokenizerConfig tokenizer;             ///< Tokenizer::to_config()
  std::vector<std::string> label_names;  ///< of the classes
  std::string checksum = {};             ///< of a file that was read: says whether two files hold one model
  std::size_t numbers = 0;               ///< in the model's tensors of a file that was read
};

namespace detail {

inline constexpr const char* checkpoint_format = "seqlstm-model";
inline constexpr const char* own_prefix = "seqlstm/";  // of tensors that are not the model's

inline constexpr const char* format_version = "2";

/// CRC-32 of a tensor: type, shape and bytes.
inline std::string checksum(const Tensor& tensor) {
  const std::string kind = tensor.dtype + shape_text(tensor.shape);
  uLong sum = crc32_z(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(kind.data()), kind.size());
  sum = crc32_z(sum, reinterpret_cast<const Bytef*>(tensor.data.data()), tensor.data.size());
  return std::to_string(sum);
}
/// CRC-32 of the metadata but for its own entry. The tensors' checksums are part of it.
inline std::string checksum(const std::map<std::string, std::string>& metadata) {
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& [key, value] : metadata) {
    if (key == "checksum") continue;
    for (const std::string& text : {key, value})
      sum = crc32_z(sum, reinterpret_cast<const Bytef*>(text.data()), text.size() + 1);
  }
  return std::to_string(sum);
}

inline void seal(SafetensorsFile& file) {
  nlohmann::json tensors = nlohmann::json::object();
  for (const auto& [name, tensor] : file.tensors) tensors[name] = checksum(tensor);
  file.metadata["tensor_checksums"] = tensors.dump();
  file.metadata["checksum"] = checksum(file.metadata);
}

inline const std::string& metadata_text(const std::string& path, const SafetensorsFile& file,
                                        const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    throw format_error(path + ": metadata '" + key +
                       "' is missing; the file is from another version, save it again");
  return found->second;
}
/// What `body` makes of the JSON in a metadata entry; format_error where it is not what `body` expects.
template <class Body>
auto read_metadata(const std::string& path, const SafetensorsFile& file, const std::string& key, Body body) {
  const auto wrong = [&](const std::string& found) {
    return format_error(path + ": metadata '" + key + "' is not what it should be" + found +
                        "; the file is from another version or damaged, save it again");
  };
  const auto json =
      bounded_json(metadata_text(path, file, key), 32, [&](std::size_t place, const std::string& what) {
        return wrong(": its byte " + std::to_string(place) + " " + what);
      });
  try {
    return body(json);
  } catch (const nlohmann::json::exception&) {
    throw wrong("");
  } catch (const format_error& error) {
    const std::string what = error.what();
    if (what.starts_with(path + ":")) throw;
    throw format_error(path + ": metadata '" + key + "' is not what it should be: " + what);
  }
}
/// A metadata entry that holds JSON of type T.
template <class T = nlohmann::json>
T parse_metadata(const std::string& path, const SafetensorsFile& file, const std::string& key) {
  return read_metadata(path, file, key, [](const nlohmann::json& json) { return json.get<T>(); });
}

/// Throws format_error naming the first tensor that is not what was saved, and where its bytes begin.
inline void check_seal(const std::string& path, const SafetensorsFile& file) {
  constexpr const char* advice = "the file was damaged; restore it from a copy or train again";
  if (metadata_text(path, file, "checksum") != checksum(file.metadata))
    throw format_error(path + ": byte 8: the header does not fit its checksum; " + advice);
  const auto sums = parse_metadata<std::map<std::string, std::string>>(path, file, "tensor_checksums");
  std::size_t from_end = 0;
  for (const auto& [name, tensor] : file.tensors) from_end += tensor.data.size();
  const std::size_t size = std::filesystem::file_size(path);
  for (const auto& [name, tensor] : file.tensors) {
    const auto sum = sums.find(name);
    if (sum == sums.end() || sum->second != checksum(tensor))
      throw format_error(path + ": byte " + std::to_string(size - from_end) + ": tensor '" + name +
                         "' does not fit its checksum; " + advice);
    from_end -= tensor.data.size();
  }
  if (sums.size() != file.tensors.size())
    throw format_error(path + ": " + std::to_string(file.tensors.size()) + " tensors of " +
                       std::to_string(sums.size()) + "; " + advice);
}

/// Reads a file and checks that it is one of ours and whole.
inline SafetensorsFile open_model(const std::string& path) {
  SafetensorsFile file = read_safetensors(path);
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != checkpoint_format)
    throw format_error(path + ": this is a safetensors file, but not a seqlstm model (metadata 'format' is " +
                       (format == file.metadata.end() ? "missing" : "'" + format->second + "'") +
                       "); give a file that --save wrote");
  const std::string& version = metadata_text(path, file, "format_version");
  if (version != format_version)
    throw format_error(path + ": model format " + version + ", expected " + format_version +
                       "; save the model again with this version");
  check_seal(path, file);
  return file;
}

/// The name of the first tensor of the model with a number that is NaN or infinite, and which; or nothing.
inline std::optional<std::pair<std::string, std::string>> not_finite(const SafetensorsFile& file) {
  for (const auto& [name, tensor] : file.tensors) {
    const bool has_nan =
        tensor.dtype == "F64" || tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "BF16";
    if (!has_nan || name.starts_with(own_prefix)) continue;
    for (const double value : tensor_values<double>(tensor))
      if (!std::isfinite(value)) return std::pair(name, std::string(std::isnan(value) ? "NaN" : "infinity"));
  }
  return std::nullopt;
}
/// Throws format_error for the weights of a training that diverged: no stored input is answered with them.
inline void check_finite(const std::string& path, const SafetensorsFile& file) {
  if (const auto found = not_finite(file))
    throw format_error(path + ": tensor '" + found->first + "' holds " + found->second +
                       ": the training that was saved had diverged; train again with a lower learning rate");
}

/// The tensors of the model alone.
inline SafetensorsFile model_tensors(const SafetensorsFile& file) {
  SafetensorsFile own;
  for (const auto& [name, tensor] : file.tensors)
    if (!name.starts_with(own_prefix)) own.add(name, tensor);
  return own;
}

/// What the model that is read back from this file answers. Weights that are stored quantised are no longer
/// the model's own.
template <class Model>
std::vector<double> output_of_file(const std::string& path, const SafetensorsFile& file, Model& model,
                                   const StoredInput& probe) {
  const bool quantised = std::any_of(file.tensors.begin(), file.tensors.end(),
                                     [](const auto& tensor) { return tensor.second.dtype == "I8"; });
  if (!quantised) return output_of_stored(model, probe);
  const Unchanged own(model);
  fill_state(model, file, path);
  return output_of_stored(model, probe);
}

template <class Model>
SafetensorsFile make_model_file(const std::string& path, Model& model, const ModelInfo& info,
                                const StoredInput& probe) {
  SafetensorsFile file = state_dict(model);
  if (const auto found = not_finite(file))
    throw numeric_error("the model was not saved, '" + path + "' is as it was: tensor '" + found->first +
                        "' holds " + found->second +
                        ", the training has diverged; train again with a lower learning rate");
  file.metadata["format"] = checkpoint_format;
  file.metadata["format_version"] = format_version;
  file.metadata["arch"] = std::string(kernel_arch());
  file.metadata["kind"] = info.kind;
  for (const std::string& name : info.label_names)
    if (!is_utf8(name))
      throw format_error(path + ": the label '" + utf8_text(name) +
                         "' is not UTF-8 text, which a model file needs; convert the labels");
  file.metadata["options"] = info.options.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  file.metadata["tokenizer"] = nlohmann::json(info.tokenizer).dump();
  file.metadata["labels"] = nlohmann::json(info.label_names).dump();
  const std::vector<double> output = output_of_file(path, file, model, probe);
  file.add(std::string(own_prefix) + "probe.tokens",
           make_tensor(std::span<const Token>(probe.tokens), {probe.tokens.size()}));
  if (probe.channel_count > 0)
    file.add(std::string(own_prefix) + "probe.channels",
             make_tensor(std::span<const float>(probe.channels),
                         {probe.channels.size() / probe.channel_count, probe.channel_count}));
  file.add(std::string(own_prefix) + "probe.output", make_tensor(output, {output.size()}));
  return file;
}

/// Runs the stored input and compares; a build for another instruction set may differ in the last bits.
template <class Model> void check_probe(const std::string& path, const SafetensorsFile& file, Model& model) {
  const Tensor* tokens = file.find(std::string(own_prefix) + "probe.tokens");
  const Tensor* expected = file.find(std::string(own_prefix) + "probe.output");
  if (tokens == nullptr || expected == nullptr)
    throw format_error(path +
                       ": the input/output pair is missing; the file is damaged or from another version");
  std::vector<double> reference, now;
  try {
    reference = tensor_values<double>(*expected);
    StoredInput input(tensor_values<Token>(*tokens));
    if (const Tensor* channels = file.find(std::string(own_prefix) + "probe.channels")) {
      input.channels = tensor_values<float>(*channels);
      input.channel_count = channels->shape.size() == 2 ? channels->shape[1] : 0;
    }
    now = output_of_stored(model, input);
  } catch (const Error& error) {
    throw format_error(path + ": the stored input does not fit the model (" + error.what() +
                       "); the file is damaged or from another version");
  }
  const std::string& arch = metadata_text(path, file, "arch");
  const bool same_arch = arch == kernel_arch();
  const double tolerance = same_arch ? 0.0 : 1e-4;
  bool fits = now.size() == reference.size();
  for (std::size_t i = 0; fits && i < now.size(); ++i)
    fits = std::abs(now[i] - reference[i]) <= tolerance * std::max(1.0, std::abs(reference[i]));
  if (!fits)
    throw format_error(path + ": the model answers its stored input differently than when it was saved (on " +
                       arch + "); the file does not fit this version of the model: train it again");
}

/// Where a saved training stands.
template <class Trainer> struct SavedTraining {
  decltype(Trainer::optimizer.state) optimizer;
  Snapshot best;
  std::vector<AlignedBuffer<typename Trainer::Number>> carried;
  typename Trainer::State state;
  decltype(Trainer::schedule.state) schedule;
};

/// Calls body(buffer) for the states that a language model's training carries; others carry none.
template <class Trainer, class Body> void for_each_carried(Trainer& trainer, Body&& body) {
  if constexpr (requires { trainer.carried; }) trainer.carried.for_each_buffer(body);
}

/// The optimizer's state of every parameter. Moments begin with the first update.
template <class Trainer>
void read_slots(const std::string& path, const SafetensorsFile& file, const nlohmann::json& training,
                const ModuleRef& model, SavedTraining<Trainer>& saved) {
  using T = typename Trainer::Number;
  for_each_parameter(model, [&](const std::string& name, auto& p) {
    const Tensor* first = file.find(std::string(own_prefix) + "optimizer." + name + ".first");
    const Tensor* second = file.find(std::string(own_prefix) + "optimizer." + name + ".second");
    if (first == nullptr && training.at("step") == 0) return;
    if (first == nullptr || second == nullptr)
      throw format_error(path + ": the optimizer's state of '" + name +
                         "' is missing; the file is from another model");
    const auto buffer = [&](const Tensor& tensor) {
      const auto values = tensor_values<T>(tensor);
      if (!values.empty() && values.size() != p.size())
        throw format_error(path + ": the optimizer's state of '" + name + "' has " +
                           std::to_string(values.size()) + " numbers, expected " + std::to_string(p.size()) +
                           "; the file is from another model");
      AlignedBuffer<T> copy(values.size());
      std::copy(values.begin(), values.end(), copy.data());
      return copy;
    };
    saved.optimizer.push_back(
        {name, buffer(*first), buffer(*second), size_from(training.at("updates"), name, 0, UINT64_MAX)});
  });
}

/// The best weights so far, if any.
template <class Trainer>
void read_best(const std::string& path, const SafetensorsFile& file, const ModuleRef& model,
               SavedTraining<Trainer>& saved) {
  Snapshot now;
  now.take(model);
  auto& parts = saved.best.parts();
  while (parts.size() <= now.parts().size()) {
    const Tensor* part = file.find(std::string(own_prefix) + "best." + std::to_string(parts.size()));
    if (part == nullptr) break;
    parts.push_back(part->data);
  }
  const auto same_size = [](const auto& a, const auto& b) { return a.size() == b.size(); };
  if (!parts.empty() &&
      !std::equal(parts.begin(), parts.end(), now.parts().begin(), now.parts().end(), same_size))
    throw format_error(path +
                       ": the best weights are those of another model; resume the model that was saved");
}

/// The states of streams, if the training carries any.
template <class Trainer>
void read_carried(const std::string& path, const SafetensorsFile& file, Trainer& trainer,
                  SavedTraining<Trainer>& saved) {
  using T = typename Trainer::Number;
  for_each_carried(trainer, [&](const AlignedBuffer<T>& now) {
    const Tensor* tensor =
        file.find(std::string(own_prefix) + "carried." + std::to_string(saved.carried.size()));
    const auto values = tensor == nullptr ? std::vector<T>() : tensor_values<T>(*tensor);
    if (values.size() != now.size())
      throw format_error(path +
                         ": the states of the streams are missing or those of another model; resume the " +
                         "training that was saved");
    std::copy(values.begin(), values.end(), saved.carried.emplace_back(values.size()).data());
  });
}

/// The training in a checkpoint, checked as a whole; neither model nor trainer is changed.
template <class Trainer>
SavedTraining<Trainer> read_training(const std::string& path, const SafetensorsFile& file,
                                     const ModuleRef& model, Trainer& trainer) {
  if (!file.metadata.contains("training"))
    throw format_error(path + ": a model without a training to continue; give a file that save_checkpoint " +
                       "wrote");
  return read_metadata(path, file, "training", [&](const nlohmann::json& training) {
    check_same_training(path, training.at("options"), described(trainer.options(), model));
    SavedTraining<Trainer> saved;
    read_slots(path, file, training, model, saved);
    if constexpr (requires { trainer.best; }) read_best(path, file, model, saved);
    read_carried(path, file, trainer, saved);
    const auto number = [&](const char* key) { return size_from(training, key, 0, UINT64_MAX); };
    const auto real = [&](const char* key) { return std::bit_cast<double>(number(key)); };
    saved.state.fields([&](const char* key, auto& value) {
      if constexpr (std::is_floating_point_v<std::remove_reference_t<decltype(value)>>) {
        value = real(key);
      } else {
        value = number(key);
      }
    });
    saved.schedule.scale = real("schedule_scale");
    saved.schedule.bad_epochs = number("schedule_bad_epochs");
    if (training.contains("schedule_best")) saved.schedule.best = real("schedule_best");
    return saved;
  });
}

}  // namespace detail

/// Saves a trained model. `probe` is any input, for instance the first training sequence; loading recomputes
/// it. Throws numeric_error where a weight or a running statistic is NaN or infinite, and write_error; the
/// file that was there stays.
template <class Model>
void save_model(const std::string& path, Model& model, const ModelInfo& info, const StoredInput& probe) {
  SafetensorsFile file = detail::make_model_file(path, model, info, probe);
  detail::seal(file);
  write_safetensors(path, file);
}

namespace detail {

inline ModelInfo info_of(const std::string& path, const SafetensorsFile& file) {
  ModelInfo info;
  info.kind = metadata_text(path, file, "kind");
  info.options = parse_metadata(path, file, "options");
  info.tokenizer = parse_metadata<TokenizerConfig>(path, file, "tokenizer");
  info.label_names = parse_metadata<std::vector<std::string>>(path, file, "labels");
  info.checksum = metadata_text(path, file, "checksum");
  for (const auto& [name, tensor] : file.tensors)
    if (!name.starts_with(own_prefix)) info.numbers += *element_count(tensor.shape);
  return info;
}

/// Fills a model, or leaves it as it was.
template <class Model> void fill_model(const std::string& path, const SafetensorsFile& file, Model& model) {
  const SafetensorsFile own = model_tensors(file);
  check_state(model, own, path);
  check_finite(path, own);
  Unchanged before(model);
  fill_state(model, own, path);
  check_probe(path, file, model);
  before.keep();
}

}  // namespace detail

/// A complaint about a part of a file, begun with the file's name where it does not begin so.
inline format_error named(const std::string& path, const format_error& error) {
  const std::string what = error.what();
  return what.starts_with(path + ":") ? error : format_error(path + ": " + what);
}
/// The tokenizer that a file notes. Throws format_error that names the file.
inline Tokenizer tokenizer_of(const std::string& path, const ModelInfo& info) {
  try {
    return Tokenizer::from_config(info.tokenizer);
  } catch (const format_error& error) {
    throw named(path, error);
  }
}
/// To be asked before the model is made: throws format_error where the file's options imply more parameters
/// than its tensors hold, however many. `expected` is any lower bound, for instance expected_parameters().
inline void check_fits(const std::string& path, const ModelInfo& info, double expected) {
  if (!(expected <= static_cast<double>(info.numbers)))
    throw format_error(path + ": its options describe a network of " +
                       seqlstm::detail::number_text(expected) + " numbers or more, its tensors hold " +
                       std::to_string(info.numbers) + "; the file is damaged or from another version");
}

/// A model file that was read and checked once, for whoever asks it several things: what it holds, which
/// tokenizer, then the weights, maybe for several models. Holds the file's bytes.
class ModelFile {
 public:
  /// Throws io_error, and format_error for a file of another kind, a damaged one, or one of another version.
  explicit ModelFile(std::string path)
      : path_(std::move(path)), file_(detail::open_model(path_)), info_(detail::info_of(path_, file_)) {}

  /// The file, as it was named.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// What the file says besides weights.
  [[nodiscard]] const ModelInfo& info() const { return info_; }
  /// The tokenizer the model reads with. Throws format_error that names the file.
  [[nodiscard]] Tokenizer tokenizer() const { return tokenizer_of(path_, info_); }
  /// Fills `model` with the file's weights. Throws format_error and leaves the model as it was where a tensor
  /// is missing, misshapen or not finite, or the stored input is answered differently.
  template <class Model> void load(Model& model) const { detail::fill_model(path_, file_, model); }

 private:
  std::string path_;
  SafetensorsFile file_;
  ModelInfo info_;
};

/// Reads what a model file says of itself: enough to build the model that load_model fills.
inline ModelInfo read_model_info(const std::string& path) {
  return ModelFile(path).info();
}
/// ModelFile::load of a file that is asked nothing else.
template <class Model> void load_model(const std::string& path, Model& model) {
  ModelFile(path).load(model);
}

/// Saves a training so that resuming it continues bit for bit. Throws as save_model does, and option_error
/// where an optimizer that ranks split is not gathered.
template <class Model, class Trainer>
void save_checkpoint(const std::string& path, Model& model, Trainer& trainer, const ModelInfo& info,
                     const StoredInput& probe) {
  if (!trainer.optimizer.is_whole(model))
    throw option_error(path +
                       ": this rank has a part of the optimizer's state; call optimizer.gather_state() " +
                       "on all ranks, and save on rank 0");
  SafetensorsFile file = detail::make_model_file(path, model, info, probe);
  const std::string prefix = detail::own_prefix;
  nlohmann::json updates = nlohmann::json::object();
  for (const auto& slot : trainer.optimizer.state) {
    updates[slot.name] = slot.updates;
    file.add(prefix + "optimizer." + slot.name + ".first",
             make_tensor(slot.first.span(), {slot.first.size()}));
    file.add(prefix + "optimizer." + slot.name + ".second",
             make_tensor(slot.second.span(), {slot.second.size()}));
  }
  if constexpr (requires { trainer.best; }) {
    for (std::size_t i = 0; i < trainer.best.parts().size(); ++i) {
      const auto& part = trainer.best.parts()[i];
      file.add(prefix + "best." + std::to_string(i), Tensor{"U8", {part.size()}, part});
    }
  }
  std::size_t carried = 0;
  detail::for_each_carried(trainer, [&](const auto& buffer) {
    file.add(prefix + "carried." + std::to_string(carried++), make_tensor(buffer.span(), {buffer.size()}));
  });
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };  // JSON has no NaN
  nlohmann::json training = {{"updates", updates},
                             {"schedule_scale", bits(trainer.schedule.state.scale)},
                             {"schedule_bad_epochs", trainer.schedule.state.bad_epochs},
                             {"options", detail::described(trainer.options(), model)}};
  trainer.state.fields([&](const char* key, const auto& value) {
    if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(value)>>) {
      training[key] = bits(value);
    } else {
      training[key] = value;
    }
  });
  if (trainer.schedule.state.best) training["schedule_best"] = bits(*trainer.schedule.state.best);
  file.metadata["training"] = training.dump();
  detail::seal(file);
  write_safetensors(path, file);
}

/// Continues a saved training: fills model and trainer, which must have been made with the options of the
/// saved run, or throws and leaves both unchanged where anything is missing, not finite or does not fit, or
/// the stored input is answered differently.
template <class Model, class Trainer>
void load_checkpoint(const std::string& path, Model& model, Trainer& trainer) {
  const SafetensorsFile file = detail::open_model(path);
  const SafetensorsFile own = detail::model_tensors(file);
  auto saved = detail::read_training(path, file, model, trainer);
  detail::check_state(model, own, path);
  detail::check_finite(path, own);
  detail::Unchanged before(model);
  detail::fill_state(model, own, path);
  detail::check_probe(path, file, model);
  before.keep();
  trainer.optimizer.state = std::move(saved.optimizer);
  if constexpr (requires { trainer.best; }) trainer.best = std::move(saved.best);
  std::size_t carried = 0;
  detail::for_each_carried(trainer, [&](auto& buffer) { buffer = std::move(saved.carried[carried++]); });
  trainer.state = saved.state;
  trainer.schedule.state = saved.schedule;
}

}  // namespace io

SEQLSTM_NAMESPACE_END
