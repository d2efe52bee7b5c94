// A module's parameters and buffers as named tensors, with PyTorch's names and layouts.
#pragma once

#include <cmath>
#include <cstring>
#include <map>
#include <ostream>
#include <seqlstm/io/detail/quantized_tensor.hpp>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// As what floats stand in a file.
enum class StoredFloats {
  as_they_are,  ///< F32, or F64 of a network of doubles
  bf16,         ///< BF16: half the bytes, eight bits of significand
  f16           ///< F16: half the bytes, eleven bits of significand, up to 65504
};

/// How state_dict() and save() write.
struct SaveOptions {
  StoredFloats floats = StoredFloats::as_they_are;  ///< other numbers, int8 among them, stay what they are
};

namespace detail {

/// Throws option_error for a number that is finite, but not as a Stored.
template <class Stored, class T>
Tensor rounded_tensor(const std::string& name, std::span<const T> values,
                      const std::vector<std::size_t>& shape) {
  std::vector<Stored> rounded;
  rounded.reserve(values.size());
  for (const T value : values) {
    rounded.push_back(Stored(static_cast<float>(value)));
    if (std::isfinite(value) && !std::isfinite(static_cast<float>(rounded.back())))
      throw option_error("tensor '" + name + "' holds " + seqlstm::detail::number_text(double{value}) +
                         ", which is out of range as " + dtype_of<Stored>::name + "; save it as it is");
  }
  return make_tensor(rounded, shape);
}

template <class T>
Tensor stored_tensor(const std::string& name, std::span<const T> values,
                     const std::vector<std::size_t>& shape, StoredFloats as) {
  if constexpr (std::is_floating_point_v<T>) {
    if (as == StoredFloats::bf16) return rounded_tensor<bfloat16>(name, values, shape);
    if (as == StoredFloats::f16) return rounded_tensor<float16>(name, values, shape);
  }
  return make_tensor(values, shape);
}

}  // namespace detail

/// Every parameter and buffer, in the order of fields(). A weight matrix of a layer in int8 is a tensor of
/// type I8, and "NAME.scale" has one float for each of its rows (of a convolution, for each row and tap): a
/// quarter of the bytes. What such a layer predicts is not changed by it, unless `options` rounds
/// its biases. Throws option_error for a finite number that `options.floats` does not have.
inline SafetensorsFile state_dict(const ModuleRef& module, const SaveOptions& options = {}) {
  SafetensorsFile file;
  const detail::QuantizedNames quantized(module);
  for_each_parameter(module, [&](const std::string& name, const auto& p) {
    if (quantized.contains(name, p.shape())) return detail::add_quantized(file, name, p.data(), p.shape());
    file.add(name, detail::stored_tensor(name, std::span(p.data(), p.size()), p.shape(), options.floats));
  });
  for_each_buffer(module, [&](const std::string& name, const auto& b) {
    file.add(name,
             detail::stored_tensor(name, std::span(std::as_const(b).values()), b.shape(), options.floats));
  });
  return file;
}

/// Tensors of a file whose name begins with `from` are those of the model whose name begins with `to`.
struct RenamedPrefix {
  std::string from;  ///< "encoder.": all that a tensor's name begins with; "" is every name
  std::string to;    ///< "0.": what stands there in the model
};

/// How much of a model and a file must fit, and by which names.
struct LoadOptions {
  bool strict = true;                       ///< false: what only one of both has is left as it is
  std::vector<RenamedPrefix> renamed = {};  ///< of a tensor the first that fits is used
};

