// Matrix products C (+)= op(A) op(B) on row-major matrices, for the layers around the LSTM and its weight
// gradients.
//
//   for each block of rows of A
//     for each block of K (fixed size, so sums have one order whatever runs beside them)
//       for each panel of 4 vectors of columns of B, packed once so that row k of the panel is contiguous
//         for each tile of the rows: accumulate in registers, then add to C
//
// K is cut into blocks of `gemm_depth` and the blocks are summed in order: results do not depend on M, on the
// number of threads or on the rows computed together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/kernels/tile.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Terms summed in registers before they are added to C.
inline constexpr std::size_t gemm_depth = 256;
/// Rows that pass all panels before the next rows are begun: their block of A stays in L2 meanwhile.
inline constexpr std::size_t gemm_rows = 96;

/// Columns of a packed panel.
template <class T, class Arch> inline constexpr std::size_t panel_columns = 4 * width<T, Arch>;

/// Columns of the panel that begins where `left` columns are left: the last one has as many vectors as it
/// needs, zero behind the last column.
template <class T, class Arch = DefaultArch> std::size_t panel_width(std::size_t left) {
  return std::min(panel_columns<T, Arch>, ceil_div(left, width<T, Arch>) * width<T, Arch>);
}

/// Elements of a packed K x N matrix.
template <class T, class Arch = DefaultArch> std::size_t packed_size(std::size_t depth, std::size_t columns) {
  return ceil_div(columns, width<T, Arch>) * width<T, Arch> * depth;
}

/// Packs element (k, n) = b[k * row_step + n * column_step] into panels [K][panel_width], one behind the
/// other. row_step = ld, column_step = 1 packs a matrix, (1, ld) its transpose.
template <class T, class Arch = DefaultArch>
void pack_panels(const T* b, std::size_t row_step, std::size_t column_step, std::size_t depth,
                 std::size_t columns, T* packed) {
  for (std::size_t first = 0; first < columns; first += panel_columns<T, Arch>) {
    const std::size_t step = panel_width<T, Arch>(columns - first), used = std::min(step, columns - first);
    for (std::size_t k = 0; k < depth; ++k, packed += step) {
      const T* source = b + k * row_step + first * column_step;
      for (std::size_t n = 0; n < used; ++n) packed[n] = source[n * column_step];
      std::fill(packed + used, packed + step, T(0));
    }
  }
}

namespace detail {

/// Rows of a tile of so many vectors: narrow ones are taller, or each row's broadcasts would outweigh its
/// sums.
template <class Arch, std::size_t Columns>
inline constexpr std::size_t tile_height = std::min(2 * tile_rows<Arch>, 4 * tile_rows<Arch> / Columns);

/// C tile (+)= A rows times one panel; `columns` of the panel are stored.
template <class T, class Arch, std::size_t Rows, std::size_t Columns>
[[gnu::flatten]] void gemm_tile(const T* a, std::size_t row_step, std::size_t depth_step, const T* panel,
                                std::size_t panel_step, std::size_t depth, T* c, std::size_t ldc,
                                std::size_t columns, bool accumulate, const T* ahead) {
  using V = Vec<T, Arch>;
  std::array<const T*, Rows> rows;
  unrolled<Rows>([&](auto i) { rows[i] = a + i * row_step; });
  Tile<V, Rows, Columns> tile;
  tile.clear();
  tile.multiply(rows, depth_step, 0, depth, panel, panel_step, ahead);
  unrolled<Rows>([&](auto i) {
    unrolled<Columns>([&](auto j) {
      constexpr std::size_t first = j * V::size;
      if (first >= columns) return;
      T* place = c + i * ldc + first;
      const std::size_t used = columns - first;
      const V old = accumulate ? load_partial<V>(place, used) : V(T(0));
      store_partial(place, old + tile.sum[i][j], used);
    });
  });
}

/// All row tiles of one panel, Columns vectors wide; meanwhile the panel at `next` is fetched.
template <class T, class Arch, std::size_t Columns>
void gemm_panel(const T* a, std::size_t row_step, std::size_t depth_step, std::size_t m, const T* panel,
                std::size_t panel_step, std::size_t depth, T* c, std::size_t ldc, std::size_t columns,
                bool accumulate, const T* next) {
  std::size_t i = 0, number = 0;
  while (i < m) {
    const T* ahead = share_ahead(panel, next, depth, panel_step, number++);
    with_height<tile_height<Arch, Columns>>(m - i, [&](auto height) {
      gemm_tile<T, Arch, height, Columns>(a + i * row_step, row_step, depth_step, panel, panel_step, depth,
                                          c + i * ldc, ldc, columns, accumulate, ahead);
      i += height;
    });
  }
}

}  // namespace detail

