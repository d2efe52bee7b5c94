// Stochastic gradient descent with momentum (Polyak 1964; Nesterov 1983, in the form of Sutskever et al.
// 2013).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// g' = g + weight_decay w;  b = momentum b + g', b = 0 at first;
/// w -= lr b, with `nesterov` w -= lr (g' + momentum b). PyTorch's SGD without dampening.
struct Sgd {
  double lr = 0.01;         ///< learning rate, at least 0, where no schedule gives another
  double momentum = 0;      ///< at least 0 and below 1, where no schedule gives another; 0 is plain SGD
  bool nesterov = false;    ///< only with a momentum above 0
  double weight_decay = 0;  ///< L2 penalty, at least 0, added to the gradient

  /// "sgd".
  [[nodiscard]] std::string rule_name() const { return "sgd"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("lr", lr);
    v("momentum", momentum);
    v("nesterov", nesterov);
    v("weight_decay", weight_decay);
  }
  /// Throws option_error for a number out of range, and for `nesterov` without momentum.
  void check() const;
  static constexpr int arrays = 1;  ///< per weight: b
  /// One update of n weights from their gradients, [n] each; `buffer` is b of these weights.
  template <Scalar T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* buffer, T*) const {
    const T rate = static_cast<T>(step.lr), beta = static_cast<T>(step.momentum.value_or(momentum)),
            decay = static_cast<T>(weight_decay);
    detail::Kernels<T>::sgd({rate, beta, decay, nesterov}, n, weights, gradients, buffer);
  }
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/sgd.ipp>
#endif
