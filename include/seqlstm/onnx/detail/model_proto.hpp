// An ONNX file as it is read: its tensors, checked, and what it says of itself.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <seqlstm/onnx/detail/graph_writer.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Where we keep what our layers are, beside the operators that other programs run.
inline constexpr const char* onnx_layers_key = "seqlstm.layers";

/// "[2, 16, 8]" as sizes. Throws format_error for a negative size.
inline std::vector<std::size_t> onnx_shape(const ::onnx::TensorProto& tensor) {
  std::vector<std::size_t> shape;
  for (const auto size : tensor.dims()) {
    if (size < 0)
      throw format_error("tensor '" + tensor.name() + "' has a negative size; the file is damaged");
    shape.push_back(static_cast<std::size_t>(size));
  }
  return shape;
}

/// A tensor's bytes under the type's name in safetensors files, from raw or typed fields. Throws format_error
/// for a type that no weights have, bytes in another file, and bytes that do not fit the shape.
inline Tensor onnx_tensor(const ::onnx::TensorProto& tensor) {
  if (tensor.data_location() == ::onnx::TensorProto::EXTERNAL)
    throw format_error("tensor '" + tensor.name() +
                       "' has its numbers in another file (external data), expected them in this one; export "
                       "the model as one file");
  static const std::map<int, const char*> types = {
      {::onnx::TensorProto::FLOAT, "F32"},   {::onnx::TensorProto::DOUBLE, "F64"},
      {::onnx::TensorProto::FLOAT16, "F16"}, {::onnx::TensorProto::BFLOAT16, "BF16"},
      {::onnx::TensorProto::INT64, "I64"},   {::onnx::TensorProto::INT32, "I32"},
      {::onnx::TensorProto::BOOL, "BOOL"}};
  const auto type = types.find(tensor.data_type());
  if (type == types.end())
    throw format_error("tensor '" + tensor.name() + "' is of ONNX's type " +
                       std::to_string(tensor.data_type()) +
                       ", expected float, double, float16, bfloat16, int64, int32 or bool");
  Tensor read{.dtype = type->second, .shape = onnx_shape(tensor)};
  const auto take = [&](const void* data, std::size_t bytes) {
    const auto* begin = static_cast<const std::byte*>(data);
    read.data.assign(begin, begin + bytes);
  };
  if (!tensor.raw_data().empty()) {
    take(tensor.raw_data().data(), tensor.raw_data().size());
  } else if (read.dtype == "F32") {
    take(tensor.float_data().data(), sizeof(float) * static_cast<std::size_t>(tensor.float_data_size()));
  } else if (read.dtype == "F64") {
    take(tensor.double_data().data(), sizeof(double) * static_cast<std::size_t>(tensor.double_data_size()));
  } else if (read.dtype == "I64") {
    take(tensor.int64_data().data(),
         sizeof(std::int64_t) * static_cast<std::size_t>(tensor.int64_data_size()));
  } else if (read.dtype == "I32") {
    take(tensor.int32_data().data(),
         sizeof(std::int32_t) * static_cast<std::size_t>(tensor.int32_data_size()));
  }
  const auto count = checked_product(read.shape);
  const std::size_t size = dtype_size(read.dtype).value_or(1);
  if (!count || read.data.size() / size != *count || read.data.size() % size != 0)
    throw format_error("tensor '" + tensor.name() + "' of shape " + shape_text(read.shape) + " has " +
                       std::to_string(read.data.size()) + " bytes of type " + read.dtype +
                       "; the file is damaged");
  return read;
}

/// The weights of a file by name.
class OnnxTensors {
 public:
  /// Of the graph's initializers; throws format_error for two of one name.
  explicit OnnxTensors(const ::onnx::GraphProto& graph) {
    for (const auto& tensor : graph.initializer())
      if (!tensors_.emplace(tensor.name(), onnx_tensor(tensor)).second)
        throw format_error("two tensors are called '" + tensor.name() + "'; the file is damaged");
  }
  /// A constant of a node, under the name of the node's output.
  void add(const std::string& name, Tensor tensor) { tensors_.insert_or_assign(name, std::move(tensor)); }
  /// The tensor of that name, or null.
  [[nodiscard]] const Tensor* find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
  }
  /// The shape of a tensor of so many dimensions, none of them 0. Throws format_error for any other.
  [[nodiscard]] const std::vector<std::size_t>& shape(const std::string& name, std::size_t dimensions) const {
    const auto& shape = at(name).shape;
    bool empty = false;
    for (const std::size_t size : shape) empty = empty || size == 0;
    if (shape.size() != dimensions || empty)
      throw format_error("tensor '" + name + "' has shape " + shape_text(shape) + ", expected " +
                         std::to_string(dimensions) + " dimensions of at least 1");
    return shape;
  }
  /// The numbers of a tensor of that shape. Throws format_error for any other.
  [[nodiscard]] std::vector<float> floats(const std::string& name,
                                          const std::vector<std::size_t>& shape) const {
    const Tensor& tensor = at(name);
    if (tensor.shape != shape)
      throw format_error("tensor '" + name + "' has shape " + shape_text(tensor.shape) + ", expected " +
                         shape_text(shape));
    return tensor_values<float>(tensor);
  }
  /// Fills a parameter. Throws format_error where the tensor is missing or of another shape.
  void fill(Parameter<float>& parameter, const std::string& name) const {
    const auto values = floats(name, parameter.shape());
    std::copy(values.begin(), values.end(), parameter.edit().data());
  }

 private:
  [[nodiscard]] const Tensor& at(const std::string& name) const {
    if (const Tensor* tensor = find(name)) return *tensor;
    throw format_error("tensor '" + name + "' is missing, which a layer needs");
  }
  std::map<std::string, Tensor> tensors_;
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
