// One layer of a tanh network (one or two directions) as an operation on the tape.
//
//   forward    for each step t in the direction's order, for a thread's own rows:
//                h(t) = tanh(b + x(t) W_ih^T + h(previous) W_hh^T)
//   backward   for each step in the opposite order:
//                g(t) = (dy(t) + g(next) W_hh) (1 - h(t)^2)
//              dW_ih += g^T x   dW_hh += g^T h(previous)   db += sum g   dx += g W_ih
#pragma once

#include <array>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/detail/recurrent_parts.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> struct RnnDirection {
  static constexpr std::array names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};

  Parameter<T> weight_ih;  ///< [H, I]
  Parameter<T> weight_hh;  ///< [H, H]
  Parameter<T> bias_ih;    ///< [H]
  Parameter<T> bias_hh;    ///< [H]
  CachedWeight<T, WeightUse::forward> input_forward, hidden_forward;
  CachedWeight<T, WeightUse::backward> input_backward, hidden_backward;

  /// `output` is `hidden`: there is no projection.
  RnnDirection(std::size_t input, std::size_t hidden, std::size_t output);

  void prepare() const {
    input_forward.of(weight_ih);
    hidden_forward.of(weight_hh);
  }
  [[nodiscard]] std::size_t hidden() const { return weight_hh.cols(); }
  /// In the order of `names`.
  std::array<Parameter<T>*, 4> parameters() { return {&weight_ih, &weight_hh, &bias_ih, &bias_hh}; }
  [[nodiscard]] bool trainable() const {
    return weight_ih.trainable || weight_hh.trainable || bias_ih.trainable || bias_hh.trainable;
  }
};

/// One direction of one layer during one step; lives in the tape's arena.
template <Scalar T> class RnnPass {
 public:
  RnnPass(const SeqVar<T>& x, const RnnDirection<T>& direction, bool reverse)
      : x_(x), direction_(&direction), reverse_(reverse) {}

  /// Makes ready what all rows need; on the caller's thread.
  void prepare(MatrixView<T> y);
  void forward(IndexRange own) const;

  void prepare_backward();
  /// Gradients of the pre-activations of a thread's own rows. The step that came after in the direction's
  /// order is the step before in the opposite order.
  void backward(ConstMatrixView<T> dy, IndexRange own) const;
  void weight_gradients() const;
  void input_gradient() const;

 private:
  /// h of the token before every token; zeros where a sequence begins.
  MatrixView<T> previous_states(Arena& arena) const;
  /// Rows [here, here + count) of step t belong to this thread; the first `continuing` of them have a step
  /// before, whose packed rows begin at `before`.
  struct Step {
    std::size_t here, count, before, continuing;
  };

  /// Calls body(step) for every step in forward or reverse order, for the sequences in `own`.
  template <class Body> void for_each_step(IndexRange own, bool reverse, Body&& body) const {
    const PackedLayout& layout = *x_.layout();
    const auto mine = [&](std::size_t active) {
      return std::max(own.begin, std::min(own.end, active)) - own.begin;
    };
    for (std::size_t k = 0; k < layout.steps(); ++k) {
      const std::size_t t = reverse ? layout.steps() - 1 - k : k, count = mine(layout.active(t));
      if (count == 0) continue;
      const std::size_t before = reverse ? t + 1 : t - 1;  // meaningless for the first step
      const std::size_t continuing = k == 0 ? 0 : std::min(count, mine(layout.active(before)));
      body(Step{layout.offset(t) + own.begin, count, k == 0 ? 0 : layout.offset(before) + own.begin,
                continuing});
    }
  }
  template <class U>
  static MatrixView<U> rows(const MatrixView<U>& view, std::size_t first, std::size_t count) {
    return view.row_range(first, count);
  }

  SeqVar<T> x_;
  const RnnDirection<T>* direction_;
  const PackedWeight<T>*input_forward_ = nullptr, *hidden_forward_ = nullptr, *hidden_backward_ = nullptr;
  bool reverse_;
  MatrixView<T> y_;    // this direction's columns of the result
  MatrixView<T> pre_;  // [tokens, H]: gradients of pre-activations
  T* bias_ = nullptr;
};

/// Runs one layer of `count` directions and records it.
template <Scalar T>
SeqVar<T> rnn_layer(const SeqVar<T>& x, const RnnDirection<T>* directions, std::size_t count);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/rnn_layer.ipp>
#endif
