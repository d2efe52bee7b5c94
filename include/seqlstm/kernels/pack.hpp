// The order in which LSTM weights are stored for the kernels: gates interleaved vector by vector.
//
// A panel holds W hidden units (one vector) with their four gates side by side: for each row k of the
// product, the 4W numbers i[W] f[W] g[W] o[W]. One pass over a panel leaves all four gates of W units in
// registers, so the gate functions are applied there. Units behind H are
// zero and stay zero.
#pragma once

#include <cstddef>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Sizes of one LSTM direction as the kernels store it, `Lanes` units to a panel.
template <std::size_t Lanes> struct GateShape {
  static constexpr std::size_t lanes = Lanes;
  static constexpr std::size_t wide = 4 * lanes;  ///< one unit panel's share of a gate row

  std::size_t input = 0;   ///< I, 0 when tokens are looked up instead of multiplied
  std::size_t hidden = 0;  ///< H

  [[nodiscard]] std::size_t panels() const { return ceil_div(hidden, lanes); }
  [[nodiscard]] std::size_t padded_hidden() const { return panels() * lanes; }
  /// Numbers in a row of interleaved gates.
  [[nodiscard]] std::size_t gate_row() const { return panels() * wide; }

  /// Calls body(packed column, row of the [4H, .] matrix) for every gate of every unit; gates i, f, g, o.
  template <class Body> void for_each_gate(Body&& body) const {
    for (std::size_t u = 0; u < hidden; ++u)
      for (std::size_t g = 0; g < 4; ++g) body(u / lanes * wide + g * lanes + u % lanes, g * hidden + u);
  }
  /// Calls body(packed column, row, k) for every element of the panels' rows of a [4H, n] matrix, in squares
  /// of a vector's size: a transpose then stays within few cache lines on both sides.
  template <class Body> void for_each_weight(Range panels, std::size_t n, Body&& body) const {
    for (std::size_t unit = panels.begin * lanes; unit < std::min(hidden, panels.end * lanes); unit += lanes)
      for (std::size_t g = 0; g < 4; ++g)
        for (std::size_t first = 0; first < n; first += lanes)
          for (std::size_t u = 0; u < std::min(lanes, hidden - unit); ++u)
            for (std::size_t k = first; k < std::min(n, first + lanes); ++k)
              body(unit * 4 + g * lanes + u, g * hidden + unit + u, k);
  }
};

/// Panels of one vector.
template <class T, class Arch = DefaultArch> using LstmShape = GateShape<width<T, Arch>>;

/// Packs w [4H, N] into panels [P][N][4W] for pre-activations += x[N] * w^T, those in `panels` only. `packed`
/// holds gate_row() * N elements.
template <class T, class Arch = DefaultArch>
void pack_gate_columns(const LstmShape<T, Arch>& shape, ConstMatrixView<T> w, T* packed, Range panels) {
  const std::size_t n = w.cols(), size = n * shape.wide;
  if (panels.end * shape.lanes > shape.hidden) std::fill_n(packed + (panels.end - 1) * size, size, T(0));
  shape.for_each_weight(panels, n, [&](std::size_t column, std::size_t row, std::size_t k) {
    packed[(column / shape.wide * n + k) * shape.wide + column % shape.wide] = w(row, k);
  });
}

/// Packs w [4H, N] into gemm panels of a [gate_row, N] matrix, for dx[N] = dgates * w; the rows of `panels`
/// only. `packed` holds packed_size(gate_row, N) elements.
template <class T, class Arch = DefaultArch>
void pack_gate_rows(const LstmShape<T, Arch>& shape, ConstMatrixView<T> w, T* packed, Range panels) {
  const std::size_t depth = shape.gate_row();
  for (std::size_t k = panels.begin * shape.wide; k < panels.end * shape.wide; ++k) {
    const std::size_t gate = k % shape.wide / shape.lanes,
                      unit = k / shape.wide * shape.lanes + k % shape.lanes;
    for (std::size_t first = 0; first < w.cols(); first += panel_columns<T, Arch>) {
      const std::size_t left = w.cols() - first, step = panel_width<T, Arch>(left),
                        used = unit < shape.hidden ? std::min(step, left) : 0;
      T* place = packed + first * depth + k * step;
      if (used > 0) std::copy_n(&w(gate * shape.hidden + unit, first), used, place);
      std::fill(place + used, place + step, T(0));
    }
  }
}

/// Packs the sum of two bias vectors [4H] into one gate row.
template <class T, std::size_t Lanes>
void pack_bias(const GateShape<Lanes>& shape, const T* bias_ih, const T* bias_hh, T* packed) {
  std::fill_n(packed, shape.gate_row(), T(0));
  shape.for_each_gate(
      [&](std::size_t column, std::size_t row) { packed[column] = bias_ih[row] + bias_hh[row]; });
}

/// gradient [4H, N] += transpose of `packed`, N gate rows; the rows of `panels` only.
template <class T, std::size_t Lanes>
void unpack_gate_gradient(const GateShape<Lanes>& shape, const T* packed, MatrixView<T> gradient,
                          Range panels) {
  const std::size_t step = shape.gate_row();
  shape.for_each_weight(panels, gradient.cols(), [&](std::size_t column, std::size_t row, std::size_t k) {
    gradient(row, k) += packed[k * step + column];
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
