// Several arrays run over together, some of them changed in place, and the optimizers' updates, which are of
// that shape. What they compute stands with their options in optim/.
#pragma once

#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail {

template <class V, class T>
[[gnu::always_inline]] inline void write_back(T* p, const V& v, std::size_t count) {
  store_partial(p, v, count);
}
template <class V, class T> [[gnu::always_inline]] inline void write_back(const T*, const V&, std::size_t) {}

}  // namespace detail

/// f(v...) for every vector of n elements of the arrays p...; f takes its vectors by reference, and what it
/// writes to those of arrays that are not const is stored. f is called with zeros behind the last element. An
/// element's result does not depend on n.
template <class T, class Arch = DefaultArch, class F, class... P>
[[gnu::flatten]] void for_each_vector(std::size_t n, F f, P*... p) {
  using V = Vec<T, Arch>;
  for (std::size_t i = 0; i < n; i += V::size) {
    const std::size_t used = n - i;
    [&](auto... v) __attribute__((always_inline)) {
      f(v...);
      (detail::write_back(p + i, v, used), ...);
    }
    (load_partial<V>(static_cast<const T*>(p + i), used)...);
  }
}

/// Sgd's update of n weights (optim/sgd.hpp); `buffer` [n] is zero before the first.
template <class T, class Arch = DefaultArch>
void sgd(const SgdStep<T>& step, std::size_t n, T* weights, const T* gradients, T* buffer) {
  for_each_vector<T, Arch>(
      n,
      [step]<class V>(V& w, const V& g, V& b) {
        const V decayed = fma(V(step.decay), w, g);
        b = fma(V(step.momentum), b, decayed);
        w = fnma(V(step.rate), step.nesterov ? fma(V(step.momentum), b, decayed) : b, w);
      },
      weights, gradients, buffer);
}

/// Adam's and AdamW's update of n weights (optim/adam.hpp); `mean` and `square` [n] are zero before the
/// first.
template <class T, class Arch = DefaultArch>
void adam(const AdamStep<T>& step, std::size_t n, T* weights, const T* gradients, T* mean, T* square) {
  for_each_vector<T, Arch>(
      n,
      [step]<class V>(V& w, const V& g, V& m, V& v) {
        const V gradient = fma(V(step.decay), w, g);
        m = fma(V(step.keep_mean), m, V(step.new_mean) * gradient);
        v = fma(V(step.keep_square), v, V(step.new_square) * gradient * gradient);
        const V size = fma(sqrt(v), V(step.root), V(step.epsilon));
        w = fnma(V(step.rate), divide(m, size), V(step.shrink) * w);
      },
      weights, gradients, mean, square);
}

/// RmsProp's update of n weights (optim/rmsprop.hpp); `square` [n] is zero before the first.
template <class T, class Arch = DefaultArch>
void rmsprop(const RmsPropStep<T>& step, std::size_t n, T* weights, const T* gradients, T* square) {
  for_each_vector<T, Arch>(
      n,
      [step]<class V>(V& w, const V& g, V& v) {
        const V gradient = fma(V(step.decay), w, g);
        v = fma(V(step.keep), v, V(step.fresh) * gradient * gradient);
        w = fnma(V(step.rate), divide(gradient, sqrt(v) + V(step.epsilon)), w);
      },
      weights, gradients, square);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
