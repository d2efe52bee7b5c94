// Weights of recurrent layers in ONNX's order of gates, and back.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <seqlstm/core/abi.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Where ONNX has each gate: block g of its matrices is block order[g] of ours. LSTM: i, o, f, c of i, f, g,
/// o; GRU: z, r, h of r, z, n.
inline constexpr std::array<std::size_t, 4> lstm_gate_order = {0, 3, 1, 2};
inline constexpr std::array<std::size_t, 3> gru_gate_order = {1, 0, 2};
inline constexpr std::array<std::size_t, 1> rnn_gate_order = {0};

/// Appends blocks of equal size in ONNX's order: rows of a matrix [GH, cols], or a bias [GH].
inline void append_gates(std::vector<float>& to, std::span<const float> ours,
                         std::span<const std::size_t> order) {
  const std::size_t block = ours.size() / order.size(), begin = to.size();
  to.resize(begin + ours.size());
  for (std::size_t place = 0; place < order.size(); ++place)
    std::copy_n(ours.begin() + static_cast<std::ptrdiff_t>(order[place] * block), block,
                to.begin() + static_cast<std::ptrdiff_t>(begin + place * block));
}

/// Fills ours from blocks in ONNX's order.
inline void take_gates(std::span<float> ours, std::span<const float> theirs,
                       std::span<const std::size_t> order) {
  const std::size_t block = ours.size() / order.size();
  for (std::size_t place = 0; place < order.size(); ++place)
    std::copy_n(theirs.begin() + static_cast<std::ptrdiff_t>(place * block), block,
                ours.begin() + static_cast<std::ptrdiff_t>(order[place] * block));
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
