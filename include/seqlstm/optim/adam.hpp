// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// w -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps), t counted for each parameter.
/// Weight decay is added to the gradient (Adam), or with `decoupled` taken from the weight, w -= lr
/// weight_decay w, first (AdamW). PyTorch's Adam and AdamW without amsgrad.
struct Adam {
  double lr = 1e-3;         ///< learning rate, at least 0, where no schedule gives another
  double beta1 = 0.9;       ///< what m keeps, at least 0 and below 1; a schedule's momentum replaces it
  double beta2 = 0.999;     ///< what v keeps, at least 0 and below 1
  double eps = 1e-8;        ///< at least 0; bounds the step where v is near 0
  double weight_decay = 0;  ///< at least 0
  bool decoupled = false;   ///< weight decay is AdamW's

  /// "adam" or "adamw".
  [[nodiscard]] std::string rule_name() const { return decoupled ? "adamw" : "adam"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("lr", lr);
    v("beta1", beta1);
    v("beta2", beta2);
    v("eps", eps);
    v("weight_decay", weight_decay);
  }
  /// Throws option_error for a number out of range.
  void check() const;
  static constexpr int arrays = 2;  ///< per weight: m and v
  /// One update of n weights from their gradients, [n] each; `mean` is m and `square` v of these weights,
  /// step.number is t.
  template <Scalar T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* mean,
              T* square) const {
    const double b1 = step.momentum.value_or(beta1), t = static_cast<double>(step.number);
    const T rate = static_cast<T>(step.lr / (1 - std::pow(b1, t)));
    const T root = static_cast<T>(1 / std::sqrt(1 - std::pow(beta2, t)));
    const T keep1 = static_cast<T>(b1), new1 = static_cast<T>(1 - b1), keep2 = static_cast<T>(beta2),
            new2 = static_cast<T>(1 - beta2), epsilon = static_cast<T>(eps);
    const T shrink = static_cast<T>(decoupled ? std::fma(-step.lr, weight_decay, 1.0) : 1.0);
    const T pull = static_cast<T>(decoupled ? 0.0 : weight_decay);
    detail::Kernels<T>::adam({rate, root, keep1, new1, keep2, new2, epsilon, shrink, pull}, n, weights,
                             gradients, mean, square);
  }
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/adam.ipp>
#endif
