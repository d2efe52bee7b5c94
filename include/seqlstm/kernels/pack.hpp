// The order in which LSTM weights are stored for the kernels: gates interleaved vector by vector.
//
// A panel holds W hidden units (one vector) with their four gates side by side: for each row k of the
// product, the 4W numbers i[W] f[W] g[W] o[W]. One pass over a panel leaves all four gates of W units in
// registers, so the gate functions are applied there and pre-activations are never stored. Units behind H are
// zero and stay zero.
#pragma once

#include <cstddef>
#include <seqlstm/kernels/gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Sizes of one LSTM direction as the kernels store it.
template <class T, class Arch = DefaultArch> struct LstmShape {
  static constexpr std::size_t lanes = width<T, Arch>;
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
};

/// Packs w [4H, N] into panels [P][N][4W] for pre-activations += x[N] * w^T. `packed` holds gate_row() * N
/// elements.
template <class T, class Arch = DefaultArch>
void pack_gate_columns(const LstmShape<T, Arch>& shape, ConstMatrixView<T> w, T* packed) {
  const std::size_t n = w.cols();
  std::fill_n(packed, shape.gate_row() * n, T(0));
  shape.for_each_gate([&](std::size_t column, std::size_t row) {
    T* place = packed + column / shape.wide * n * shape.wide + column % shape.wide;
    for (std::size_t k = 0; k < n; ++k) place[k * shape.wide] = w(row, k);
  });
}

/// Packs w [4H, N] into gemm panels of a [gate_row, N] matrix, for dx[N] = dgates * w. `packed` holds
/// packed_size(gate_row, N) elements.
template <class T, class Arch = DefaultArch>
void pack_gate_rows(const LstmShape<T, Arch>& shape, ConstMatrixView<T> w, T* packed) {
  constexpr std::size_t wide = panel_columns<T, Arch>;
  const std::size_t depth = shape.gate_row();
  std::fill_n(packed, packed_size<T, Arch>(depth, w.cols()), T(0));
  shape.for_each_gate([&](std::size_t k, std::size_t row) {
    for (std::size_t first = 0; first < w.cols(); first += wide) {
      const std::size_t used = std::min(wide, w.cols() - first);
      std::copy_n(&w(row, first), used, packed + first * depth + k * wide);
    }
  });
}

/// Packs the sum of two bias vectors [4H] into one gate row.
template <class T, class Arch = DefaultArch>
void pack_bias(const LstmShape<T, Arch>& shape, const T* bias_ih, const T* bias_hh, T* packed) {
  std::fill_n(packed, shape.gate_row(), T(0));
  shape.for_each_gate(
      [&](std::size_t column, std::size_t row) { packed[column] = bias_ih[row] + bias_hh[row]; });
}

/// gradient [4H, N] += transpose of `packed`, N gate rows.
template <class T, class Arch = DefaultArch>
void unpack_gate_gradient(const LstmShape<T, Arch>& shape, const T* packed, MatrixView<T> gradient) {
  const std::size_t step = shape.gate_row();
  shape.for_each_gate([&](std::size_t column, std::size_t row) {
    for (std::size_t k = 0; k < gradient.cols(); ++k) gradient(row, k) += packed[k * step + column];
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
