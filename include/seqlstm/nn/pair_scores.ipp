// Definitions of pair_scores.hpp.
#pragma once

#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/pair_scores.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline void check_pairs(const char* who, std::span<const SequencePair> pairs, const PackedLayout& rows,
                        const PackedLayout& cols) {
  const auto check = [&](std::size_t p, std::size_t index, const PackedLayout& layout) {
    if (index >= layout.sequences())
      throw option_error(std::string(who) + ": pair " + std::to_string(p) + " names sequence " +
                         std::to_string(index) + " of a batch of " + std::to_string(layout.sequences()));
  };
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    check(p, pairs[p].a, rows);
    check(p, pairs[p].b, cols);
  }
}

/// An uninitialised cell for each two positions of each pair.
template <Scalar T>
PairScores<T> make_pair_scores(const char* who, const SeqVar<T>& x, const SeqVar<T>& y,
                               std::span<const SequencePair> pairs) {
  if (x.cols() != y.cols())
    throw shape_error(std::string(who) + ": states of " + std::to_string(x.cols()) + " and " +
                      std::to_string(y.cols()) + " columns, expected the same width");
  const PackedLayout &rows = *x.layout(), &cols = *y.layout();
  check_pairs(who, pairs, rows, cols);
  auto* blocks = x.tape().arena().template allocate<PairBlock>(pairs.size());
  std::size_t first = 0, first_row = 0;
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::size_t n = rows.length(rows.rank(pairs[p].a)), m = cols.length(cols.rank(pairs[p].b));
    std::construct_at(blocks + p, PairBlock{pairs[p], n, m, first, first_row});
    first += n * m;
    first_row += n;
  }
  const Var<T> cells = x.tape().make(first, 1, x.needs_gradient() || y.needs_gradient());
  return {cells, {blocks, pairs.size()}, &rows, &cols};
}

/// Room for the states of all pairs, pair after pair, one sequence's rows without gaps.
template <Scalar T> class PairStates {
 public:
  PairStates(Arena& arena, const PairScores<T>& scores, std::size_t width)
      : a_(arena.template matrix<T>(scores.rows(), width)),
        b_(arena.template matrix<T>(cols_of(scores), width)),
        first_(arena.template allocate<std::size_t>(scores.blocks.size())),
        blocks_(scores.blocks) {
    std::size_t first = 0;
    for (std::size_t p = 0; p < blocks_.size(); ++p) {
      first_[p] = first;
      first += blocks_[p].cols;
    }
  }
  [[nodiscard]] MatrixView<T> a(std::size_t p) const {
    return a_.row_range(blocks_[p].first_row, blocks_[p].rows);
  }
  [[nodiscard]] MatrixView<T> b(std::size_t p) const { return b_.row_range(first_[p], blocks_[p].cols); }

 private:
  static std::size_t cols_of(const PairScores<T>& scores) {
    std::size_t sum = 0;
    for (const PairBlock& block : scores.blocks) sum += block.cols;
    return sum;
  }

  MatrixView<T> a_, b_;
  std::size_t* first_ = nullptr;
  std::span<const PairBlock> blocks_;
};

/// Calls body(packed row, position) for the positions of sequence `index`.
template <class Body> void for_positions(const PackedLayout& layout, std::size_t index, Body&& body) {
  const std::size_t r = layout.rank(index);
  for (std::size_t t = 0; t < layout.length(r); ++t) body(layout.offset(t) + r, t);
}

template <Scalar T>
PairStates<T> gather_pairs(const SeqVar<T>& x, const SeqVar<T>& y, const PairScores<T>& scores) {
  const PairStates<T> states(x.tape().arena(), scores, x.cols());
  const auto copy = [&](const SeqVar<T>& from, std::size_t index, MatrixView<T> to) {
    for_positions(*from.layout(), index, [&](std::size_t row, std::size_t t) {
      std::copy_n(from.value().row_data(row), to.cols(), to.row_data(t));
    });
  };
  for_pairs(scores, (scores.rows() + y.rows()) * x.cols(), [&](std::size_t p) {
    copy(x, scores.blocks[p].pair.a, states.a(p));
    copy(y, scores.blocks[p].pair.b, states.b(p));
  });
  return states;
}

/// Adds the pairs' gradients to those of x and y: pair by pair, because a sequence may be in several.
template <Scalar T>
void scatter_pairs(const PairStates<T>& gradients, const PairScores<T>& scores, const SeqVar<T>& x,
                   const SeqVar<T>& y) {
  const auto add = [](const SeqVar<T>& to, std::size_t index, ConstMatrixView<T> from) {
    if (!to.needs_gradient()) return;
    const MatrixView<T> sum = to.tape().gradient(to);
    for_positions(*to.layout(), index, [&](std::size_t row, std::size_t t) {
      for (std::size_t c = 0; c < from.cols(); ++c) sum(row, c) += from(t, c);
    });
  };
  for (std::size_t p = 0; p < scores.blocks.size(); ++p) {
    if (scores.of(p).size() == 0) continue;  // nothing was computed
    add(x, scores.blocks[p].pair.a, gradients.a(p));
    add(y, scores.blocks[p].pair.b, gradients.b(p));
  }
}

/// Products of states; a room holds packed factors.
template <Scalar T> struct PairProducts {
  using P = Kernels<T>;

  static std::size_t forward_room(std::size_t cols, std::size_t width) { return P::factor_size(width, cols); }
  static std::size_t backward_room(std::size_t cols, std::size_t width) {
    return std::max(P::factor_size(cols, width), P::outer_room(cols));
  }
  static void forward(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> s, T* room) {
    P::pack_factor(b, true, room);
    P::multiply(a, room, s, false);
  }
  static void backward(ConstMatrixView<T> a, ConstMatrixView<T> b, ConstMatrixView<T> ds, MatrixView<T> da,
                       MatrixView<T> db, T* room) {
    P::pack_factor(b, false, room);
    P::multiply(ds, room, da, false);
    for (std::size_t j = 0; j < db.rows(); ++j) std::fill_n(db.row_data(j), db.cols(), T(0));
    P::add_outer(ds, a, {0, db.rows()}, db, room);
  }
};

