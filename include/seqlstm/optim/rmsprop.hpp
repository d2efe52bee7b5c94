// RMSprop (Tieleman and Hinton 2012).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// g' = g + weight_decay w;  v = alpha v + (1 - alpha) g'^2;  w -= lr g' / (sqrt(v) + eps). PyTorch's
/// RMSprop, neither centred nor with momentum; a schedule's momentum is ignored.
struct RmsProp {
  double lr = 0.01;         ///< learning rate, at least 0, where no schedule gives another
  double alpha = 0.99;      ///< what v keeps, at least 0 and below 1
  double eps = 1e-8;        ///< at least 0; bounds the step where v is near 0
  double weight_decay = 0;  ///< L2 penalty, at least 0, added to the gradient

  /// "rmsprop".
  [[nodiscard]] std::string rule_name() const { return "rmsprop"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("lr", lr);
    v("alpha", alpha);
    v("eps", eps);
    v("weight_decay", weight_decay);
  }
  /// Throws option_error for a number out of range.
  void check() const;
  static constexpr int arrays = 1;  ///< per weight: v
  /// One update of n weights from their gradients, [n] each; `square` is v of these weights.
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
