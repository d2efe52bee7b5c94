// The LSTM's backward pass over a packed ragged batch, one direction. docs/lstm.md derives every line.
//
//   for each step t against the direction's order          a thread has rows or panels as in the forward pass
//     for each active row, each panel: saved gates -> gate gradients in registers, written over the gates
//     all threads meet where they have panels
//     dh' = dgates W_hh                                     one product per step
//   afterwards, over all tokens at once:
//     dW_hh += dgates^T h'   dW_ih += dgates^T x   db += sum of dgates   (lstm_weight_gradient.hpp)
//     dx += dgates W_ih
#pragma once

#include <seqlstm/kernels/lstm_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Arguments of one direction's backward pass; what the forward pass saved, and gradients of its results.
template <class T, class Arch = DefaultArch> struct LstmBackward {
  LstmShape<T, Arch> shape;
  const PackedLayout* layout = nullptr;
  bool reverse = false;
  T* gates = nullptr;     ///< in: gates, out: gradients of the pre-activations; [tokens][gate_row]
  const T* c = nullptr;   ///< [tokens][padded_hidden]
  const T* c0 = nullptr;  ///< [B][padded_hidden]
  const T* dy = nullptr;  ///< [tokens] rows of H numbers, lddy apart
  std::size_t lddy = 0;
  const T* weights_h = nullptr;  ///< pack_gate_rows(W_hh)
  T* dh = nullptr;               ///< [B][padded_hidden] in: gradient of the last h, out: of h0
  T* dc = nullptr;               ///< [B][padded_hidden] in: gradient of the last c, out: of c0
};

namespace detail {

/// Gradients of one token's pre-activations, in place of its gates; updates the running dc of its sequence.
/// Of the units in `units`, which begin at a panel.
template <class T, class Arch>
[[gnu::flatten]] void lstm_gate_gradients(Range units, T* gates, const T* c, const T* c_before, const T* dy,
                                          const T* dh_running, T* dc_running) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size;
  const V one(T(1));
  gates += units.begin * 4;
  for (std::size_t unit = units.begin; unit < units.end; unit += lanes, gates += 4 * lanes) {
    const V i = load<V>(gates), f = load<V>(gates + lanes), g = load<V>(gates + 2 * lanes),
            o = load<V>(gates + 3 * lanes);
    const V tanh_c = tanh(load<V>(c + unit));
    const V dh = load<V>(dh_running + unit) + load_partial<V>(dy + unit, units.end - unit);
    const V dc = fma(dh * o, fnma(tanh_c, tanh_c, one), load<V>(dc_running + unit));
    store(gates, dc * g * fnma(i, i, i));
    store(gates + lanes, dc * load<V>(c_before + unit) * fnma(f, f, f));
    store(gates + 2 * lanes, dc * i * fnma(g, g, one));
    store(gates + 3 * lanes, dh * tanh_c * fnma(o, o, o));
    store(dc_running + unit, dc * f);
  }
}

}  // namespace detail

/// Unit panels that a range of panels of a backward pass begins at a multiple of: one panel of W_hh.
inline constexpr std::size_t backward_panels = 4;

/// Runs all steps of `part`: gate gradients, dh0 and dc0. Allocates nothing.
template <class T, class Arch = DefaultArch>
void lstm_backward(const LstmBackward<T, Arch>& a, const LstmPart& part) {
  const std::size_t steps = a.layout->steps(), padded = a.shape.padded_hidden(),
                    gate_row = a.shape.gate_row();
  const PreviousToken previous{*a.layout, a.reverse};
  const Range rows = part.rows;
  const Range units{part.panels.begin * a.shape.lanes,
                    std::min(a.shape.hidden, part.panels.end * a.shape.lanes)};
  for (std::size_t s = 0; s < steps; ++s) {
    const std::size_t t = a.reverse ? s : steps - 1 - s;
    const std::size_t end = std::min(rows.end, a.layout->active(t));
    if (end <= rows.begin) continue;
    for (std::size_t r = rows.begin; r < end; ++r) {
      const std::size_t token = a.layout->offset(t) + r, before = previous(t, r);
      const T* c_before = before == PreviousToken::none ? a.c0 + r * padded : a.c + before * padded;
      detail::lstm_gate_gradients<T, Arch>(units, a.gates + token * gate_row, a.c + token * padded, c_before,
                                           a.dy + token * a.lddy, a.dh + r * padded, a.dc + r * padded);
    }
    part.meet();
    if (units.begin >= units.end) continue;
    gemm_panels<T, Arch>(a.gates + (a.layout->offset(t) + rows.begin) * gate_row, gate_row, 1,
                         end - rows.begin, gate_row, a.weights_h + units.begin * gate_row,
                         units.end - units.begin, a.dh + rows.begin * padded + units.begin, padded, false);
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
