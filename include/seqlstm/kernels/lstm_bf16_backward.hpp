// The LSTM's backward pass with bfloat16 factors, one direction: lstm_backward.hpp on tiles. Gate gradients
// are rounded where they are stored: over the saved gates, for the weight gradients, and in rows that the
// next product finds in L2.
#pragma once

#include <seqlstm/kernels/lstm_backward.hpp>
#include <seqlstm/kernels/tile_gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail {
/// Numbers of one part's two buffers of gate gradients, each of one step.
inline std::size_t step_gradients(const GateShape& shape, std::size_t batch) {
  return ceil_div(batch, block_rows) * block_rows * left_stride(shape.gate_row());
}
}  // namespace detail

/// bfloat16 numbers of scratch memory for `parts` parts.
inline std::size_t lstm_backward_scratch(const GateShape& shape, std::size_t batch, std::size_t parts) {
  return parts * 2 * detail::step_gradients(shape, batch);
}

/// Runs all steps of `part`: gate gradients, dh0 and dc0. Allocates nothing.
template <class Arch = DefaultArch>
void lstm_backward(const LstmBackwardArguments<float, bfloat16>& a, const LstmPart& part) {
  using V = Vec<float, Arch>;
  constexpr std::size_t side = TileGateShape::lanes;
  const std::size_t size = detail::step_gradients(a.shape, a.layout.sequences()),
                    stride = left_stride(a.shape.gate_row()), depth = depth_tiles(a.shape.gate_row());
  // By turns, because a team's members may be a step apart.
  const auto buffer = [&](std::size_t step) { return a.room + (2 * part.number + step % 2) * size; };
  with_tiles<Arch>([&](auto& tiles) {
    using Tiles = std::remove_reference_t<decltype(tiles)>;
    const auto keeper = [&](bfloat16* gates, std::size_t step, std::size_t row) {
      bfloat16* copy = buffer(step) + row * stride;
      return [ gates, copy ](std::size_t place, const V& di, const V& df, const V& dg, const V& d_o)
          __attribute__((always_inline)) {
        store_two(gates + place, side, di, df);
        store_two(gates + place + 2 * side, side, dg, d_o);
        if constexpr (Tiles::arranges) {
          Tiles::store_left(copy + place, di);
          Tiles::store_left(copy + place + side, df);
          Tiles::store_left(copy + place + 2 * side, dg);
          Tiles::store_left(copy + place + 3 * side, d_o);
        } else {
          store_two(copy + place, side, di, df);
          store_two(copy + place + 2 * side, side, dg, d_o);
        }
      };
    };
    const auto times_weights = [&](std::size_t, std::size_t step, std::size_t rows, IndexRange units,
                                   float* dh) {
      tile_gemm(tiles, buffer(step), stride, rows, depth,
                a.weights_h + units.begin / tile_side * depth * tile_size, units.end - units.begin, dh,
                a.shape.padded_hidden(), false, true);
    };
    detail::lstm_backward_steps<Arch, RoughFunctions, TileGateShape::lanes>(a, part, keeper, times_weights);
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
