// Stochastic gradient descent with momentum (Polyak 1964; Nesterov 1983, in the form of Sutskever et al.
// 2013).
#pragma once

#include <seqlstm/optim/rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// g' = g + weight_decay w;  b = momentum b + g' (b = g' at first);  w -= lr (nesterov ? g' + momentum b :
/// b). PyTorch's SGD.
struct Sgd {
  double lr = 0.01;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;

  void check() const {
    detail::check_rate("sgd", lr);
    detail::check_range("sgd", "momentum", momentum, 0, 1);
    if (nesterov && momentum == 0) throw option_error("sgd: nesterov needs a momentum above 0");
  }
  static constexpr int slots = 1;
  template <Scalar T>
  void update(const detail::UpdateStep& step, std::size_t n, T* w, const T* g, T* buffer, T*) const {
    const T rate = static_cast<T>(step.lr), beta = static_cast<T>(step.momentum.value_or(momentum)),
            decay = static_cast<T>(weight_decay);
    const bool first = step.number == 1;
    for (std::size_t i = 0; i < n; ++i) {
      const T gradient = g[i] + decay * w[i];
      buffer[i] = first ? gradient : beta * buffer[i] + gradient;
      w[i] -= rate * (nesterov ? gradient + beta * buffer[i] : buffer[i]);
    }
  }
};

SEQLSTM_NAMESPACE_END
