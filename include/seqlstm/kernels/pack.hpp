// The order in which LSTM weights are stored for the kernels: gates interleaved vector by vector.
//
// A panel holds W hidden units (one vector) with their four gates side by side: for each row k of the
// product, the 4W numbers i[W] f[W] g[W] o[W]. One pass over a panel leaves all four gates of W units in
// registers, so the gate functions are applied there. Units behind H are
// zero and stay zero.
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

/// Calls body(packed column, row, k) for every element of the panels' rows of a [4H, n] matrix, in squares of
/// a vector's size: a transpose then stays within few cache lines on both sides.
template <std::size_t Lanes, class Body>
void for_each_weight(const GateShape& shape, IndexRange panels, std::size_t n, Body&& body) {
  for (std::size_t unit = panels.begin * Lanes; unit < std::min(shape.hidden, panels.end * Lanes);
       unit += Lanes)
    for (std::size_t g = 0; g < 4; ++g)
      for (std::size_t first = 0; first < n; first += Lanes)
        for (std::size_t u = 0; u < std::min(Lanes, shape.hidden - unit); ++u)
          for (std::size_t k = first; k < std::min(n, first + Lanes); ++k)
            body(unit * 4 + g * Lanes + u, g * shape.hidden + unit + u, k);
}

/// Packs w [4H, N] into panels [P][N][4W] for pre-activations += x[N] * w^T, those in `panels` only. `packed`
/// holds gate_row() * N elements.
template <class T, class Arch = DefaultArch>
void pack_gate_columns(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
  constexpr std::size_t lanes = width<T, Arch>, wide = 4 * lanes;
  const std::size_t n = w.cols(), size = n * wide;
  if (panels.end * lanes > shape.hidden) std::fill_n(packed + (panels.end - 1) * size, size, T(0));
  for_each_weight<lanes>(shape, panels, n, [&](std::size_t column, std::size_t row, std::size_t k) {
    packed[(column / wide * n + k) * wide + column % wide] = w(row, k);
  });
}

/// Packs w [4H, N] into gemm panels of a [gate_row, N] matrix, for dx[N] = dgates * w; the rows of `panels`
/// only. `packed` holds packed_size(gate_row, N) elements.
template <class T, class Arch = DefaultArch>
void pack_gate_rows(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
  constexpr std::size_t lanes = width<T, Arch>, wide = 4 * lanes;
  const std::size_t depth = shape.gate_row();
  for (std::size_t k = panels.begin * wide; k < panels.end * wide; ++k) {
    const std::size_t gate = k % wide / lanes, unit = k / wide * lanes + k % lanes;
    for (std::size_t first = 0; first < w.cols(); first += panel_columns<T, Arch>) {
      const std::size_t left = w.cols() - first, step = panel_width<T, Arch>(left),
                        used = unit < shape.hidden ? std::min(step, left) : 0;
      T* place = packed + first * depth + k * step;
      if (used > 0) std::copy_n(&w(gate * shape.hidden + unit, first), used, place);
      std::fill(place + used, place + step, T(0));
    }
  }
}

/// gradient [4H, N] += transpose of `packed`, N gate rows; the rows of `panels` only.
template <class T, class Arch = DefaultArch>
void unpack_gate_gradient(const GateShape& shape, const T* packed, MatrixView<T> gradient,
                          IndexRange panels) {
  const std::size_t step = shape.gate_row(), n = gradient.cols();
  for_each_weight<width<T, Arch>>(shape, panels, n, [&](std::size_t column, std::size_t row, std::size_t k) {
    gradient(row, k) += packed[k * step + column];
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
