// A module's parameters and buffers as named tensors, with PyTorch's names and layouts.
#pragma once

#include <cstring>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <set>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Every parameter and buffer, in the order of fields().
inline SafetensorsFile state_dict(const ModuleRef& module) {
  SafetensorsFile file;
  for_each_parameter(module, [&](const std::string& name, const auto& p) {
    file.add(name, make_tensor(std::span(p.data(), p.size()), p.shape()));
  });
  for_each_buffer(module, [&](const std::string& name, const auto& b) {
    file.add(name, make_tensor(std::span(b.values()), b.shape()));
  });
  return file;
}

/// Names in which a model and a file differ.
struct StateDifference {
  std::vector<std::string> missing;     ///< of the model, that the file does not have: they stay as they were
  std::vector<std::string> unexpected;  ///< of the file, that have no place in the model
};

namespace detail {

inline void check_tensor(const SafetensorsFile& file, const std::string& source, const std::string& name,
                         const std::vector<std::size_t>& shape) {
  const Tensor* tensor = file.find(name);
  if (tensor == nullptr)
    throw format_error(source + ": tensor '" + name + "' is missing; the file is from another model");
  if (tensor->shape != shape)
    throw format_error(source + ": tensor '" + name + "' has shape " + shape_text(tensor->shape) +
                       ", the model expects " + shape_text(shape) +
                       "; give the file of a model of this shape");
}

/// Names that only the module, or only the file has. Throws format_error for a tensor of another shape and,
/// where `strict`, for the first such name.
inline StateDifference check_state(const ModuleRef& module, const SafetensorsFile& file,
                                   const std::string& source, bool strict = true) {
  std::set<std::string> known;
  StateDifference difference;
  const auto check = [&](const std::string& name, const auto& member) {
    known.insert(name);
    if (strict || file.find(name) != nullptr) {
      check_tensor(file, source, name, member.shape());
    } else {
      difference.missing.push_back(name);
    }
  };
  for_each_parameter(module, check);
  for_each_buffer(module, check);
  for (const auto& [name, tensor] : file.tensors) {
    if (known.contains(name)) continue;
    if (strict)
      throw format_error(source + ": tensor '" + name +
                         "' has no place in the model; the file is from another model");
    difference.unexpected.push_back(name);
  }
  return difference;
}
/// Fills what the file has of a module that check_state found right; what it throws leaves the module half
/// filled.
inline void fill_state(const ModuleRef& module, const SafetensorsFile& file, const std::string& source) {
  const auto fill = [&]<class T>(const std::string& name, T* to) {
    const Tensor* tensor = file.find(name);
    if (tensor == nullptr) return;
    try {
      const auto values = tensor_values<T>(*tensor);
      std::copy(values.begin(), values.end(), to);
    } catch (const format_error& error) {
      throw format_error(source + ": tensor '" + name + "': " + error.what());
    }
  };
  for_each_parameter(module, [&](const std::string& name, auto& p) {
    if (file.find(name) != nullptr) fill(name, p.edit().data());
  });
  for_each_buffer(module, [&](const std::string& name, auto& b) { fill(name, b.values().data()); });
}

/// Puts a module back as it was, unless keep() is called.
class Unchanged {
 public:
  explicit Unchanged(const ModuleRef& module) : module_(module) { before_.take(module); }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;
  ~Unchanged() {
    if (!kept_) before_.restore(module_);
  }
  void keep() { kept_ = true; }

 private:
  ModuleRef module_;
  Snapshot before_;
  bool kept_ = false;
};

}  // namespace detail

/// Fills a module from named tensors; numbers are converted to the module's type. Throws format_error for a
/// missing, misshapen or surplus tensor and for numbers that the module's type does not have, and then leaves
/// the module as it was. `source` names the file in messages.
inline void load_state_dict(const ModuleRef& module, const SafetensorsFile& file, const std::string& source) {
  detail::check_state(module, file, source);
  detail::Unchanged before(module);
  detail::fill_state(module, file, source);
  before.keep();
}
/// The same for what both have (PyTorch's strict=False): says which tensors stayed as they were, and which
/// were not used. Throws format_error for a misshapen one.
inline StateDifference load_state_dict_partly(const ModuleRef& module, const SafetensorsFile& file,
                                              const std::string& source) {
  auto difference = detail::check_state(module, file, source, false);
  detail::Unchanged before(module);
  detail::fill_state(module, file, source);
  before.keep();
  return difference;
}

/// Writes a module's weights as a safetensors file that PyTorch reads.
inline void save(const ModuleRef& module, const std::string& path) {
  write_safetensors(path, state_dict(module));
}
/// Fills a module with the weights of a safetensors file, for instance one that PyTorch wrote.
inline void load(const ModuleRef& module, const std::string& path) {
  load_state_dict(module, read_safetensors(path), path);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