/// Sums of absolute differences; a room holds b's transpose, so that cells of a row are summed side by side.
template <Scalar T> struct PairDistances {
  static std::size_t forward_room(std::size_t cols, std::size_t width) { return cols * width; }
  static std::size_t backward_room(std::size_t /*cols*/, std::size_t /*width*/) { return 0; }
  static void forward(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> s, T* room) {
    const MatrixView<T> across(room, b.cols(), b.rows());
    for (std::size_t j = 0; j < b.rows(); ++j)
      for (std::size_t c = 0; c < b.cols(); ++c) across(c, j) = b(j, c);
    for (std::size_t i = 0; i < a.rows(); ++i) {
      T* sum = s.row_data(i);
      std::fill_n(sum, s.cols(), T(0));
      for (std::size_t c = 0; c < a.cols(); ++c) {
        const T x = a(i, c);
        const T* y = across.row_data(c);
        for (std::size_t j = 0; j < s.cols(); ++j) sum[j] += std::abs(x - y[j]);
      }
    }
  }
  static void backward(ConstMatrixView<T> a, ConstMatrixView<T> b, ConstMatrixView<T> ds, MatrixView<T> da,
                       MatrixView<T> db, T* /*room*/) {
    for (const MatrixView<T>& d : {da, db})
      for (std::size_t r = 0; r < d.rows(); ++r) std::fill_n(d.row_data(r), d.cols(), T(0));
    for (std::size_t i = 0; i < a.rows(); ++i) {
      const T* x = a.row_data(i);
      T* dx = da.row_data(i);
      for (std::size_t j = 0; j < b.rows(); ++j) {
        const T *y = b.row_data(j), d = ds(i, j);
        T* dy = db.row_data(j);
        for (std::size_t c = 0; c < a.cols(); ++c) {
          const T part = x[c] > y[c] ? d : x[c] < y[c] ? -d : T(0);
          dx[c] += part;
          dy[c] -= part;
        }
      }
    }
  }
};

/// Calls body(p, room) for every pair, where threads are worth `operations` on several: each has a room of
/// its own, as large as room_of(columns of a pair) is at most.
template <Scalar T, class RoomOf, class Body>
void for_pairs_with_room(Arena& arena, const PairScores<T>& scores, std::size_t operations, RoomOf&& room_of,
                         Body&& body) {
  constexpr std::size_t line = 64 / sizeof(T);  // rooms begin at lines of the cache
  const std::size_t count = scores.blocks.size(), parts = std::min(parts_for(operations), count);
  std::size_t size = 0;
  for (const PairBlock& block : scores.blocks) size = std::max(size, room_of(block.cols));
  size = (size + line - 1) / line * line;
  T* rooms = arena.template allocate<T>(parts * size);
  parallel_for(parts, [&](std::size_t part) {
    const IndexRange own = part_of(count, parts, part);
    for (std::size_t p = own.begin; p < own.end; ++p) body(p, rooms + part * size);
  });
}

/// The scores that Kind makes of the states of each pair.
template <template <Scalar> class Kind, Scalar T>
PairScores<T> score_pairs(const char* who, const SeqVar<T>& x, const SeqVar<T>& y,
                          std::span<const SequencePair> pairs) {
  const PairScores<T> scores = make_pair_scores(who, x, y, pairs);
  const PairStates<T> states = gather_pairs(x, y, scores);
  const std::size_t width = x.cols(), work = product_operations(scores.cells.rows() * width);
  for_pairs_with_room(
      x.tape().arena(), scores, work, [&](std::size_t cols) { return Kind<T>::forward_room(cols, width); },
      [&](std::size_t p, T* room) {
        const MatrixView<T> s = scores.of(scores.cells.node()->value, p);
        if (s.size() > 0) Kind<T>::forward(states.a(p), states.b(p), s, room);
      });
  x.tape().record(scores.cells, [x, y, scores, states, width, work](ConstMatrixView<T> d) {
    Arena& arena = x.tape().arena();
    const PairStates<T> gradients(arena, scores, width);
    for_pairs_with_room(
        arena, scores, 2 * work, [&](std::size_t cols) { return Kind<T>::backward_room(cols, width); },
        [&](std::size_t p, T* room) {
          const ConstMatrixView<T> ds = scores.of(d, p);
          if (ds.size() > 0)
            Kind<T>::backward(states.a(p), states.b(p), ds, gradients.a(p), gradients.b(p), room);
        });
    scatter_pairs(gradients, scores, x, y);
  });
  return scores;
}

}  // namespace detail

template <Scalar T>
PairScores<T> pair_products(const SeqVar<T>& x, const SeqVar<T>& y, std::span<const SequencePair> pairs) {
  return detail::score_pairs<detail::PairProducts>("pair_products", x, y, pairs);
}

template <Scalar T>
PairScores<T> pair_distances(const SeqVar<T>& x, const SeqVar<T>& y, std::span<const SequencePair> pairs) {
  return detail::score_pairs<detail::PairDistances>("pair_distances", x, y, pairs);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                    \
  template PairScores<T> pair_products(const SeqVar<T>& x, const SeqVar<T>& y,  \
                                       std::span<const SequencePair> pairs);    \
  template PairScores<T> pair_distances(const SeqVar<T>& x, const SeqVar<T>& y, \
                                        std::span<const SequencePair> pairs);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
