// What the values of another exporter's graph are to us, and constants of its nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/onnx/detail/model_proto.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// A final state: of which recurrent node, and of which of its directions.
struct FinalState {
  std::size_t node = 0, direction = 0;
};

/// One value. Axes are letters: '0' and '1' are those of the ids, one of which a recurrent layer shows to be
/// time; 'C' columns, 'D' directions.
struct ForeignValue {
  enum class Kind {
    ids,
    lengths,
    constant,  ///< a tensor of the file
    zeros,     ///< zeros of whatever shape
    sizes,     ///< whole numbers made of shapes
    steps,     ///< a row per token, of `node`
    rows,      ///< a row per sequence, of `node`, or of `finals` where there are such
    finals,    ///< final states, [directions, batch, columns]
    unknown    ///< that no layer of ours makes; an error where it is used
  };
  Kind kind = Kind::unknown;
  std::size_t node = 0;
  std::string axes = {};
  std::vector<FinalState> finals = {};
  bool with_lengths = false;  ///< steps beyond the ends are zeros there, and absent here
};

/// A node with its attributes.
class ForeignNode {
 public:
  explicit ForeignNode(const ::onnx::NodeProto& node) : proto(node) {}

  /// "LSTM '/rnn/LSTM'".
  [[nodiscard]] std::string title() const {
    return proto.op_type() + (proto.name().empty() ? "" : " '" + proto.name() + "'");
  }
  /// The name of input k; empty where it is left out.
  [[nodiscard]] std::string input(int k) const {
    return k < proto.input_size() ? proto.input(k) : std::string();
  }
  [[nodiscard]] const ::onnx::AttributeProto* find(const char* name) const {
    for (const auto& attribute : proto.attribute())
      if (attribute.name() == name) return &attribute;
    return nullptr;
  }
  [[nodiscard]] std::int64_t whole(const char* name, std::int64_t otherwise) const {
    const auto* found = find(name);
    return found == nullptr ? otherwise : found->i();
  }
  [[nodiscard]] std::string text(const char* name, const char* otherwise) const {
    const auto* found = find(name);
    return found == nullptr ? otherwise : found->s();
  }
  [[nodiscard]] double real(const char* name, double otherwise) const {
    const auto* found = find(name);
    return found == nullptr ? otherwise : double{found->f()};
  }
  [[nodiscard]] std::optional<std::vector<std::int64_t>> list(const char* name) const {
    const auto* found = find(name);
    if (found == nullptr) return std::nullopt;
    return std::vector<std::int64_t>(found->ints().begin(), found->ints().end());
  }
  /// An option_error whose sentence says what was found, and at which node.
  [[nodiscard]] format_error refused(const std::string& found) const {
    return format_error(
        title() + ": " + found +
        "; expected tokens, an embedding, LSTM, GRU or RNN, pooling over time or final states, and "
        "dense layers");
  }

  const ::onnx::NodeProto& proto;
};

/// What a Constant node holds.
inline Tensor constant_of(const ForeignNode& node) {
  if (const auto* value = node.find("value")) return onnx_tensor(value->t());
  if (const auto* whole = node.find("value_int"))
    return make_tensor(std::vector<std::int64_t>{whole->i()}, {});
  if (const auto* real = node.find("value_float")) return make_tensor(std::vector<float>{real->f()}, {});
  if (const auto list = node.list("value_ints")) return make_tensor(*list, {list->size()});
  throw node.refused("a constant that is no tensor");
}
inline bool all_zero(const Tensor& tensor) {
  for (const double value : tensor_values<double>(tensor))
    if (value != 0) return false;
  return true;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
