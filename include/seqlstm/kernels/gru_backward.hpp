// The GRU's backward pass over a packed ragged batch, one direction, in the LSTM's order of work
// (lstm_backward.hpp).
//
//   for each step t against the direction's order, dh the gradient of h', h the state before:
//     da_n = dh (1 - z) (1 - n^2)   da_z = dh (h - n) z (1 - z)   da_r = da_n m r (1 - r)   dm = da_n r
//     dh' = dh z + [da_r da_z dm] W_hh               one product per step; all threads meet before it
//   where the reset gate acts before the product, with two products and two meetings:
//     d = da_n W_hn   da_r = d h r (1 - r)           dh' = dh z + d r + [da_r da_z] [W_hr; W_hz]
//
// Gradients are written over the gates: da_n, da_r, da_z, and dm, in whose place r h stays in the other form.
#pragma once

#include <seqlstm/kernels/gru_forward.hpp>
#include <seqlstm/kernels/lstm_backward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail {

/// One token's share of a GRU's backward pass: where its numbers of all units begin.
template <class T> struct GruToken {
  T* gates;     ///< [gate_row]
  const T* h;   ///< before the token
  const T* dy;  ///< of the token
  T* dh;        ///< running
  T* dreset;    ///< gradient of r h, where the reset gate acts before the product
};

/// Gradients of the pre-activations of the units in `units`, but for r where the reset gate acts before the
/// product; dh becomes dh z.
template <class Arch, bool ResetAfter, class T>
[[gnu::flatten]] void gru_gate_gradients(IndexRange units, std::size_t padded, const GruToken<T>& token) {
  using V = Vec<T, Arch>;
  const V one(T(1));
  for (std::size_t unit = units.begin; unit < units.end; unit += V::size) {
    T* gates = token.gates + unit;
    const std::size_t left = units.end - unit;
    const V n = load<V>(gates), z = load<V>(gates + gru_z * padded);
    const V h = load_partial<V>(token.h + unit, left);
    const V dh = load<V>(token.dh + unit) + load_partial<V>(token.dy + unit, left);
    const V dn = dh * (one - z) * fnma(n, n, one);
    if constexpr (ResetAfter) {
      const V r = load<V>(gates + gru_r * padded), m = load<V>(gates + gru_m * padded);
      store(gates + gru_r * padded, dn * m * fnma(r, r, r));
      store(gates + gru_m * padded, dn * r);
    }
    store(gates, dn);
    store(gates + gru_z * padded, dh * (h - n) * fnma(z, z, z));
    store(token.dh + unit, dh * z);
  }
}

/// The gradient of r from that of r h; dh += its share of h.
template <class Arch, class T>
[[gnu::flatten]] void gru_reset_gradients(IndexRange units, std::size_t padded, const GruToken<T>& token) {
  using V = Vec<T, Arch>;
  for (std::size_t unit = units.begin; unit < units.end; unit += V::size) {
    T* place = token.gates + gru_r * padded + unit;
    const std::size_t left = units.end - unit;
    const V r = load<V>(place), d = load_partial<V>(token.dreset + unit, left);
    const V h = load_partial<V>(token.h + unit, left);
    store(place, d * h * fnma(r, r, r));
    store(token.dh + unit, fma(d, r, load<V>(token.dh + unit)));
  }
}

/// out [rows][units] (+)= gate gradients, `count` places from `place` on, times as many gates of W_hh from
/// `gate` on (r, z, n, packed by pack_gate_rows), the columns of `units` only.
template <class T, class Arch>
void times_gates(const GateShape& shape, const T* gates, std::size_t rows, std::size_t place,
                 std::size_t gate, std::size_t count, const T* weights, IndexRange units, T* out,
                 bool accumulate) {
  constexpr std::size_t wide = panel_columns<T, Arch>;
  const std::size_t padded = shape.padded_hidden();
  for (std::size_t unit = units.begin; unit < units.end; unit += wide) {
    const std::size_t columns = std::min(wide, units.end - unit);
    const T* packed = weights + unit * 3 * padded + gate * padded * panel_width<T, Arch>(columns);
    gemm_panels<T, Arch>(gates + place * padded, shape.gate_row(), 1, rows, count * padded, packed, columns,
                         out + unit, padded, accumulate);
  }
}

}  // namespace detail

/// Numbers of room that gru_backward needs for so many parts.
template <class T> std::size_t gru_backward_room(const LstmBackwardArguments<T, T>& a, std::size_t parts) {
  return a.reset_after ? 0 : parts * a.layout.sequences() * a.shape.padded_hidden();
}

/// Runs all steps of `part`: gate gradients and dh0. Allocates nothing.
template <class T, class Arch = DefaultArch>
void gru_backward(const LstmBackwardArguments<T, T>& a, const LstmPart& part) {
  const std::size_t gate_row = a.shape.gate_row(), padded = a.shape.padded_hidden();
  const PreviousToken previous{a.layout, a.reverse};
  const IndexRange units = detail::units_of_part<width<T, Arch>>(a.shape, part);
  T* const dreset = a.reset_after ? nullptr : a.room + part.number * a.layout.sequences() * padded;
  const auto for_rows = [&](std::size_t t, IndexRange rows, const auto& body) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const std::size_t token = a.layout.offset(t) + r, before = previous(t, r);
      body(detail::GruToken<T>{a.gates + token * gate_row,
                               before == PreviousToken::none ? a.h0 + r * padded : a.y + before * a.ldy,
                               a.dy + token * a.lddy, a.dh + r * padded,
                               dreset == nullptr ? nullptr : dreset + r * padded});
    }
  };
  detail::for_each_step_back(a, part, [&](std::size_t t, std::size_t, IndexRange rows) {
    const T* gates = a.gates + (a.layout.offset(t) + rows.begin) * gate_row;
    const auto times = [&](GruPlace place, std::size_t gate, std::size_t count, T* out, bool accumulate) {
      detail::times_gates<T, Arch>(a.shape, gates, rows.end - rows.begin, place, gate, count, a.weights_h,
                                   units, out + rows.begin * padded, accumulate);
    };
    if (a.reset_after) {
      for_rows(t, rows,
               [&](const auto& token) { detail::gru_gate_gradients<Arch, true>(units, padded, token); });
      part.meet();
      times(gru_r, 0, 3, a.dh, true);
    } else {
      for_rows(t, rows,
               [&](const auto& token) { detail::gru_gate_gradients<Arch, false>(units, padded, token); });
      part.meet();
      times(gru_n, 2, 1, dreset, false);
      for_rows(t, rows, [&](const auto& token) { detail::gru_reset_gradients<Arch>(units, padded, token); });
      part.meet();
      times(gru_r, 0, 2, a.dh, true);
    }
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
