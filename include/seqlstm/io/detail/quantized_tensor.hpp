// Weights as bytes in a file: a tensor of type I8 and, beside it, one float for each row of a matrix, or for
// each row and tap of a convolution's [outputs, inputs, taps].
#pragma once

#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/kernels/byte_weights.hpp>
#include <seqlstm/nn/module.hpp>
#include <set>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

namespace detail {

/// Name of the tensor of a quantised tensor's scales.
inline std::string scale_name(const std::string& name) {
  return name + ".scale";
}

/// What a module's layers in int8 multiply by, or look up.
class QuantizedNames {
 public:
  explicit QuantizedNames(const ModuleRef& module) {
    seqlstm::detail::for_each_module(module, [&](const std::string& name, const ModuleRef& m) {
      if (m.has_precision() && m.precision() == Precision::int8) layers_.insert(name);
    });
  }
  /// Whether the parameter is such: a "weight..." of rows in such a layer.
  [[nodiscard]] bool contains(const std::string& name, const std::vector<std::size_t>& shape) const {
    const std::size_t dot = name.rfind('.'), own = dot == std::string::npos ? 0 : dot + 1;
    return (shape.size() == 2 || shape.size() == 3) && name.compare(own, 6, "weight") == 0 &&
           layers_.contains(own == 0 ? "" : name.substr(0, dot));
  }

 private:
  std::set<std::string> layers_;
};

/// The numbers that share a scale: those of a row, or of a row and a tap, `taps` apart.
struct ScaleGroups {
  std::size_t rows, columns, taps;

  explicit ScaleGroups(const std::vector<std::size_t>& shape)
      : rows(shape[0]), columns(shape[1]), taps(shape.size() == 3 ? shape[2] : 1) {}
  [[nodiscard]] std::size_t count() const { return rows * taps; }
  /// The shape of the scales of a tensor of that shape.
  static std::vector<std::size_t> shape_of(const std::vector<std::size_t>& shape) {
    if (shape.size() == 3) return {shape[0], shape[2]};
    return {shape[0]};
  }
  /// Calls body(group, where its first number stands).
  template <class Body> void for_each(Body&& body) const {
    for (std::size_t g = 0; g < count(); ++g) body(g, g / taps * columns * taps + g % taps);
  }
};

/// Appends a parameter of that shape so.
inline void add_quantized(SafetensorsFile& file, const std::string& name, const float* weights,
                          const std::vector<std::size_t>& shape) {
  const ScaleGroups groups(shape);
  std::vector<std::int8_t> bytes(groups.count() * groups.columns);
  std::vector<float> scales, own(groups.columns);
  groups.for_each([&](std::size_t, std::size_t first) {
    for (std::size_t k = 0; k < groups.columns; ++k) own[k] = weights[first + k * groups.taps];
    scales.push_back(kernels::quantize_weights(own.data(), groups.columns, bytes.data() + first,
                                               [&](std::size_t k) { return k * groups.taps; }));
  });
  file.add(name, make_tensor(std::span<const std::int8_t>(bytes), shape));
  file.add(scale_name(name), make_tensor(std::span<const float>(scales), ScaleGroups::shape_of(shape)));
}
/// Layers of doubles have no int8.
inline void add_quantized(SafetensorsFile&, const std::string&, const double*,
                          const std::vector<std::size_t>&) {}

/// Whether a tensor has scales. Throws format_error where they do not fit it.
inline bool check_scales(const SafetensorsFile& file, const std::string& source, const std::string& name) {
  const Tensor *tensor = file.find(name), *scales = file.find(scale_name(name));
  if (scales == nullptr) return false;
  if (tensor->dtype != "I8")
    throw format_error(source + ": tensor '" + name + "' has scales but is of type " + tensor->dtype +
                       ", expected I8; the file is damaged");
  const std::size_t sides = tensor->shape.size();
  if ((sides != 2 && sides != 3) || scales->shape != ScaleGroups::shape_of(tensor->shape))
    throw format_error(source + ": tensor '" + scale_name(name) + "' has shape " + shape_text(scales->shape) +
                       ", expected one number for each row " + (sides == 3 ? "and tap " : "") + "of '" +
                       name + "', which has shape " + shape_text(tensor->shape) + "; the file is damaged");
  return true;
}
/// The bytes of a tensor that are in `to` become the numbers they stand for.
template <class T> void multiply_by_scales(const SafetensorsFile& file, const std::string& name, T* to) {
  if constexpr (std::is_floating_point_v<T>) {
    const Tensor* scales = file.find(scale_name(name));
    if (scales == nullptr) return;
    const auto values = tensor_values<T>(*scales);
    const ScaleGroups groups(file.find(name)->shape);
    groups.for_each([&](std::size_t group, std::size_t first) {
      for (std::size_t k = 0; k < groups.columns; ++k) to[first + k * groups.taps] *= values[group];
    });
  }
}

}  // namespace detail

}  // namespace io

SEQLSTM_NAMESPACE_END
