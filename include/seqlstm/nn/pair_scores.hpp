// Every position of one sequence against every position of another: the matrices that alignments are read
// from. Sequences of one batch, or of two, are compared pair by pair.
//
//     const std::vector<SequencePair> pairs = {{0, 1}, {0, 2}};
//     auto scores = pair_products<float>(x, x, pairs);              // x: states of a batch
//     auto similar = soft_symmetric_alignment(pair_distances<float>(x, x, pairs));
#pragma once

#include <algorithm>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// Two sequences that are compared, by their places in the caller's order.
struct SequencePair {
  std::size_t a,  ///< of the first batch: the rows of the matrix
      b;          ///< of the second one: its columns
};

/// Where a pair's matrix is stored, row after row.
struct PairBlock {
  SequencePair pair = {};  ///< the two sequences
  std::size_t rows = 0,    ///< positions of sequence a
      cols = 0,            ///< positions of sequence b
      first = 0,           ///< the first of its cells among those of all pairs
      first_row = 0;       ///< the first of its rows among those of all pairs
};

/// A number for each two positions of each pair. Lives until the tape's next reset().
template <Scalar T> struct PairScores {
  Var<T> cells;                       ///< [cells of all pairs, 1]
  std::span<const PairBlock> blocks;  ///< [pairs], in the tape's arena
  const PackedLayout* rows_layout;    ///< of the first batch
  const PackedLayout* cols_layout;    ///< of the second one

  /// The matrix of pair p, [rows, cols].
  [[nodiscard]] ConstMatrixView<T> of(std::size_t p) const { return of(cells.value(), p); }
  /// The part of pair p in a matrix of the cells' shape, such as their gradient.
  template <class U> [[nodiscard]] MatrixView<U> of(const MatrixView<U>& all, std::size_t p) const {
    return {all.data() + blocks[p].first, blocks[p].rows, blocks[p].cols};
  }
  /// Rows of all pairs together.
  [[nodiscard]] std::size_t rows() const {
    return blocks.empty() ? 0 : blocks.back().first_row + blocks.back().rows;
  }
  /// Packed row, in the first batch, of position t of pair p's sequence a.
  [[nodiscard]] std::size_t token(std::size_t p, std::size_t t) const {
    return rows_layout->offset(t) + rows_layout->rank(blocks[p].pair.a);
  }
};

namespace detail {

/// Calls body(p) for every pair, on threads that the work is worth.
template <Scalar T, class Body>
void for_pairs(const PairScores<T>& scores, std::size_t operations, Body&& body) {
  const std::size_t count = scores.blocks.size();
  for_parts(count, 1, operations, [&](IndexRange own) {
    for (std::size_t p = own.begin; p < own.end; ++p) body(p);
  });
}

}  // namespace detail

/// S(i, j) = x_i . y_j, the product of the states of position i of sequence a and position j of sequence b,
/// for x [tokens, D] and y [tokens, D], which may be one value. A sequence may be in several pairs.
///
/// Memory of the tape: the cells, a copy of the pairs' states, and for each thread a packed copy of the
/// largest sequence b; in the backward pass the same once more. Throws shape_error where x and y differ in
/// width, option_error for a sequence that is not in the batch.
template <Scalar T>
PairScores<T> pair_products(const SeqVar<T>& x, const SeqVar<T>& y, std::span<const SequencePair> pairs);

/// The same with S(i, j) = |x_i - y_j|_1, the sum of the absolute differences: a distance, 0 for equal
/// states. At a difference of 0 the derivative is taken as 0. Errors as there, and memory but for the packed
/// copy in the backward pass.
template <Scalar T>
PairScores<T> pair_distances(const SeqVar<T>& x, const SeqVar<T>& y, std::span<const SequencePair> pairs);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/pair_scores.ipp>
#endif
