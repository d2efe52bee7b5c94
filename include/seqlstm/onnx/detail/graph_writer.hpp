// Nodes and tensors of an ONNX graph, and what its values are: the lengths and masks of ragged sequences.
//
// Inside the graph a row per token is a tensor [time, batch, columns], as the LSTM operator wants it; what
// stands beyond a sequence's end is arbitrary, and operations that would see it mask it first.
#pragma once

#include <onnx/onnx_pb.h>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// A value of the graph: [time, batch, columns], or [batch, columns] of a row per sequence.
struct OnnxValue {
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
  std::string name;
  std::size_t cols = 0;
  std::size_t extent = 0;              ///< which lengths its sequences have
  std::size_t reverse_from = nowhere;  ///< as Node's of the tape
};

/// An attribute of a node.
struct OnnxAttribute {
  const char* name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};

class GraphWriter {
 public:
  using Inputs = std::vector<std::string>;
  using Attributes = std::vector<OnnxAttribute>;

  explicit GraphWriter(::onnx::GraphProto& graph) : graph_(&graph) {}
  [[nodiscard]] ::onnx::GraphProto& graph() { return *graph_; }

  /// What the names of further nodes begin with: the layer's path.
  void set_path(const std::string& path) { path_ = path; }
  /// Appends a node and returns its first output; the first of `outputs` of them.
  std::string node(const char* op, const Inputs& inputs, const Attributes& attributes = {}) {
    auto& made = *graph_->add_node();
    const std::string name = (path_.empty() ? "" : path_ + ".") + op + "_" + std::to_string(++count_);
    made.set_name(name);
    made.set_op_type(op);
    for (const auto& input : inputs) made.add_input(input);
    made.add_output(name);
    for (const auto& [key, value] : attributes) set(*made.add_attribute(), key, value);
    return name;
  }

  /// A tensor of weights under its own name.
  std::string floats(const std::string& name, std::span<const float> values,
                     std::span<const std::size_t> shape) {
    auto& tensor = *graph_->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::FLOAT);
    for (const std::size_t size : shape) tensor.add_dims(static_cast<std::int64_t>(size));
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
    return name;
  }
  std::string floats(const std::string& name, std::span<const float> values,
                     std::initializer_list<std::size_t> shape) {
    return floats(name, values, std::span<const std::size_t>(shape.begin(), shape.size()));
  }
  /// A constant vector of whole numbers; as `scalar` its only number without a dimension. Made once.
  std::string ints(const std::vector<std::int64_t>& values, bool scalar = false) {
    std::string name = scalar ? "constant.scalar" : "constant";
    for (const auto value : values) name += "_" + std::to_string(value);
    if (constants_.emplace(name, true).second) {
      auto& tensor = *graph_->add_initializer();
      tensor.set_name(name);
      tensor.set_data_type(::onnx::TensorProto::INT64);
      if (!scalar) tensor.add_dims(static_cast<std::int64_t>(values.size()));
      tensor.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
    }
    return name;
  }
  /// A constant number of no dimension. Made once.
  std::string number(float value) {
    const std::string name = "constant.float_" + seqlstm::detail::number_text(value);
    if (constants_.emplace(name, true).second)
      floats(name, std::span(&value, 1), std::span<const std::size_t>());
    return name;
  }

  /// Lengths [batch] (int64) of the sequences of a value whose time is that of the tensor `like`, [time,
  /// ...].
  std::size_t add_extent(std::string lengths, std::string like) {
    extents_.push_back({std::move(lengths), std::move(like), {}});
    return extents_.size() - 1;
  }
  [[nodiscard]] const std::string& lengths(std::size_t extent) const { return extents_[extent].lengths; }
  /// The same as the int32 that recurrent operators read.
  std::string short_lengths(std::size_t extent) {
    return once(extent, "short", [&] {
      return node("Cast", {lengths(extent)}, {{"to", std::int64_t{::onnx::TensorProto::INT32}}});
    });
  }
  /// 0, 1, ... for each step, [time].
  std::string places(std::size_t extent) {
    return once(extent, "places", [&] {
      const std::string shape = node("Shape", {extents_[extent].like});
      const std::string time = node("Gather", {shape, ints({0}, true)});
      return node("Range", {ints({0}, true), time, ints({1}, true)});
    });
  }
  /// Has the sequence a token there? [time, batch, 1]; without the last dimension as `flat_mask`.
  std::string mask(std::size_t extent) {
    return once(extent, "mask", [&] { return node("Unsqueeze", {flat_mask(extent), ints({2})}); });
  }
  std::string flat_mask(std::size_t extent) {
    return once(extent, "flat", [&] { return node("Less", {column(extent), row(extent)}); });
  }
  /// Is it the sequence's last token? [time, batch, 1].
  std::string last_mask(std::size_t extent) {
    return once(extent, "last", [&] {
      const std::string ends = node("Sub", {row(extent), ints({1})});
      return node("Unsqueeze", {node("Equal", {column(extent), ends}), ints({2})});
    });
  }
  /// Has the sequence any token? [batch, 1].
  std::string present(std::size_t extent) {
    return once(extent, "present", [&] {
      return node("Unsqueeze", {node("Greater", {lengths(extent), ints({0})}), ints({1})});
    });
  }
  /// x with `fill` where its sequences have no token.
  std::string masked(const OnnxValue& x, float fill = 0) {
    return node("Where", {mask(x.extent), x.name, number(fill)});
  }
  /// Steps [time, 1] and lengths [1, batch], to be compared.
  std::string column(std::size_t extent) {
    return once(extent, "column", [&] { return node("Unsqueeze", {places(extent), ints({1})}); });
  }
  std::string row(std::size_t extent) {
    return once(extent, "row", [&] { return node("Unsqueeze", {lengths(extent), ints({0})}); });
  }

 private:
  struct Extent {
    std::string lengths, like;
    std::map<std::string, std::string> made;
  };
  /// What make() gives, made when it is first asked for.
  template <class Make> std::string once(std::size_t extent, const std::string& what, Make make) {
    if (const auto found = extents_[extent].made.find(what); found != extents_[extent].made.end())
      return found->second;
    const std::string outside = std::exchange(path_, "sequences" + std::to_string(extent));
    const std::string name = make();
    path_ = outside;
    extents_[extent].made[what] = name;
    return name;
  }
  static void set(::onnx::AttributeProto& to, const char* name,
                  const std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>& value) {
    to.set_name(name);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      to.set_type(::onnx::AttributeProto::INT);
      to.set_i(*whole);
    } else if (const auto* real = std::get_if<float>(&value)) {
      to.set_type(::onnx::AttributeProto::FLOAT);
      to.set_f(*real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      to.set_type(::onnx::AttributeProto::STRING);
      to.set_s(*text);
    } else {
      to.set_type(::onnx::AttributeProto::INTS);
      for (const auto each : std::get<std::vector<std::int64_t>>(value)) to.add_ints(each);
    }
  }

  ::onnx::GraphProto* graph_;
  std::string path_;
  std::size_t count_ = 0;
  std::map<std::string, bool> constants_;
  std::vector<Extent> extents_;
};

using Permutation = std::vector<std::int64_t>;
/// What a layer's nodes read.
using OnnxValues = std::vector<OnnxValue>;

inline std::string transposed(GraphWriter& to, const std::string& x, Permutation axes) {
  return to.node("Transpose", {x}, {{"perm", std::move(axes)}});
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
