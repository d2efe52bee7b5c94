// One step of LSTM cells whose pre-activations were multiplied before, with peepholes (Gers, Schraudolph and
// Schmidhuber 2002) or a normalised c (Ba, Kiros and Hinton 2016) on demand. The fused kernels
// (lstm_forward.hpp) have neither.
//
//   forward, for each row:
//     for each vector of units:   i, f and g from pre-activations and c';   c = f c' + i g;   o
//     s = c, or c normalised over the row
//     for each vector of units:   output = o tanh(s)
//   backward, for each row:
//     for each vector of units:   gradients of o's pre-activation and of s;   on through the normalisation to
//     c for each vector of units:   gradients of the other pre-activations and of c'
//
// A row's bits do not depend on the rows beside it.
#pragma once

#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/norm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Forward.
template <class T, class Arch = DefaultArch> [[gnu::flatten]] void lstm_cells(const LstmCells<T>& a) {
  using V = Vec<T, Arch>;
  const std::size_t n = a.c.cols();
  for (std::size_t r = 0; r < a.c.rows(); ++r) {
    T *gates = a.gates.row_data(r), *c = a.c.row_data(r), *output = a.output.row_data(r);
    for (std::size_t u = 0; u < n; u += V::size) {
      const auto at = [&](const T* row, std::size_t section) {
        return load_partial<V>(row + section * n + u, n - u);
      };
      const auto keep = [&](std::size_t gate, const V& v) { store_partial(gates + gate * n + u, v, n - u); };
      const auto before_function = [&](std::size_t gate) { return at(gates, gate) + at(a.bias, gate); };
      const V before = at(a.c_before.row_data(r), 0);
      V i = before_function(0), f = before_function(1), o = before_function(3);
      if (a.peephole != nullptr) {
        i = fma(at(a.peephole, 0), before, i);
        f = fma(at(a.peephole, 2), before, f);
      }
      i = SigmoidFunction::apply(i);
      f = SigmoidFunction::apply(f);
      const V g = TanhFunction::apply(before_function(2)), now = fma(f, before, i * g);
      if (a.peephole != nullptr) o = fma(at(a.peephole, 1), now, o);
      keep(0, i);
      keep(1, f);
      keep(2, g);
      keep(3, SigmoidFunction::apply(o));
      store_partial(c + u, now, n - u);
    }
    if (a.norm_weight != nullptr) {
      T mean, inverse;
      normalize_rows<T, Arch>({c, 1, n}, a.eps, a.norm_weight, a.norm_bias, &mean, &inverse, {output, 1, n});
    }
    const T* s = a.norm_weight != nullptr ? output : c;
    for (std::size_t u = 0; u < n; u += V::size) {
      const V o = load_partial<V>(gates + 3 * n + u, n - u);
      store_partial(output + u, o * TanhFunction::apply(load_partial<V>(s + u, n - u)), n - u);
    }
  }
}

/// Backward.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void lstm_cells_backward(const LstmCellsBackward<T>& a) {
  using V = Vec<T, Arch>;
  const std::size_t n = a.c.cols();
  for (std::size_t r = 0; r < a.c.rows(); ++r) {
    const T* c = a.c.row_data(r);
    T *gates = a.gates.row_data(r), *dc = a.dc.row_data(r), *dnormal = nullptr;
    if (a.norm_weight != nullptr) {
      dnormal = a.dnormal.row_data(r);
      normalize_rows<T, Arch>({c, 1, n}, a.eps, a.norm_weight, a.norm_bias, a.mean + r, a.inverse + r,
                              {dnormal, 1, n});
    }
    for (std::size_t u = 0; u < n; u += V::size) {
      const auto at = [&](const T* row) { return load_partial<V>(row + u, n - u); };
      const V doutput = at(a.doutput.row_data(r)), o = at(gates + 3 * n);
      const V t = TanhFunction::apply(at(dnormal != nullptr ? dnormal : c));
      const V dt = doutput * o, slope = TanhFunction::slope(t);
      store_partial(gates + 3 * n + u, doutput * t * SigmoidFunction::slope(o), n - u);
      if (dnormal != nullptr) {
        store_partial(dnormal + u, dt * slope, n - u);
      } else {
        store_partial(dc + u, fma(dt, slope, at(dc)), n - u);
      }
    }
    if (dnormal != nullptr)
      normalize_rows_backward<T, Arch>({c, 1, n}, {dnormal, 1, n}, a.norm_weight, a.mean + r, a.inverse + r,
                                       {dc, 1, n});
    for (std::size_t u = 0; u < n; u += V::size) {
      const auto at = [&](const T* row, std::size_t section) {
        return load_partial<V>(row + section * n + u, n - u);
      };
      const V before = at(a.c_before.row_data(r), 0);
      const V i = at(gates, 0), f = at(gates, 1), g = at(gates, 2);
      V now = at(dc, 0);
      if (a.peephole != nullptr) now = fma(at(a.peephole, 1), at(gates, 3), now);
      const V di = now * g * SigmoidFunction::slope(i), df = now * before * SigmoidFunction::slope(f);
      store_partial(gates + u, di, n - u);
      store_partial(gates + n + u, df, n - u);
      store_partial(gates + 2 * n + u, now * i * TanhFunction::slope(g), n - u);
      V earlier = now * f;
      if (a.peephole != nullptr) earlier = fma(at(a.peephole, 0), di, fma(at(a.peephole, 2), df, earlier));
      store_partial(dc + u, earlier, n - u);
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
