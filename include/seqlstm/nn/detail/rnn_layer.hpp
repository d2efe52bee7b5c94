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

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> struct RnnDirection {
  Parameter<T> weight_ih;  ///< [H, I]
  Parameter<T> weight_hh;  ///< [H, H]
  Parameter<T> bias_ih;    ///< [H]
  Parameter<T> bias_hh;    ///< [H]
  CachedWeight<T, WeightUse::forward> input_forward, hidden_forward;
  CachedWeight<T, WeightUse::backward> input_backward, hidden_backward;

  RnnDirection(std::size_t input, std::size_t hidden)
      : weight_ih(hidden, input), weight_hh(hidden, hidden), bias_ih(hidden), bias_hh(hidden) {}

  void prepare() {
    input_forward.of(weight_ih);
    hidden_forward.of(weight_hh);
  }
  [[nodiscard]] std::size_t hidden() const { return weight_hh.cols(); }
  [[nodiscard]] bool trainable() const {
    return weight_ih.trainable || weight_hh.trainable || bias_ih.trainable || bias_hh.trainable;
  }
};

/// One direction of one layer during one step; lives in the tape's arena.
template <Scalar T> class RnnPass {
 public:
  RnnPass(const SeqVar<T>& x, RnnDirection<T>& direction, bool reverse)
      : x_(x), direction_(&direction), reverse_(reverse) {}

  /// Makes ready what all rows need; on the caller's thread.
  void prepare(MatrixView<T> y) {
    y_ = y;
    input_forward_ = &direction_->input_forward.of(direction_->weight_ih);
    hidden_forward_ = &direction_->hidden_forward.of(direction_->weight_hh);
    bias_ = x_.tape().arena().template allocate<T>(direction_->hidden());
    for (std::size_t u = 0; u < direction_->hidden(); ++u)
      bias_[u] = direction_->bias_ih.data()[u] + direction_->bias_hh.data()[u];
  }
  void forward(Range own) const {
    for_each_step(own, reverse_, [&](const Step& step) {
      auto h = rows(y_, step.here, step.count);
      for (std::size_t r = 0; r < step.count; ++r) std::copy_n(bias_, h.cols(), h.row_data(r));
      input_forward_->multiply(rows(x_.value(), step.here, step.count), h, true);
      hidden_forward_->multiply(rows(y_, step.before, step.continuing), rows(h, 0, step.continuing), true);
      Kernels<T>::activate(kernels::Activation::tanh, h, h);
    });
  }

  void prepare_backward() {
    hidden_backward_ = &direction_->hidden_backward.of(direction_->weight_hh);
    pre_ = x_.tape().arena().template matrix<T>(y_.rows(), y_.cols());
  }
  /// Gradients of the pre-activations of a thread's own rows. The step that came after in the direction's
  /// order is the step before in the opposite order.
  void backward(ConstMatrixView<T> dy, Range own) const {
    for_each_step(own, !reverse_, [&](const Step& step) {
      const auto g = rows(pre_, step.here, step.count);
      for (std::size_t r = 0; r < step.count; ++r)
        std::copy_n(dy.row_data(step.here + r), g.cols(), g.row_data(r));
      hidden_backward_->multiply(rows(pre_, step.before, step.continuing), rows(g, 0, step.continuing), true);
      Kernels<T>::activate_backward(kernels::Activation::tanh, rows(y_, step.here, step.count), g, g, false);
    });
  }
  void weight_gradients() const {
    auto& arena = x_.tape().arena();
    add_weight_gradient<Kernels<T>, T>(arena, pre_, x_.value(), direction_->weight_ih);
    add_bias_gradient<T>(pre_, direction_->bias_ih);
    add_bias_gradient<T>(pre_, direction_->bias_hh);
    if (!direction_->weight_hh.trainable) return;
    add_weight_gradient<Kernels<T>, T>(arena, pre_, previous_states(arena), direction_->weight_hh);
  }
  void input_gradient() const {
    if (!x_.needs_gradient()) return;
    const auto dx = x_.tape().gradient_destination(x_);
    direction_->input_backward.of(direction_->weight_ih).multiply_parallel(pre_, dx.gradient, dx.accumulate);
  }

 private:
  /// h of the token before every token; zeros where a sequence begins.
  MatrixView<T> previous_states(Arena& arena) const {
    const PackedLayout& layout = *x_.layout();
    const auto states = arena.template matrix<T>(y_.rows(), y_.cols());
    const kernels::PreviousToken previous{layout.view(), reverse_};
    for (std::size_t t = 0; t < layout.steps(); ++t)
      for (std::size_t r = 0; r < layout.active(t); ++r) {
        const std::size_t before = previous(t, r);
        T* place = states.row_data(layout.offset(t) + r);
        if (before == kernels::PreviousToken::none) {
          std::fill_n(place, y_.cols(), T(0));
        } else {
          std::copy_n(y_.row_data(before), y_.cols(), place);
        }
      }
    return states;
  }
  /// Rows [here, here + count) of step t belong to this thread; the first `continuing` of them have a step
  /// before, whose packed rows begin at `before`.
  struct Step {
    std::size_t here, count, before, continuing;
  };

  /// Calls body(step) for every step in forward or reverse order, for the sequences in `own`.
  template <class Body> void for_each_step(Range own, bool reverse, Body&& body) const {
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
  RnnDirection<T>* direction_;
  const PackedWeight<T>*input_forward_ = nullptr, *hidden_forward_ = nullptr, *hidden_backward_ = nullptr;
  bool reverse_;
  MatrixView<T> y_;    // this direction's columns of the result
  MatrixView<T> pre_;  // [tokens, H]: gradients of pre-activations
  T* bias_ = nullptr;
};

/// Runs one layer of `count` directions and records it.
template <Scalar T> SeqVar<T> rnn_layer(const SeqVar<T>& x, RnnDirection<T>* directions, std::size_t count) {
  auto& tape = x.tape();
  const std::size_t hidden = directions[0].hidden();
  bool needs = x.needs_gradient();
  for (std::size_t d = 0; d < count; ++d) needs = needs || directions[d].trainable();
  SeqVar<T> y = tape.make_sequence(*x.layout(), count * hidden, needs);
  if (count == 2) y.node()->reverse_from = hidden;
  std::array<RnnPass<T>*, 2> passes{};
  for (std::size_t d = 0; d < count; ++d) {
    passes[d] = tape.arena().emplace(RnnPass<T>(x, directions[d], d == 1));
    passes[d]->prepare(y.node()->value.columns(d * hidden, hidden));
  }
  const auto for_each_part = [count](const PackedLayout& layout, auto&& body) {
    const std::size_t parts = threads();
    parallel_for(count * parts, [&](std::size_t task) {
      body(task / parts, kernels::rows_of_part(layout.view(), parts, task % parts));
    });
  };
  for_each_part(*x.layout(), [&](std::size_t d, Range own) { passes[d]->forward(own); });
  tape.record(y, [passes, count, hidden, x, for_each_part](ConstMatrixView<T> dy) {
    for (std::size_t d = 0; d < count; ++d) passes[d]->prepare_backward();
    for_each_part(*x.layout(), [&](std::size_t d, Range own) {
      passes[d]->backward(dy.columns(d * hidden, hidden), own);
    });
    for (std::size_t d = 0; d < count; ++d) {
      passes[d]->weight_gradients();
      passes[d]->input_gradient();
    }
  });
  return y;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
