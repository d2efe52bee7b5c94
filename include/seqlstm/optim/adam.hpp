// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// w -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps).
/// Weight decay is added to the gradient (Adam), or with `decoupled` taken from the weight, w -= lr
/// weight_decay w, first (AdamW). PyTorch's Adam and AdamW.
struct Adam {
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled = false;

  void check() const {
    detail::check_rate("adam", lr);
    detail::check_range("adam", "beta1", beta1, 0, 0.999999);
    detail::check_range("adam", "beta2", beta2, 0, 0.9999999);
    detail::check_range("adam", "weight_decay", weight_decay, 0, 1e6);
  }
  static constexpr int slots = 2;
  template <Scalar T>
  void update(const detail::UpdateStep& step, std::size_t n, T* w, const T* g, T* mean, T* square) const {
    const double b1 = step.momentum.value_or(beta1), t = static_cast<double>(step.number);
    const T rate = static_cast<T>(step.lr / (1 - std::pow(b1, t)));
    const T root = static_cast<T>(std::sqrt(1 - std::pow(beta2, t)));
    const T keep1 = static_cast<T>(b1), new1 = static_cast<T>(1 - b1), keep2 = static_cast<T>(beta2),
            new2 = static_cast<T>(1 - beta2), epsilon = static_cast<T>(eps);
    const T shrink = static_cast<T>(decoupled ? 1 - step.lr * weight_decay : 1.0);
    const T pull = static_cast<T>(decoupled ? 0.0 : weight_decay);
    for (std::size_t i = 0; i < n; ++i) {
      const T gradient = g[i] + pull * w[i];
      mean[i] = keep1 * mean[i] + new1 * gradient;
      square[i] = keep2 * square[i] + new2 * gradient * gradient;
      w[i] = shrink * w[i] - rate * mean[i] / (std::sqrt(square[i]) / root + epsilon);
    }
  }
};

SEQLSTM_NAMESPACE_END
