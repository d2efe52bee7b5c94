// The GRU's two passes with bfloat16 factors, one direction: gru_forward.hpp and gru_backward.hpp on tiles.
//
// A panel of 16 units has the four places n, r, z and m of a gate row side by side, each a tile wide, so the
// LSTM's loops serve (lstm_bf16_forward.hpp). W_ih has zeros for m, and W_hh for n: a quarter of the products
// adds nothing. The reset gate acts after the product; the other form has no kernels here.
#pragma once

#include <seqlstm/kernels/gru_forward.hpp>
#include <seqlstm/kernels/lstm_bf16_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Runs all steps of `part`, with lstm_forward_scratch() numbers of room. A row's result does not depend on
/// the other rows. Allocates nothing.
template <class Arch = DefaultArch>
void gru_forward(const LstmForwardArguments<float, bfloat16>& a, const LstmPart& part) {
  with_tiles<Arch>([&](auto& tiles) {
    using Tiles = std::remove_reference_t<decltype(tiles)>;
    if (a.gates != nullptr) {
      detail::ForwardBf16Part<Arch, Tiles, true, true>(a, part, tiles).run();
    } else {
      detail::ForwardBf16Part<Arch, Tiles, true, false>(a, part, tiles).run();
    }
  });
}

namespace detail {

/// Gradients of one token's pre-activations of the units in `units`, which begin at a panel: over its gates,
/// and as the next product's factors in `copy`. dh becomes dh z.
template <class Arch, class Tiles>
[[gnu::flatten]] void gru_gate_gradients(IndexRange units, bfloat16* token_gates, bfloat16* copy,
                                         const float* h, const float* dy, float* dh_running) {
  using V = Vec<float, Arch>;
  constexpr std::size_t side = tile_side;
  const V one(1.0F);
  const std::size_t end = ceil_div(units.end, side) * side;  // units behind H have zero gradients
  for (std::size_t unit = units.begin; unit < end; unit += V::size) {
    const std::size_t place = unit / side * 4 * side + unit % side;
    const std::size_t left = unit < units.end ? units.end - unit : 0;
    bfloat16* gates = token_gates + place;
    const V n = load<V>(gates), r = load<V>(gates + gru_r * side), z = load<V>(gates + gru_z * side),
            m = load<V>(gates + gru_m * side);
    const V dh = load<V>(dh_running + unit) + load_partial<V>(dy + unit, left);
    const V dn = dh * (one - z) * fnma(n, n, one);
    const V dr = dn * m * fnma(r, r, r), dz = dh * (load_partial<V>(h + unit, left) - n) * fnma(z, z, z),
            dm = dn * r;
    store_two(gates, side, dn, dr);
    store_two(gates + gru_z * side, side, dz, dm);
    if constexpr (Tiles::arranges) {
      Tiles::store_left(copy + place, dn);
      Tiles::store_left(copy + place + gru_r * side, dr);
      Tiles::store_left(copy + place + gru_z * side, dz);
      Tiles::store_left(copy + place + gru_m * side, dm);
    } else {
      store_two(copy + place, side, dn, dr);
      store_two(copy + place + gru_z * side, side, dz, dm);
    }
    store(dh_running + unit, dh * z);
  }
}

}  // namespace detail

/// Runs all steps of `part`, with lstm_backward_scratch() numbers of room: gate gradients and dh0. Allocates
/// nothing.
template <class Arch = DefaultArch>
void gru_backward(const LstmBackwardArguments<float, bfloat16>& a, const LstmPart& part) {
  const std::size_t size = detail::step_gradients(a.shape, a.layout.sequences()),
                    padded = a.shape.padded_hidden(), stride = left_stride(a.shape.gate_row()),
                    depth = depth_tiles(a.shape.gate_row());
  const PreviousToken previous{a.layout, a.reverse};
  const IndexRange units = detail::units_of_part<tile_side>(a.shape, part);
  with_tiles<Arch>([&](auto& tiles) {
    using Tiles = std::remove_reference_t<decltype(tiles)>;
    detail::for_each_step_back(a, part, [&](std::size_t t, std::size_t step, IndexRange rows) {
      bfloat16* const buffer =
          a.room + (2 * part.number + step % 2) * size;  // a team's members may be a step apart
      for (std::size_t r = rows.begin; r < rows.end; ++r) {
        const std::size_t token = a.layout.offset(t) + r, before = previous(t, r);
        detail::gru_gate_gradients<Arch, Tiles>(
            units, a.gates + token * a.shape.gate_row(), buffer + (r - rows.begin) * stride,
            before == PreviousToken::none ? a.h0 + r * padded : a.y + before * a.ldy, a.dy + token * a.lddy,
            a.dh + r * padded);
      }
      part.meet();
      if (units.begin < units.end)
        tile_gemm(tiles, buffer, stride, rows.end - rows.begin, depth,
                  a.weights_h + units.begin / tile_side * depth * tile_size, units.end - units.begin,
                  a.dh + rows.begin * padded + units.begin, padded, true, true);
    });
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
