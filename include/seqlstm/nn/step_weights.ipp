// Definitions of step_weights.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/same_tokens.hpp>
#include <seqlstm/nn/step_weights.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Calls body(part, sequences) on `parts` threads; each has consecutive packed rows with about as many
/// tokens.
template <class Body> void for_parts_of_batch(const PackedLayout& layout, std::size_t parts, Body&& body) {
  parallel_for(parts,
               [&](std::size_t part) { body(part, kernels::rows_of_part(layout.view(), parts, part)); });
}

/// Calls body(first token, count) for each step: the tokens of the sequences in `own` that run so far, whose
/// packed rows follow one another.
template <class Body> void for_steps_of(const PackedLayout& layout, IndexRange own, Body&& body) {
  for (std::size_t t = 0; t < layout.steps() && layout.active(t) > own.begin; ++t)
    body(layout.offset(t) + own.begin, std::min(layout.active(t), own.end) - own.begin);
}

/// Calls body(token, step) for the tokens of packed row r.
template <class Body> void for_tokens_of(const PackedLayout& layout, std::size_t r, Body&& body) {
  for (std::size_t t = 0; t < layout.length(r); ++t) body(layout.offset(t) + r, t);
}

/// A thread's room for the columns of one sequence, as rows that run over its tokens.
template <Scalar T, std::size_t Count> class SequenceColumns {
 public:
  SequenceColumns(T* room, const PackedLayout& layout, std::size_t cols)
      : room_(room), layout_(&layout), cols_(cols) {}
  /// Numbers of room that one thread needs.
  static std::size_t room(const PackedLayout& layout, std::size_t cols) {
    return Count * cols * layout.steps();
  }
  /// Rows [cols, length] number k, for packed row r.
  [[nodiscard]] MatrixView<T> rows(std::size_t k, std::size_t r) const {
    return {room_ + k * cols_ * layout_->steps(), cols_, layout_->length(r)};
  }
  /// Those, read from a packed value.
  MatrixView<T> read(std::size_t k, std::size_t r, ConstMatrixView<T> packed) const {
    const MatrixView<T> to = rows(k, r);
    for_tokens_of(*layout_, r, [&](std::size_t token, std::size_t t) {
      for (std::size_t c = 0; c < cols_; ++c) to(c, t) = packed(token, c);
    });
    return to;
  }
  /// Writes them back.
  void write(ConstMatrixView<T> from, std::size_t r, MatrixView<T> packed) const {
    for_tokens_of(*layout_, r, [&](std::size_t token, std::size_t t) {
      for (std::size_t c = 0; c < cols_; ++c) packed(token, c) = from(c, t);
    });
  }

 private:
  T* room_;
  const PackedLayout* layout_;
  std::size_t cols_;
};

/// Calls body(columns, r) for every packed row r of a value, on threads with room of the tape's arena each.
template <std::size_t Count, Scalar T, class Body>
void for_each_sequence_columns(const SeqVar<T>& x, Body&& body) {
  using Columns = SequenceColumns<T, Count>;
  const PackedLayout& layout = *x.layout();
  const std::size_t parts = parts_for(x.value().size() * 8), room = Columns::room(layout, x.cols());
  T* scratch = x.tape().arena().template allocate<T>(parts * room);
  for_parts_of_batch(layout, parts, [&](std::size_t part, IndexRange own) {
    const Columns columns(scratch + part * room, layout, x.cols());
    for (std::size_t r = own.begin; r < own.end; ++r) body(columns, r);
  });
}

/// A weighted sum and its gradients. Sums stand in packed order, a row per sequence, so that those of a step
/// follow one another as its tokens do.
template <Scalar T> class WeightedSum {
 public:
  WeightedSum(const SeqVar<T>& weights, const SeqVar<T>& x) : weights_(weights), x_(x) {}

  void forward(MatrixView<T> out) const {
    const PackedLayout& layout = *x_.layout();
    const auto sums = arena().template zero_matrix<T>(out.rows(), out.cols());
    for_parts_of_batch(layout, parts(), [&](std::size_t, IndexRange own) {
      for_steps_of(layout, own, [&](std::size_t first, std::size_t count) {
        Kernels<T>::add_outer_rows(weights_.value().row_range(first, count),
                                   x_.value().row_range(first, count), sums.row_range(own.begin, count));
      });
      for (std::size_t r = own.begin; r < own.end; ++r)
        std::copy_n(sums.row_data(r), sums.cols(), out.row_data(layout.order(r)));
    });
  }

  void backward(ConstMatrixView<T> dout) const {
    const PackedLayout& layout = *x_.layout();
    const auto dsums = arena().template matrix<T>(dout.rows(), dout.cols());
    // In this order: where both are one value, the second is then told to add.
    const MatrixView<T> dw = weights_.needs_gradient() ? weights_.tape().gradient(weights_) : MatrixView<T>();
    const auto dx = x_.needs_gradient() ? x_.tape().gradient_destination(x_) : Destination{};
    for_parts_of_batch(layout, parts(), [&](std::size_t, IndexRange own) {
      for (std::size_t r = own.begin; r < own.end; ++r)
        std::copy_n(dout.row_data(layout.order(r)), dout.cols(), dsums.row_data(r));
      for_steps_of(layout, own, [&](std::size_t first, std::size_t count) {
        const auto ds = dsums.row_range(own.begin, count);
        if (weights_.needs_gradient())
          Kernels<T>::add_dot_rows(ds, x_.value().row_range(first, count), dw.row_range(first, count));
        if (x_.needs_gradient())
          Kernels<T>::mix_rows(weights_.value().row_range(first, count), ds,
                               dx.gradient.row_range(first, count), dx.accumulate);
      });
    });
  }

 private:
  using Destination = typename Tape<T>::Destination;

  [[nodiscard]] Arena& arena() const { return x_.tape().arena(); }
  [[nodiscard]] std::size_t parts() const { return parts_for(x_.value().size() * weights_.cols()); }

  SeqVar<T> weights_, x_;
};

}  // namespace detail

template <Scalar T> SeqVar<T> softmax_steps(const SeqVar<T>& x) {
  SeqVar<T> y = x.tape().make_sequence(*x.layout(), x.cols(), x.needs_gradient());
  detail::for_each_sequence_columns<1>(x, [&](const auto& columns, std::size_t r) {
    const auto rows = columns.read(0, r, x.value());
    detail::Kernels<T>::softmax_rows(rows, rows);
    columns.write(rows, r, y.node()->value);
  });
  x.tape().record(y, [x, y](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    detail::for_each_sequence_columns<3>(x, [&](const auto& columns, std::size_t r) {
      const auto sum = columns.read(0, r, dx);
      detail::Kernels<T>::softmax_backward_rows(columns.read(1, r, y.value()), columns.read(2, r, dy), sum);
      columns.write(sum, r, dx);
    });
  });
  return y;
}

template <Scalar T> Var<T> weighted_sum(const SeqVar<T>& weights, const SeqVar<T>& x) {
  detail::require_same_tokens("weighted_sum", "weights", *weights.layout(), "x", *x.layout());
  const detail::WeightedSum<T> sum(weights, x);
  Var<T> out = x.tape().make(x.layout()->sequences(), weights.cols() * x.cols(),
                             weights.needs_gradient() || x.needs_gradient(), x.layout());
  sum.forward(out.node()->value);
  x.tape().record(out, [sum](ConstMatrixView<T> dout) { sum.backward(dout); });
  return out;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                            \
  template SeqVar<T> softmax_steps(const SeqVar<T>& x); \
  template Var<T> weighted_sum(const SeqVar<T>& weights, const SeqVar<T>& x);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
