// The LSTM's backward pass over a packed ragged batch, one direction. docs/lstm.md derives every line.
//
//   for each step t against the direction's order          a thread runs all steps of its own rows
//     for each active row, each panel: saved gates -> gate gradients in registers, written over the gates
//     dh' = dgates W_hh                                     one product per step
//   afterwards, over all tokens at once:
//     dW_hh += dgates^T h'   dW_ih += dgates^T x   db += sum of dgates   dx += dgates W_ih
//
// Weight gradients are sums over tokens in blocks of a fixed size; threads split their columns, never the
// sum.
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

/// Gradients of the pre-activations of one token's panel, in place; updates the running dc.
template <class T, class Arch>
[[gnu::always_inline]] inline void lstm_gate_gradients(T* gates, const T* c, const T* c_before, const T* dy,
                                                       std::size_t units, const T* dh_running,
                                                       T* dc_running) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size;
  const V one(T(1));
  const V i = load<V>(gates), f = load<V>(gates + lanes), g = load<V>(gates + 2 * lanes),
          o = load<V>(gates + 3 * lanes);
  const V tanh_c = tanh(load<V>(c));
  const V dh = load<V>(dh_running) + load_partial<V>(dy, units);
  const V dc = fma(dh * o, fnma(tanh_c, tanh_c, one), load<V>(dc_running));
  store(gates, dc * g * fnma(i, i, i));
  store(gates + lanes, dc * load<V>(c_before) * fnma(f, f, f));
  store(gates + 2 * lanes, dc * i * fnma(g, g, one));
  store(gates + 3 * lanes, dh * tanh_c * fnma(o, o, o));
  store(dc_running, dc * f);
}

}  // namespace detail

/// Runs all steps of the packed rows in `rows`: gate gradients, dh0 and dc0. Allocates nothing.
template <class T, class Arch = DefaultArch> void lstm_backward(const LstmBackward<T, Arch>& a, Range rows) {
  constexpr std::size_t lanes = width<T, Arch>, wide = 4 * lanes;
  const std::size_t steps = a.layout->steps(), padded = a.shape.padded_hidden(),
                    gate_row = a.shape.gate_row();
  const PreviousToken previous{*a.layout, a.reverse};
  for (std::size_t s = 0; s < steps; ++s) {
    const std::size_t t = a.reverse ? s : steps - 1 - s;
    const std::size_t end = std::min(rows.end, a.layout->active(t));
    if (end <= rows.begin) continue;
    for (std::size_t r = rows.begin; r < end; ++r) {
      const std::size_t token = a.layout->offset(t) + r, before = previous(t, r);
      const T* c_before = before == PreviousToken::none ? a.c0 + r * padded : a.c + before * padded;
      for (std::size_t panel = 0; panel < a.shape.panels(); ++panel) {
        const std::size_t unit = panel * lanes;
        detail::lstm_gate_gradients<T, Arch>(a.gates + token * gate_row + panel * wide,
                                             a.c + token * padded + unit, c_before + unit,
                                             a.dy + token * a.lddy + unit, a.shape.hidden - unit,
                                             a.dh + r * padded + unit, a.dc + r * padded + unit);
      }
    }
    gemm_panels<T, Arch>(a.gates + (a.layout->offset(t) + rows.begin) * gate_row, gate_row, 1,
                         end - rows.begin, gate_row, a.weights_h, gate_row * wide, wide, a.shape.hidden,
                         a.dh + rows.begin * padded, padded, false);
  }
}

/// Numbers of scratch memory a call of gate_weight_gradient needs: one panel of gemm_depth tokens.
template <class T, class Arch = DefaultArch>
inline constexpr std::size_t gradient_scratch = gemm_depth* panel_columns<T, Arch>;

/// dw [N][gate_row] += a^T dgates over `count` tokens, for the gate columns in `columns` (multiples of 4W).
/// `a` holds N numbers a token, lda apart. A panel of gate gradients is copied to `scratch` first, because
/// its rows stand a whole gate row apart, which costs an address translation for each.
template <class T, class Arch = DefaultArch>
void gate_weight_gradient(const LstmShape<T, Arch>& shape, const T* a, std::size_t lda, std::size_t n,
                          const T* dgates, std::size_t count, Range columns, T* dw, T* scratch) {
  constexpr std::size_t wide = panel_columns<T, Arch>;
  const std::size_t gate_row = shape.gate_row();
  for (std::size_t first = 0; first < count; first += gemm_depth) {
    const std::size_t depth = std::min(gemm_depth, count - first);
    for (std::size_t column = columns.begin; column < columns.end; column += wide) {
      pack_panels<T, Arch>(dgates + first * gate_row + column, gate_row, 1, depth, wide, scratch);
      gemm_panels<T, Arch>(a + first * lda, 1, lda, n, depth, scratch, depth * wide, wide, wide, dw + column,
                           gate_row, true);
    }
  }
}

/// Calls add(h, ldh, token, count) for runs of tokens whose previous states stand in memory one after the
/// other: in y (h of the token before) or in h0 [B][padded_hidden] (where a sequence begins). The runs follow
/// from the layout.
template <class T, class Add>
void for_each_run_of_previous_states(const PackedLayout& layout, bool reverse, const T* y, std::size_t ldy,
                                     const T* h0, std::size_t padded_hidden, Add&& add) {
  const PreviousToken previous{layout, reverse};
  std::size_t from = 0, token = 0, count = 0;  // the run being collected
  const auto flush = [&] {
    if (count > 0) add(y + from * ldy, ldy, token, count);
    count = 0;
  };
  for (std::size_t t = 0; t < layout.steps(); ++t) {
    const std::size_t here = layout.offset(t), active = layout.active(t);
    const std::size_t continuing = reverse ? layout.active(t + 1) : (t == 0 ? 0 : active);
    if (continuing > 0) {
      const std::size_t before = previous(t, 0);
      if (count > 0 && (from + count != before || token + count != here)) flush();
      if (count == 0) {
        from = before;
        token = here;
      }
      count += continuing;
    }
    if (continuing < active) {
      flush();
      add(h0 + continuing * padded_hidden, padded_hidden, here + continuing, active - continuing);
    }
  }
  flush();
}

/// db [gate_row] += sum of dgates over tokens, blocks of gemm_depth tokens summed in order, for columns in
/// `columns`.
template <class T, class Arch = DefaultArch>
void gate_bias_gradient(const LstmShape<T, Arch>& shape, const T* dgates, std::size_t tokens, Range columns,
                        T* db) {
  using V = Vec<T, Arch>;
  const std::size_t gate_row = shape.gate_row();
  for (std::size_t first = 0; first < tokens; first += gemm_depth) {
    const std::size_t last = std::min(tokens, first + gemm_depth);
    for (std::size_t column = columns.begin; column < columns.end; column += V::size) {
      V sum(T(0));
      for (std::size_t token = first; token < last; ++token)
        sum = sum + load<V>(dgates + token * gate_row + column);
      store(db + column, load<V>(db + column) + sum);
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
