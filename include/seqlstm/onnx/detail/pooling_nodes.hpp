// ONNX nodes from rows per token to rows per sequence, and weights of tokens.
#pragma once

#include <cstdint>
#include <limits>
#include <seqlstm/onnx/detail/window_nodes.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Columns [begin, end) of a value.
inline std::string columns_of(GraphWriter& to, const OnnxValue& x, std::size_t begin, std::size_t end) {
  if (begin == 0 && end == x.cols) return x.name;
  return to.node("Slice", {x.name, to.ints({whole(begin)}), to.ints({whole(end)}), to.ints({2})});
}
/// Sums over the steps.
inline std::string step_sum(GraphWriter& to, const std::string& x) {
  return to.node("ReduceSum", {x, to.ints({0})}, {{"keepdims", std::int64_t{0}}});
}
/// Rows of sequences without a token become zeros.
inline std::string zero_where_empty(GraphWriter& to, const std::string& x, std::size_t extent) {
  return to.node("Where", {to.present(extent), x, to.number(0)});
}

/// The last token's row, of the columns of a reverse direction the first token's.
inline OnnxValue write(const Last&, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  const std::size_t forward = std::min(x.reverse_from, x.cols);
  GraphWriter::Inputs parts;
  if (forward > 0) {
    const std::string own = columns_of(at.to, x, 0, forward);
    parts.push_back(step_sum(at.to, at.to.node("Where", {at.to.last_mask(x.extent), own, at.to.number(0)})));
  }
  if (forward < x.cols) {
    const std::string own = columns_of(at.to, x, forward, x.cols);
    const std::string first = at.to.node("Gather", {own, at.to.ints({0}, true)});
    parts.push_back(zero_where_empty(at.to, first, x.extent));
  }
  if (parts.size() == 1) return {parts[0], x.cols};
  return {at.to.node("Concat", parts, {{"axis", std::int64_t{-1}}}), x.cols};
}
inline OnnxValue write(const Max&, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  const std::string largest = at.to.node("ReduceMax", {at.to.masked(x, std::numeric_limits<float>::lowest())},
                                         {{"axes", Permutation{0}}, {"keepdims", std::int64_t{0}}});
  return {zero_where_empty(at.to, largest, x.extent), x.cols};
}

/// The means of all bins: bin k of n goes from floor(k L / n) to before ceil((k + 1) L / n).
inline OnnxValue write(const AdaptiveMean& layer, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  GraphWriter& to = at.to;
  const std::int64_t n = whole(layer.bins);
  const std::string lengths = to.row(x.extent);  // [1, batch]
  GraphWriter::Inputs means;
  for (std::int64_t k = 0; k < n; ++k) {
    const std::string begin = to.node("Div", {to.node("Mul", {lengths, to.ints({k})}), to.ints({n})});
    const std::string above = to.node("Add", {to.node("Mul", {lengths, to.ints({k + 1})}), to.ints({n - 1})});
    const std::string end = to.node("Div", {above, to.ints({n})});
    const std::string inside = to.node("And", {to.node("GreaterOrEqual", {to.column(x.extent), begin}),
                                               to.node("Less", {to.column(x.extent), end})});
    const std::string mask = to.node("Unsqueeze", {inside, to.ints({2})});
    const std::string sum = step_sum(to, to.node("Where", {mask, x.name, to.number(0)}));
    const std::string tokens = to.node("Max", {to.node("Sub", {end, begin}), to.ints({1})});  // [1, batch]
    const std::string count =
        to.node("Cast", {transposed(to, tokens, {1, 0})}, {{"to", std::int64_t{::onnx::TensorProto::FLOAT}}});
    means.push_back(to.node("Div", {sum, count}));
  }
  if (means.size() == 1) return {means[0], x.cols};
  return {to.node("Concat", means, {{"axis", std::int64_t{-1}}}), x.cols * layer.bins};
}

/// A softmax over each sequence's own steps; zero beyond them.
inline OnnxValue write(const StepSoftmax&, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  const std::string scores = at.to.masked(x, std::numeric_limits<float>::lowest());
  OnnxValue y{at.to.node("Softmax", {scores}, {{"axis", std::int64_t{0}}}), x.cols, x.extent};
  y.name = at.to.masked(y);
  return y;
}
/// [batch, heads, time] times [batch, time, columns].
inline OnnxValue write(const WeightedSum&, NodeContext& at) {
  const OnnxValue &shares = at.x.at(0), &x = at.x.at(1);
  const std::string by_head = transposed(at.to, at.to.masked(shares), {1, 2, 0});
  const std::string sums = at.to.node("MatMul", {by_head, transposed(at.to, at.to.masked(x), {1, 0, 2})});
  return {at.to.node("Reshape", {sums, at.to.ints({0, -1})}), shares.cols * x.cols};
}
inline OnnxValue write(const Reversal&, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  const std::string y = at.to.node("ReverseSequence", {x.name, at.to.lengths(x.extent)},
                                   {{"time_axis", std::int64_t{0}}, {"batch_axis", std::int64_t{1}}});
  return {y, x.cols, x.extent};
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
