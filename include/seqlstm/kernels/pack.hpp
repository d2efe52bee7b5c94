// The order in which weights of an LSTM or a GRU are stored for the kernels: gates interleaved vector by
// vector.
//
// A panel holds W hidden units (one vector) with their gates side by side: for each row k of the product, the
// 4W numbers i[W] f[W] g[W] o[W], of a GRU the 3W numbers n[W] r[W] z[W] (W_ih) or r[W] z[W] n[W] (W_hh). One
// pass over a panel leaves all gates of W units in registers, so the gate functions are applied there. Units
// behind H are zero and stay zero.
//
// A row of gates and of their gradients has the LSTM's four in the same order. A GRU's has four places H'
// apart: n, r, z, and the recurrent share of n. So what W_ih is multiplied by (n r z) runs on, and what W_hh
// is (r z n) as well.
#pragma once

#include <cstddef>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Panels of `Lanes` units.
template <std::size_t Lanes> struct PanelShape : GateShape {
  static constexpr std::size_t lanes = Lanes;     ///< GateShape's, known at compile time
  static constexpr std::size_t wide = 4 * lanes;  ///< panel_row()

  /// I and H.
  PanelShape(std::size_t inputs, std::size_t units)
      : GateShape{inputs, units, Lanes, ceil_div(units, Lanes)} {}
};

/// Panels of one vector.
template <class T, class Arch = DefaultArch> using LstmShape = PanelShape<width<T, Arch>>;

/// Calls body(first_of(unit, gate) + u, row, k) for every element of the panels' rows of a matrix of n
/// columns, u counting the units of a panel from `unit` on; in squares of a vector's size: a transpose then
/// stays within few cache lines on both sides.
template <std::size_t Lanes, class First, class Body>
void for_each_weight(const GateShape& shape, IndexRange panels, std::size_t n, First&& first_of,
                     Body&& body) {
  for (std::size_t unit = panels.begin * Lanes; unit < std::min(shape.hidden, panels.end * Lanes);
       unit += Lanes)
    for (std::size_t g = 0; g < shape.gate_count(); ++g) {
      const std::size_t place = first_of(unit, g);
      for (std::size_t first = 0; first < n; first += Lanes)
        for (std::size_t u = 0; u < std::min(Lanes, shape.hidden - unit); ++u)
          for (std::size_t k = first; k < std::min(n, first + Lanes); ++k)
            body(place + u, g * shape.hidden + unit + u, k);
    }
}

/// Packs w [GH, N], G gates, into panels [P][N][GW] for pre-activations += x[N] * w^T, those in `panels`
/// only. `packed` holds product_row() * N elements.
template <class T, class Arch = DefaultArch>
void pack_gate_columns(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
  constexpr std::size_t lanes = width<T, Arch>;
  const std::size_t n = w.cols(), wide = shape.gate_count() * lanes, size = n * wide;
  if (panels.end * lanes > shape.hidden) std::fill_n(packed + (panels.end - 1) * size, size, T(0));
  const auto first_of = [&](std::size_t unit, std::size_t gate) {
    return unit / lanes * size + shape.place(gate) * lanes;
  };
  for_each_weight<lanes>(shape, panels, n, first_of, [&](std::size_t place, std::size_t row, std::size_t k) {
    packed[place + k * wide] = w(row, k);
  });
}

/// Packs w [GH, N] into gemm panels of a [product_row, N] matrix whose rows stand in the order of gate rows,
/// for dx[N] = dgates * w; the rows of `panels` only. `packed` holds packed_size(product_row, N) elements.
template <class T, class Arch = DefaultArch>
void pack_gate_rows(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
  constexpr std::size_t lanes = width<T, Arch>;
  const std::size_t depth = shape.product_row();
  const auto pack_row = [&](std::size_t unit, std::size_t gate, std::size_t k) {
    for (std::size_t first = 0; first < w.cols(); first += panel_columns<T, Arch>) {
      const std::size_t left = w.cols() - first, step = panel_width<T, Arch>(left),
                        used = unit < shape.hidden ? std::min(step, left) : 0;
      T* place = packed + first * depth + k * step;
      if (used > 0) std::copy_n(&w(gate * shape.hidden + unit, first), used, place);
      std::fill(place + used, place + step, T(0));
    }
  };
  for (std::size_t unit = panels.begin * lanes; unit < panels.end * lanes; unit += lanes)
    for (std::size_t gate = 0; gate < shape.gate_count(); ++gate) {
      const std::size_t k = shape.gate_column(gate, unit) - shape.first_column();
      for (std::size_t u = 0; u < lanes; ++u) pack_row(unit + u, gate, k + u);
    }
}

/// gradient [GH, N] += transpose of `packed`, N gate rows; the rows of `panels` only.
template <class T, class Arch = DefaultArch>
void unpack_gate_gradient(const GateShape& shape, const T* packed, MatrixView<T> gradient,
                          IndexRange panels) {
  const std::size_t step = shape.gate_row(), n = gradient.cols();
  const auto column = [&](std::size_t unit, std::size_t gate) { return shape.gate_column(gate, unit); };
  for_each_weight<width<T, Arch>>(shape, panels, n, column,
                                  [&](std::size_t place, std::size_t row, std::size_t k) {
                                    gradient(row, k) += packed[k * step + place];
                                  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
