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

namespace detail {

/// Gradients of one token's pre-activations from its gates, which lie in panels of Side units; updates the
/// running dc of its sequence. Of the units in `units`, which begin at a panel. keep(place in the gate row,
/// di, df, dg, do) stores them.
template <class Arch, class Functions, std::size_t Side, class T, class Stored, class Keep>
[[gnu::flatten]] void lstm_gate_gradients(IndexRange units, const Stored* token_gates, const T* c,
                                          const T* c_before, const T* dy, const T* dh_running, T* dc_running,
                                          const Keep& keep) {
  using V = Vec<T, Arch>;
  const V one(T(1));
  const std::size_t end = ceil_div(units.end, Side) * Side;  // units behind H have zero gradients
  for (std::size_t unit = units.begin; unit < end; unit += V::size) {
    const std::size_t place = unit / Side * 4 * Side + unit % Side;
    const Stored* gates = token_gates + place;
    const V i = load<V>(gates), f = load<V>(gates + Side), g = load<V>(gates + 2 * Side),
            o = load<V>(gates + 3 * Side);
    const V tanh_c = Functions::tanh(load<V>(c + unit));
    const std::size_t left = unit < units.end ? units.end - unit : 0;
    const V dh = load<V>(dh_running + unit) + load_partial<V>(dy + unit, left);
    const V dc = fma(dh * o, fnma(tanh_c, tanh_c, one), load<V>(dc_running + unit));
    keep(place, dc * g * fnma(i, i, i), dc * load<V>(c_before + unit) * fnma(f, f, f),
         dc * i * fnma(g, g, one), dh * tanh_c * fnma(o, o, o));
    store(dc_running + unit, dc * f);
  }
}

/// Calls body(t, step, rows) for every step against the direction's order, with the rows of `part` that are
/// active in it.
template <class Arguments, class Body>
void for_each_step_back(const Arguments& a, const LstmPart& part, Body&& body) {
  const std::size_t steps = a.layout.steps();
  for (std::size_t s = 0; s < steps; ++s) {
    const std::size_t t = a.reverse ? s : steps - 1 - s;
    const IndexRange rows{part.rows.begin, std::min(part.rows.end, a.layout.active(t))};
    if (rows.end > rows.begin) body(t, s, rows);
  }
}
/// Units of the panels of `part`.
template <std::size_t Lanes> IndexRange units_of_part(const GateShape& shape, const LstmPart& part) {
  return {part.panels.begin * Lanes, std::min(shape.hidden, part.panels.end * Lanes)};
}

/// Gate gradients of all steps of `part`. keeper(gates of a token, step, its row in the part) says where they
/// are kept; times_weights(token of the part's first row, step, rows, units, dh of the first row) makes of
/// them the gradients of the h before.
template <class Arch, class Functions, std::size_t Lanes, class Arguments, class Keeper, class Product>
void lstm_backward_steps(const Arguments& a, const LstmPart& part, Keeper&& keeper, Product&& times_weights) {
  const std::size_t padded = a.shape.padded_hidden(), gate_row = a.shape.gate_row();
  const PreviousToken previous{a.layout, a.reverse};
  const IndexRange units = units_of_part<Lanes>(a.shape, part);
  for_each_step_back(a, part, [&](std::size_t t, std::size_t s, IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const std::size_t token = a.layout.offset(t) + r, before = previous(t, r);
      const auto* c_before = before == PreviousToken::none ? a.c0 + r * padded : a.c + before * padded;
      auto* gates = a.gates + token * gate_row;
      lstm_gate_gradients<Arch, Functions, Lanes>(units, gates, a.c + token * padded, c_before,
                                                  a.dy + token * a.lddy, a.dh + r * padded, a.dc + r * padded,
                                                  keeper(gates, s, r - rows.begin));
    }
    part.meet();
    if (units.begin < units.end)
      times_weights(a.layout.offset(t) + rows.begin, s, rows.end - rows.begin, units,
                    a.dh + rows.begin * padded + units.begin);
  });
}

}  // namespace detail

/// Runs all steps of `part`: gate gradients, dh0 and dc0. Allocates nothing.
template <class T, class Arch = DefaultArch>
void lstm_backward(const LstmBackwardArguments<T, T>& a, const LstmPart& part) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size;
  const std::size_t gate_row = a.shape.gate_row(), padded = a.shape.padded_hidden();
  const auto in_place = [](T* gates, std::size_t, std::size_t) {
    return [gates](std::size_t place, const V& di, const V& df, const V& dg, const V& d_o)
        __attribute__((always_inline)) {
      store(gates + place, di);
      store(gates + place + lanes, df);
      store(gates + place + 2 * lanes, dg);
      store(gates + place + 3 * lanes, d_o);
    };
  };
  const auto times_weights = [&](std::size_t token, std::size_t, std::size_t rows, IndexRange units, T* dh) {
    gemm_panels<T, Arch>(a.gates + token * gate_row, gate_row, 1, rows, gate_row,
                         a.weights_h + units.begin * gate_row, units.end - units.begin, dh, padded, false);
  };
  detail::lstm_backward_steps<Arch, AccurateFunctions, lanes>(a, part, in_place, times_weights);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
