// Gradients kept within bounds before an update.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/optim/detail/check.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// f(name, gradient) for every trainable parameter.
template <class F> void for_each_gradient(const ModuleRef& module, F&& f) {
  for_each_parameter(module, [&]<Scalar T>(const std::string& name, Parameter<T>& p) {
    if (p.trainable) f(name, std::span<T>(p.gradient().data(), p.size()));
  });
}

}  // namespace detail

/// The Euclidean norm of all gradients of trainable parameters, summed in double in the order of fields().
/// Throws numeric_error naming the first parameter whose gradient is NaN or infinite.
inline double gradient_norm(const ModuleRef& module) {
  double sum = 0;
  detail::for_each_gradient(module, [&]<Scalar T>(const std::string& name, std::span<T> g) {
    sum += detail::Kernels<T>::sum_of_squares(g.data(), g.size());
    if (!std::isfinite(sum))
      throw numeric_error(
          "the gradient of '" + name +
          "' is not finite; lower the learning rate, clip gradients, or look for NaN in the data");
  });
  return std::sqrt(sum);
}

/// Scales all gradients by limit / (norm + 1e-6) where that is below 1, so that their norm is below `limit`
/// (Pascanu et al. 2013; PyTorch's clip_grad_norm_). Returns the norm before.
inline double clip_gradient_norm(const ModuleRef& module, double limit) {
  detail::check_number(limit > 0, "clip: the norm's limit", limit, "a number above 0");
  const double norm = gradient_norm(module), scale = limit / (norm + 1e-6);
  if (scale >= 1) return norm;
  detail::for_each_gradient(module, [scale]<Scalar T>(const std::string&, std::span<T> g) {
    for (T& v : g) v *= static_cast<T>(scale);
  });
  return norm;
}

/// Cuts every gradient to [-limit, limit]; NaN stays.
inline void clip_gradient_value(const ModuleRef& module, double limit) {
  detail::check_number(limit > 0, "clip: the value's limit", limit, "a number above 0");
  detail::for_each_gradient(module, [limit]<Scalar T>(const std::string&, std::span<T> g) {
    const T bound = static_cast<T>(limit);
    for (T& v : g) v = v > bound ? bound : (v < -bound ? -bound : v);
  });
}

SEQLSTM_NAMESPACE_END
