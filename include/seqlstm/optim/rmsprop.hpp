// RMSprop (Tieleman and Hinton 2012).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// v = alpha v + (1 - alpha) g^2;  w -= lr g / (sqrt(v) + eps). PyTorch's RMSprop, neither centred nor with
/// momentum.
struct RmsProp {
  double lr = 0.01;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;

  void check() const {
    detail::check_rate("rmsprop", lr);
    detail::check_range("rmsprop", "alpha", alpha, 0, 1);
  }
  static constexpr int slots = 1;
  template <Scalar T>
  void update(const detail::UpdateStep& step, std::size_t n, T* w, const T* g, T* square, T*) const {
    const T rate = static_cast<T>(step.lr), keep = static_cast<T>(alpha), fresh = static_cast<T>(1 - alpha),
            epsilon = static_cast<T>(eps), decay = static_cast<T>(weight_decay);
    for (std::size_t i = 0; i < n; ++i) {
      const T gradient = g[i] + decay * w[i];
      square[i] = keep * square[i] + fresh * gradient * gradient;
      w[i] -= rate * gradient / (std::sqrt(square[i]) + epsilon);
    }
  }
};

SEQLSTM_NAMESPACE_END
