// RMSprop (Tieleman and Hinton 2012).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// g' = g + weight_decay w;  v = alpha v + (1 - alpha) g'^2;  w -= lr g' / (sqrt(v) + eps). PyTorch's
/// RMSprop, neither centred nor with momentum; a schedule's momentum is ignored.
struct RmsProp {
  double lr = 0.01;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;

  void check() const;
  static constexpr int arrays = 1;
  template <Scalar T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* square, T*) const {
    const T rate = static_cast<T>(step.lr), keep = static_cast<T>(alpha), fresh = static_cast<T>(1 - alpha),
            epsilon = static_cast<T>(eps), decay = static_cast<T>(weight_decay);
    detail::Kernels<T>::rmsprop({rate, keep, fresh, epsilon, decay}, n, weights, gradients, square);
  }
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/rmsprop.ipp>
#endif
