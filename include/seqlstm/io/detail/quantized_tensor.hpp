// Weight matrices as bytes in a file: a tensor of type I8 and, beside it, one float for each of its rows.
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

/// The matrices that a module's layers in int8 multiply by.
class QuantizedNames {
 public:
  explicit QuantizedNames(const ModuleRef& module) {
    seqlstm::detail::for_each_module(module, [&](const std::string& name, const ModuleRef& m) {
      if (m.has_precision() && m.precision() == Precision::int8) layers_.insert(name);
    });
  }
  /// Whether the parameter is one: a matrix "weight..." of such a layer.
  [[nodiscard]] bool contains(const std::string& name, const std::vector<std::size_t>& shape) const {
    const std::size_t dot = name.rfind('.'), own = dot == std::string::npos ? 0 : dot + 1;
    return shape.size() == 2 && name.compare(own, 6, "weight") == 0 &&
           layers_.contains(own == 0 ? "" : name.substr(0, dot));
  }

 private:
  std::set<std::string> layers_;
};

/// Appends a matrix so.
inline void add_quantized(SafetensorsFile& file, const std::string& name, ConstMatrixView<float> weight) {
  std::vector<std::int8_t> bytes(weight.size());
  std::vector<float> scales;
  for (std::size_t r = 0; r < weight.rows(); ++r) {
    std::int8_t* row = bytes.data() + r * weight.cols();
    scales.push_back(
        kernels::quantize_weights(weight.row_data(r), weight.cols(), row, [](std::size_t k) { return k; }));
  }
  file.add(name, make_tensor(std::span<const std::int8_t>(bytes), {weight.rows(), weight.cols()}));
  file.add(scale_name(name), make_tensor(std::span<const float>(scales), {weight.rows()}));
}
/// Layers of doubles have no int8.
inline void add_quantized(SafetensorsFile&, const std::string&, ConstMatrixView<double>) {}

/// Whether a tensor has scales. Throws format_error where they do not fit it.
inline bool check_scales(const SafetensorsFile& file, const std::string& source, const std::string& name) {
  const Tensor *tensor = file.find(name), *scales = file.find(scale_name(name));
  if (scales == nullptr) return false;
  if (tensor->dtype != "I8")
    throw format_error(source + ": tensor '" + name + "' has scales but is of type " + tensor->dtype +
                       ", expected I8; the file is damaged");
  if (tensor->shape.size() != 2 || scales->shape != std::vector<std::size_t>{tensor->shape[0]})
    throw format_error(source + ": tensor '" + scale_name(name) + "' has shape " + shape_text(scales->shape) +
                       ", expected one number for each row of '" + name + "', which has shape " +
                       shape_text(tensor->shape) + "; the file is damaged");
  return true;
}
/// The bytes of a tensor that are in `to` become the numbers they stand for.
template <class T> void multiply_by_scales(const SafetensorsFile& file, const std::string& name, T* to) {
  if constexpr (std::is_floating_point_v<T>) {
    const Tensor* scales = file.find(scale_name(name));
    if (scales == nullptr) return;
    const auto values = tensor_values<T>(*scales);
    const std::size_t columns = file.find(name)->shape[1];
    for (std::size_t r = 0; r < values.size(); ++r)
      for (std::size_t k = 0; k < columns; ++k) to[r * columns + k] *= values[r];
  }
}

}  // namespace detail

}  // namespace io

SEQLSTM_NAMESPACE_END
