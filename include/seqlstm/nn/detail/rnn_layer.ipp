// Definitions of rnn_layer.hpp.
#pragma once

#include <array>
#include <seqlstm/nn/detail/rnn_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T>
RnnDirection<T>::RnnDirection(std::size_t input, std::size_t hidden, std::size_t)
    : weight_ih(hidden, input), weight_hh(hidden, hidden), bias_ih(hidden), bias_hh(hidden) {}

template <Scalar T> void RnnPass<T>::prepare(MatrixView<T> y) {
  y_ = y;
  input_forward_ = &direction_->input_forward.of(direction_->weight_ih);
  hidden_forward_ = &direction_->hidden_forward.of(direction_->weight_hh);
  bias_ = x_.tape().arena().template allocate<T>(direction_->hidden());
  for (std::size_t u = 0; u < direction_->hidden(); ++u)
    bias_[u] = direction_->bias_ih.data()[u] + direction_->bias_hh.data()[u];
}

template <Scalar T> void RnnPass<T>::forward(IndexRange own) const {
  for_each_step(own, reverse_, [&](const Step& step) {
    auto h = rows(y_, step.here, step.count);
    for (std::size_t r = 0; r < step.count; ++r) std::copy_n(bias_, h.cols(), h.row_data(r));
    input_forward_->multiply(rows(x_.value(), step.here, step.count), h, true);
    hidden_forward_->multiply(rows(y_, step.before, step.continuing), rows(h, 0, step.continuing), true);
    Kernels<T>::activate(kernels::Activation::tanh, h, h);
  });
}

template <Scalar T> void RnnPass<T>::prepare_backward() {
  hidden_backward_ = &direction_->hidden_backward.of(direction_->weight_hh);
  pre_ = x_.tape().arena().template matrix<T>(y_.rows(), y_.cols());
}

template <Scalar T> void RnnPass<T>::backward(ConstMatrixView<T> dy, IndexRange own) const {
  for_each_step(own, !reverse_, [&](const Step& step) {
    const auto g = rows(pre_, step.here, step.count);
    for (std::size_t r = 0; r < step.count; ++r)
      std::copy_n(dy.row_data(step.here + r), g.cols(), g.row_data(r));
    hidden_backward_->multiply(rows(pre_, step.before, step.continuing), rows(g, 0, step.continuing), true);
    Kernels<T>::activate_backward(kernels::Activation::tanh, rows(y_, step.here, step.count), g, g, false);
  });
}

template <Scalar T> void RnnPass<T>::weight_gradients() const {
  auto& arena = x_.tape().arena();
  add_weight_gradient<Kernels<T>, T>(x_, pre_, x_.value(), direction_->weight_ih);
  add_bias_gradient<T>(x_, pre_, direction_->bias_ih);
  add_bias_gradient<T>(x_, pre_, direction_->bias_hh);
  if (!direction_->weight_hh.trainable) return;
  add_weight_gradient<Kernels<T>, T>(x_, pre_, previous_states(arena), direction_->weight_hh);
}

template <Scalar T> void RnnPass<T>::input_gradient() const {
  if (!x_.needs_gradient()) return;
  const auto dx = x_.tape().gradient_destination(x_);
  direction_->input_backward.of(direction_->weight_ih).multiply_parallel(pre_, dx.gradient, dx.accumulate);
}

template <Scalar T> MatrixView<T> RnnPass<T>::previous_states(Arena& arena) const {
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

template <Scalar T>
SeqVar<T> rnn_layer(const SeqVar<T>& x, const RnnDirection<T>* directions, std::size_t count) {
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
  const std::size_t weights = directions[0].weight_ih.size() + directions[0].weight_hh.size();
  const auto for_each_part = [count, weights](const PackedLayout& layout, auto&& body) {
    for_row_parts(layout, count, product_operations(count * layout.tokens() * weights),
                  [&](std::size_t d, IndexRange own, std::size_t) { body(d, own); });
  };
  for_each_part(*x.layout(), [&](std::size_t d, IndexRange own) { passes[d]->forward(own); });
  tape.record(y, [passes, count, hidden, x, for_each_part](ConstMatrixView<T> dy) {
    for (std::size_t d = 0; d < count; ++d) passes[d]->prepare_backward();
    for_each_part(*x.layout(), [&](std::size_t d, IndexRange own) {
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

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                  \
  template struct detail::RnnDirection<T>;                                                    \
  template class detail::RnnPass<T>;                                                          \
  template SeqVar<T> detail::rnn_layer(const SeqVar<T>& x, const RnnDirection<T>* directions, \
                                       std::size_t count);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
