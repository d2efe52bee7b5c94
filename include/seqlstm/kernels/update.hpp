// Several arrays run over together, some of them changed in place: the shape of every optimizer's update.
#pragma once

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

}  // namespace kernels

SEQLSTM_NAMESPACE_END