/// What became of the tensors of a model and a file; names are those of the model.
struct LoadReport {
  std::vector<std::string> taken;       ///< filled from the file
  std::vector<std::string> missing;     ///< of the model, that the file does not have: they stay as they were
  std::vector<std::string> unexpected;  ///< of the file, that have no place in the model
};
/// "12 tensors taken; 2 missing: head.weight, head.bias; 1 unexpected: decoder.bias".
inline std::ostream& operator<<(std::ostream& out, const LoadReport& report) {
  out << report.taken.size() << (report.taken.size() == 1 ? " tensor taken" : " tensors taken");
  const auto list = [&](const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    out << "; " << names.size() << what;
    for (std::size_t i = 0; i < names.size(); ++i) out << (i == 0 ? ": " : ", ") << names[i];
  };
  list(" missing", report.missing);
  list(" unexpected", report.unexpected);
  return out;
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

/// What would be taken, and what only one of both has. Throws format_error for a tensor of another shape and,
/// where `strict`, for the first name that only one has.
inline LoadReport check_state(const ModuleRef& module, const SafetensorsFile& file, const std::string& source,
                              bool strict = true) {
  std::set<std::string> known;
  LoadReport report;
  const auto check = [&](const std::string& name, const auto& member) {
    known.insert(name);
    if (strict || file.find(name) != nullptr) {
      check_tensor(file, source, name, member.shape());
      if (check_scales(file, source, name)) known.insert(scale_name(name));
      report.taken.push_back(name);
    } else {
      report.missing.push_back(name);
    }
  };
  for_each_parameter(module, check);
  for_each_buffer(module, check);
  for (const auto& [name, tensor] : file.tensors) {
    if (known.contains(name)) continue;
    if (strict)
      throw format_error(source + ": tensor '" + name +
                         "' has no place in the model; the file is from another model");
    report.unexpected.push_back(name);
  }
  return report;
}

/// The file under the model's names. Throws format_error where a prefix fits no tensor, which is most often
/// a misspelt one, and where two tensors get one name.
inline SafetensorsFile renamed(SafetensorsFile file, const std::vector<RenamedPrefix>& prefixes,
                               const std::string& source) {
  if (prefixes.empty()) return file;
  std::vector<bool> used(prefixes.size(), false);
  std::map<std::string, std::string> before;  // by the new name
  for (auto& [name, tensor] : file.tensors) {
    std::string old = name;
    for (std::size_t k = 0; k < prefixes.size(); ++k) {
      if (!old.starts_with(prefixes[k].from)) continue;
      name = prefixes[k].to + old.substr(prefixes[k].from.size());
      used[k] = true;
      break;
    }
    const auto [other, is_new] = before.emplace(name, old);
    if (!is_new)
      throw format_error(source + ": tensors '" + other->second + "' and '" + old + "' would both be '" +
                         name + "' of the model; give each a prefix of its own");
  }
  for (std::size_t k = 0; k < prefixes.size(); ++k)
    if (!used[k])
      throw format_error(source + ": no tensor has a name that begins with '" + prefixes[k].from +
                         "', which was to become '" + prefixes[k].to + "'; its first is " +
                         (file.tensors.empty() ? std::string("missing: it is empty")
                                               : "'" + file.tensors.front().first + "'"));
  return file;
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
      multiply_by_scales(file, name, to);
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

namespace detail {
inline LoadReport load_state(const ModuleRef& module, const SafetensorsFile& file, const std::string& source,
                             bool strict) {
  auto report = check_state(module, file, source, strict);
  Unchanged before(module);
  fill_state(module, file, source);
  before.keep();
  return report;
}
}  // namespace detail

/// Fills a module from named tensors; numbers are converted to the module's type. Throws format_error for a
/// misshapen tensor, for numbers that the module's type does not have, for prefixes that fit nothing, and,
/// where `strict`, for a missing or surplus tensor; it then leaves the module as it was. Without `strict`
/// (PyTorch's strict=False) the report says which tensors stayed as they were, and which were not used.
/// `source` names the file in messages.
inline LoadReport load_state_dict(const ModuleRef& module, const SafetensorsFile& file,
                                  const std::string& source, const LoadOptions& options = {}) {
  if (options.renamed.empty()) return detail::load_state(module, file, source, options.strict);
  return detail::load_state(module, detail::renamed(file, options.renamed, source), source, options.strict);
}

/// Writes a module's weights as a safetensors file that PyTorch reads; as state_dict does.
inline void save(const ModuleRef& module, const std::string& path, const SaveOptions& options = {}) {
  write_safetensors(path, state_dict(module, options));
}
/// Fills a module with the weights of a safetensors file, for instance one that PyTorch wrote; as
/// load_state_dict does.
inline LoadReport load(const ModuleRef& module, const std::string& path, const LoadOptions& options = {}) {
  return detail::load_state(module, detail::renamed(read_safetensors(path), options.renamed, path), path,
                            options.strict);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
