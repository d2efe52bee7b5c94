// ONNX nodes of layers that see windows of steps: convolutions and poolings. They want [batch, columns,
// time].
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <seqlstm/onnx/detail/input_nodes.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

inline std::int64_t whole(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

/// max(0, (length + offset) / stride), rounded down.
inline std::string window_count(GraphWriter& to, const std::string& lengths, std::int64_t offset,
                                std::size_t stride) {
  const std::string shifted = to.node("Max", {to.node("Add", {lengths, to.ints({offset})}), to.ints({0})});
  return stride == 1 ? shifted : to.node("Div", {shifted, to.ints({whole(stride)})});
}
/// From [batch, columns, time] to steps; their lengths are those of `lengths`, or where it is empty x's.
inline OnnxValue steps_of(GraphWriter& to, const std::string& y, std::size_t cols, const OnnxValue& x,
                          const std::string& lengths) {
  const std::string name = transposed(to, y, {2, 0, 1});
  return {name, cols, lengths.empty() ? x.extent : to.add_extent(lengths, name)};
}

inline OnnxValue write(const Conv1d<float>& layer, NodeContext& at) {
  const auto& o = layer.options();
  const OnnxValue& x = at.x.at(0);
  const std::size_t reach = (o.kernel - 1) * o.dilation;
  const std::size_t before = o.padding == Padding::valid ? 0 : o.padding == Padding::same ? reach / 2 : reach;
  const std::size_t after = o.padding == Padding::same ? reach - before : 0;
  GraphWriter::Inputs inputs = {transposed(at.to, at.to.masked(x), {1, 2, 0}),
                                weights(at.to, at.path + ".weight", layer.weight)};
  if (layer.has_bias()) inputs.push_back(weights(at.to, at.path + ".bias", layer.bias));
  const std::string y = at.to.node("Conv", inputs,
                                   {{"kernel_shape", Permutation{whole(o.kernel)}},
                                    {"strides", Permutation{whole(o.stride)}},
                                    {"dilations", Permutation{whole(o.dilation)}},
                                    {"pads", Permutation{whole(before), whole(after)}}});
  const bool valid = o.padding == Padding::valid;
  std::string lengths;
  if (o.stride > 1 || (valid && reach > 0))  // floor((L - R - 1) / s) + 1, or ceil(L / s)
    lengths = window_count(at.to, at.to.lengths(x.extent),
                           valid ? whole(o.stride) - whole(reach) - 1 : whole(o.stride) - 1, o.stride);
  return steps_of(at.to, y, o.output, x, lengths);
}

/// Windows of a sequence. With ceil_mode ONNX's own would begin behind the last token: here the steps are
/// made longer by what a last window may lack, so that whole windows are enough.
inline std::string pool_lengths(GraphWriter& to, const OnnxValue& x, const Pool1dOptions& o) {
  const std::string& lengths = to.lengths(x.extent);
  const std::int64_t kernel = whole(o.kernel), stride = whole(o.stride);
  if (!o.ceil_mode) return window_count(to, lengths, stride - kernel, o.stride);
  // ceil((L - k) / s) + 1, one where L < k, none that begins behind the last token: that is ceil(L / s).
  const std::string any = window_count(to, lengths, stride - 1, o.stride);
  const std::string left = to.node("Max", {to.node("Sub", {lengths, to.ints({kernel})}), to.ints({0})});
  const std::string more = window_count(to, left, stride - 1, o.stride);
  return to.node("Min", {to.node("Add", {more, to.ints({1})}), any});
}
/// x as [batch, columns, time], `fill` beyond its ends.
inline std::string pool_input(GraphWriter& to, const std::string& x, float fill, const Pool1dOptions& o) {
  const std::string windows = transposed(to, x, {1, 2, 0});
  if (!o.ceil_mode || o.kernel == 1) return windows;
  return to.node("Pad", {windows, to.ints({0, 0, 0, 0, 0, whole(o.kernel) - 1}), to.number(fill)});
}
inline GraphWriter::Attributes pool_windows(const Pool1dOptions& o) {
  return {{"kernel_shape", Permutation{whole(o.kernel)}}, {"strides", Permutation{whole(o.stride)}}};
}

inline OnnxValue write(const MaxPool1d& layer, NodeContext& at) {
  const auto& o = layer.options();
  const OnnxValue& x = at.x.at(0);
  const float least = std::numeric_limits<float>::lowest();
  const std::string in = pool_input(at.to, at.to.masked(x, least), least, o);
  return steps_of(at.to, at.to.node("MaxPool", {in}, pool_windows(o)), x.cols, x, pool_lengths(at.to, x, o));
}
/// Sums of windows over the number of tokens that each has.
inline OnnxValue write(const AvgPool1d& layer, NodeContext& at) {
  const auto& o = layer.options();
  const OnnxValue& x = at.x.at(0);
  const std::string in = pool_input(at.to, at.to.masked(x), 0, o);
  std::string y = at.to.node("AveragePool", {in}, pool_windows(o));
  if (o.ceil_mode) {
    const std::string ones =
        at.to.node("Cast", {at.to.mask(x.extent)}, {{"to", std::int64_t{::onnx::TensorProto::FLOAT}}});
    const std::string share = at.to.node("AveragePool", {pool_input(at.to, ones, 0, o)}, pool_windows(o));
    y = at.to.node("Div", {y, at.to.node("Max", {share, at.to.number(1e-9F)})});
  }
  return steps_of(at.to, y, x.cols, x, pool_lengths(at.to, x, o));
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
