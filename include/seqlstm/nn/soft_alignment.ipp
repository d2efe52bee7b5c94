// Definitions of soft_alignment.hpp.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/soft_alignment.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The weights of one pair's cells.
template <Scalar T> struct SoftAlignment {
  MatrixView<T> alpha,  ///< [rows, cols]
      beta;             ///< [cols, rows], transposed: each of its rows adds up to 1
  double weight = 0,    ///< the sum of w
      score = 0;

  /// The weight w of a cell.
  [[nodiscard]] double w(std::size_t i, std::size_t j) const {
    const double a = double{alpha(i, j)}, b = double{beta(j, i)};
    return std::fma(-a, b, a + b);
  }
};

template <Scalar T>
SoftAlignment<T> align_softly(ConstMatrixView<T> d, MatrixView<T> alpha, MatrixView<T> beta) {
  SoftAlignment<T> found{alpha, beta};
  if (d.size() == 0) return found;
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) alpha(i, j) = beta(j, i) = -d(i, j);
  Kernels<T>::softmax_rows(alpha, alpha);
  Kernels<T>::softmax_rows(beta, beta);
  double sum = 0;
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) {
      const double w = found.w(i, j);
      found.weight += w;
      sum = std::fma(w, double{d(i, j)}, sum);
    }
  found.score = -sum / found.weight;
  return found;
}

/// dd += ds times the derivative of the score by d. `by_alpha` and `by_beta`, of the shapes of alpha and
/// beta, and `back`, of the larger one, are room.
template <Scalar T>
void align_softly_backward(ConstMatrixView<T> d, const SoftAlignment<T>& soft, double ds, MatrixView<T> dd,
                           MatrixView<T> by_alpha, MatrixView<T> by_beta, T* back) {
  const double share = -ds / soft.weight;
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) {
      const double a = double{soft.alpha(i, j)}, b = double{soft.beta(j, i)};
      const double by_w = share * (double{d(i, j)} + soft.score);
      by_alpha(i, j) = static_cast<T>(by_w * (1 - b));
      by_beta(j, i) = static_cast<T>(by_w * (1 - a));
      dd(i, j) += static_cast<T>(share * soft.w(i, j));
    }
  std::fill_n(back, d.size(), T(0));
  const MatrixView<T> rows(back, d.rows(), d.cols());
  Kernels<T>::softmax_backward_rows(soft.alpha, by_alpha, rows);  // by -d
  Kernels<T>::add_scaled(T(-1), rows, dd);
  std::fill_n(back, d.size(), T(0));
  const MatrixView<T> cols(back, d.cols(), d.rows());
  Kernels<T>::softmax_backward_rows(soft.beta, by_beta, cols);
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) dd(i, j) -= cols(j, i);
}

}  // namespace detail

template <Scalar T> Var<T> soft_symmetric_alignment(const PairScores<T>& distances) {
  const Var<T>& cells = distances.cells;
  Tape<T>& tape = cells.tape();
  const std::size_t count = distances.blocks.size(), work = cells.rows() * 32;
  const auto by_rows = [distances](std::size_t p, T* memory) {
    const PairBlock& block = distances.blocks[p];
    return MatrixView<T>(memory + block.first, block.rows, block.cols);
  };
  const auto by_cols = [distances](std::size_t p, T* memory) {
    const PairBlock& block = distances.blocks[p];
    return MatrixView<T>(memory + block.first, block.cols, block.rows);
  };
  T* alpha = tape.arena().template allocate<T>(cells.rows());
  T* beta = tape.arena().template allocate<T>(cells.rows());
  auto* found = tape.arena().template allocate<detail::SoftAlignment<T>>(count);
  const Var<T> scores = tape.make(count, 1, cells.needs_gradient());
  detail::for_pairs(distances, work, [&](std::size_t p) {
    std::construct_at(found + p,
                      detail::align_softly<T>(distances.of(p), by_rows(p, alpha), by_cols(p, beta)));
    scores.node()->value(p, 0) = static_cast<T>(found[p].score);
  });
  tape.record(scores, [=, &tape](ConstMatrixView<T> d) {
    const MatrixView<T> gradient = tape.gradient(cells);
    T* by_alpha = tape.arena().template allocate<T>(cells.rows());
    T* by_beta = tape.arena().template allocate<T>(cells.rows());
    T* back = tape.arena().template allocate<T>(cells.rows());
    detail::for_pairs(distances, 2 * work, [&](std::size_t p) {
      if (distances.of(p).size() == 0) return;
      detail::align_softly_backward<T>(distances.of(p), found[p], double{d(p, 0)}, distances.of(gradient, p),
                                       by_rows(p, by_alpha), by_cols(p, by_beta),
                                       back + distances.blocks[p].first);
    });
  });
  return scores;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template Var<T> soft_symmetric_alignment(const PairScores<T>& distances);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
