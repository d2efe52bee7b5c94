// A module's parameters and buffers as named tensors, with PyTorch's names and layouts.
#pragma once

#include <cstring>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <set>

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

}  // namespace detail

namespace detail {

/// Throws format_error where the file's tensors are not those of the module, name by name and shape by shape.
inline void check_state(const ModuleRef& module, const SafetensorsFile& file, const std::string& source) {
  std::set<std::string> known;
  const auto check = [&](const std::string& name, const auto& member) {
    check_tensor(file, source, name, member.shape());
    known.insert(name);
  };
  for_each_parameter(module, check);
  for_each_buffer(module, check);
  for (const auto& [name, tensor] : file.tensors)
    if (!known.contains(name))
      throw format_error(source + ": tensor '" + name +
                         "' has no place in the model; the file is from another model");
}
/// Fills a module that check_state found right; what it throws leaves the module half filled.
inline void fill_state(const ModuleRef& module, const SafetensorsFile& file, const std::string& source) {
  const auto fill = [&]<class T>(const std::string& name, T* to) {
    try {
      const auto values = tensor_values<T>(*file.find(name));
      std::copy(values.begin(), values.end(), to);
    } catch (const format_error& error) {
      throw format_error(source + ": tensor '" + name + "': " + error.what());
    }
  };
  for_each_parameter(module, [&](const std::string& name, auto& p) { fill(name, p.edit().data()); });
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