/// C[M, N] = (accumulate ? C : 0) + A[M, K] * B, B packed by pack_panels. A(m, k) = a[m * row_step + k *
/// depth_step], so A or its transpose is read in place. K = 0 leaves C or clears it.
template <class T, class Arch = DefaultArch>
void gemm_panels(const T* a, std::size_t row_step, std::size_t depth_step, std::size_t m, std::size_t depth,
                 const T* panels, std::size_t columns, T* c, std::size_t ldc, bool accumulate) {
  constexpr std::size_t wide = panel_columns<T, Arch>;
  constexpr std::size_t lanes = width<T, Arch>;
  const std::size_t widest = panel_width<T, Arch>(columns);
  for (std::size_t row = 0; row < m; row += gemm_rows) {
    const std::size_t rows = std::min(gemm_rows, m - row);
    std::size_t k = 0;
    do {
      const std::size_t block = std::min(gemm_depth, depth - k);
      const bool add = accumulate || k > 0;
      const std::size_t k_next = k + block < depth ? k + block : 0;
      for (std::size_t first = 0; first < columns; first += wide) {
        const std::size_t step = panel_width<T, Arch>(columns - first);
        const T* panel = panels + first * depth + k * step;
        const T* next = first + wide < columns ? panel + wide * depth : panels + k_next * widest;
        with_vectors(step / lanes, [&](auto vectors) {
          detail::gemm_panel<T, Arch, vectors>(a + row * row_step + k * depth_step, row_step, depth_step,
                                               rows, panel, step, block, c + row * ldc + first, ldc,
                                               std::min(step, columns - first), add, next);
        });
      }
      k += block;
    } while (k < depth);
  }
}

/// Products with a weight matrix W [outputs, inputs], factors as they are.
template <class T, class Arch = DefaultArch> struct VectorProducts {
  using Stored = T;  ///< packed weights, not rounded
  /// Rows that are best computed together.
  static std::size_t grain() { return tile_rows<Arch>; }
  /// What packed weights depend on besides the weights: nothing.
  static std::uint64_t order() { return 0; }

  /// Numbers of a packed factor [depth, columns]: of W^T [inputs, outputs] for x W^T, of W for x W.
  static std::size_t factor_size(std::size_t depth, std::size_t columns) {
    return packed_size<T, Arch>(depth, columns);
  }
  /// For x W^T (forward) or x W.
  static void pack_factor(ConstMatrixView<T> w, bool forward, T* packed) {
    const std::size_t ld = w.stride();
    if (forward) return pack_panels<T, Arch>(w.data(), 1, ld, w.cols(), w.rows(), packed);
    pack_panels<T, Arch>(w.data(), ld, 1, w.rows(), w.cols(), packed);
  }
  /// y (+)= x times a factor of pack_factor().
  static void multiply(ConstMatrixView<T> x, const T* packed, MatrixView<T> y, bool accumulate) {
    gemm_panels<T, Arch>(x.data(), x.stride(), 1, x.rows(), x.cols(), packed, y.cols(), y.data(), y.stride(),
                         accumulate);
  }

  /// Numbers of scratch memory that add_outer() needs.
  static std::size_t outer_room(std::size_t /*outputs*/) { return gemm_depth * panel_columns<T, Arch>; }
  /// dw [outputs, inputs] += dy^T x for the outputs in `outputs`: rows in blocks of gemm_depth, summed in
  /// order. x is copied panel by panel, because the kernel reads whole vectors.
  static void add_outer(ConstMatrixView<T> dy, ConstMatrixView<T> x, IndexRange outputs, MatrixView<T> dw,
                        T* scratch) {
    constexpr std::size_t wide = panel_columns<T, Arch>;
    for (std::size_t first = 0; first < x.rows(); first += gemm_depth) {
      const std::size_t depth = std::min(gemm_depth, x.rows() - first);
      for (std::size_t column = 0; column < x.cols(); column += wide) {
        const std::size_t used = std::min(wide, x.cols() - column);
        pack_panels<T, Arch>(x.row_data(first) + column, x.stride(), 1, depth, used, scratch);
        gemm_panels<T, Arch>(dy.row_data(first) + outputs.begin, 1, dy.stride(), outputs.end - outputs.begin,
                             depth, scratch, used, dw.row_data(outputs.begin) + column, dw.stride(), true);
      }
    }
  }
};

/// How an operand is read.
enum class Op {
  none,      ///< as stored
  transpose  ///< rows as columns
};

/// C[M, N] = (accumulate ? C : 0) + op(A) * op(B). `scratch` holds packed_size(K, N) elements. NN, NT and TN
/// are the products of a dense layer: output, input gradient and weight gradient. Allocates nothing, runs on
/// one thread.
template <class T, class Arch = DefaultArch>
void gemm(Op op_a, Op op_b, ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c, bool accumulate,
          T* scratch) {
  const std::size_t depth = op_a == Op::none ? a.cols() : a.rows();
  const auto [a_row, a_depth] =
      op_a == Op::none ? std::pair{a.stride(), std::size_t{1}} : std::pair{std::size_t{1}, a.stride()};
  const auto [b_depth, b_col] =
      op_b == Op::none ? std::pair{b.stride(), std::size_t{1}} : std::pair{std::size_t{1}, b.stride()};
  pack_panels<T, Arch>(b.data(), b_depth, b_col, depth, c.cols(), scratch);
  gemm_panels<T, Arch>(a.data(), a_row, a_depth, c.rows(), depth, scratch, c.cols(), c.data(), c.stride(),
                       accumulate);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
