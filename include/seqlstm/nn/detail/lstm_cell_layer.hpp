// One layer of an LSTM with a projection, peepholes or layer norm (one or two directions) as an operation on
// the tape. A thread has rows of its own; each step is lstm_cell_step.hpp's.
//
//   backward, for each step in the opposite order:
//     dh += dy;   d(o tanh c) = dh W_hr;   cells backward: gates become gradients of the pre-activations
//     on through the normalisation of W_hh h, where there is one;   dh of the step before = those W_hh
//   and at the end: weight gradients, products over all tokens
#pragma once

#include <seqlstm/nn/detail/dropped_weights.hpp>
#include <seqlstm/nn/detail/lstm_cell_step.hpp>
#include <seqlstm/nn/detail/recurrent_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// One direction of one layer during one step of training, by the products P; lives in the tape's arena.
template <class P> class LstmCellPass {
 public:
  using T = typename P::Number;
  using Stored = typename P::Stored;

  /// `first` is the direction's first row of the states.
  LstmCellPass(const SeqVar<T>& x, const LstmDirection<T>& direction, bool reverse,
               const RecurrentStates<T>& states, std::size_t first)
      : x_(x), direction_(&direction), reverse_(reverse), states_(states), first_(first) {}

  /// Makes ready what all rows need; on the caller's thread. `keeps`: for backward().
  void prepare(MatrixView<T> y, bool keeps, double weight_drop);
  void forward(IndexRange own) const;
  void write_final_states() const;

  void prepare_backward();
  void backward(ConstMatrixView<T> dy, IndexRange own) const;
  /// Gradients of initial states, weights and x.
  void finish_backward() const;

 private:
  using Numbers = Kernels<T>;
  /// Rows [row, row + count) of the batch in one step: tokens from packed row `here` on. Either all of them
  /// have a token before, from packed row `before` on, or all of them begin.
  struct Block {
    std::size_t here, row, count, before;
    bool begins;
  };

  [[nodiscard]] const PackedLayout& layout() const { return *x_.layout(); }
  [[nodiscard]] std::size_t hidden() const { return direction_->hidden(); }
  [[nodiscard]] bool projects() const { return direction_->weight_hr.size() > 0; }
  [[nodiscard]] bool has_peephole() const { return direction_->weight_ch.size() > 0; }
  [[nodiscard]] bool normalizes() const { return direction_->norm_ih.size() > 0; }
  [[nodiscard]] Arena& arena() const { return x_.tape().arena(); }

  /// Calls body(block) for the sequences in `own`, in the direction's order or the opposite one.
  template <class Body> void for_each_block(IndexRange own, bool opposite, Body&& body) const {
    const std::size_t steps = layout().steps();
    for (std::size_t k = 0; k < steps; ++k) {
      const std::size_t t = reverse_ != opposite ? steps - 1 - k : k;
      const std::size_t end = std::min(own.end, layout().active(t));
      const std::size_t running = reverse_ ? layout().active(t + 1) : t > 0 ? layout().active(t) : 0;
      const std::size_t middle = std::clamp(running, own.begin, std::max(own.begin, end));
      const auto visit = [&](std::size_t from, std::size_t to, bool begins) {
        if (from >= to) return;
        const std::size_t before = begins ? 0 : layout().offset(reverse_ ? t + 1 : t - 1) + from;
        body(Block{layout().offset(t) + from, from, to - from, before, begins});
      };
      visit(own.begin, middle, false);
      visit(middle, end, true);
    }
  }
  [[nodiscard]] MatrixView<T> h_before(const Block& b) const {
    return b.begins ? h0_.row_range(b.row, b.count) : y_.row_range(b.before, b.count);
  }
  [[nodiscard]] MatrixView<T> c_before(const Block& b) const {
    return b.begins || !keeps_ ? c0_.row_range(b.row, b.count) : c_.row_range(b.before, b.count);
  }
  [[nodiscard]] LstmCellRows<T> rows_of(const Block& b) const;

  /// What stood before every token: rows of `all`, or of `first` where a sequence begins.
  [[nodiscard]] MatrixView<T> previous(ConstMatrixView<T> all, ConstMatrixView<T> first) const;
  void hidden_gradient(ConstMatrixView<T> dproducts) const;
  void peephole_gradient() const;
  void norm_gradients() const;

  SeqVar<T> x_;
  const LstmDirection<T>* direction_;
  bool reverse_, keeps_ = false;
  RecurrentStates<T> states_;
  std::size_t first_;
  LstmStepWeights<P> weights_{};
  DroppedMatrix<T> dropped_;
  MatrixView<T> y_, h0_, c0_;  // this direction's columns of the result; [B, P or H], [B, H]
  // Of all tokens, for backward, or rows of the batch: the running states.
  MatrixView<T> gates_, inputs_, products_, c_, output_;
  T *input_mean_ = nullptr, *input_inverse_ = nullptr, *hidden_mean_ = nullptr, *hidden_inverse_ = nullptr;
  LstmCellRoom<T> room_;

  const Stored *hidden_back_ = nullptr, *projection_back_ = nullptr;
  MatrixView<T> dh_, dc_, doutput_;                 // running, [B, P or H], [B, H]
  MatrixView<T> dprojected_, dproducts_, dnormal_;  // of all tokens, [P], [4H], [H]
  T *c_mean_ = nullptr, *c_inverse_ = nullptr;
};

/// Runs a layer of `count` directions and records it: recurrent_layer() for such cells.
template <class P, Scalar T>
SeqVar<T> lstm_cell_layer(const SeqVar<T>& x, const LstmDirection<T>* directions, std::size_t count,
                          bool reverse, const RecurrentStates<T>& states, double weight_drop);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/lstm_cell_layer.ipp>
#endif
