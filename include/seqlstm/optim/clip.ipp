// Definitions of clip.hpp.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/optim/clip.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE double gradient_norm(const ModuleRef& module) {
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

SEQLSTM_INLINE double clip_gradient_norm(const ModuleRef& module, double limit) {
  detail::check_number(limit > 0, "clip: the norm's limit", limit, "a number above 0");
  const double norm = gradient_norm(module), scale = limit / (norm + 1e-6);
  if (scale >= 1) return norm;
  detail::for_each_gradient(module, [scale]<Scalar T>(const std::string&, std::span<T> g) {
    for (T& v : g) v *= static_cast<T>(scale);
  });
  return norm;
}

SEQLSTM_INLINE void clip_gradient_value(const ModuleRef& module, double limit) {
  detail::check_number(limit > 0, "clip: the value's limit", limit, "a number above 0");
  detail::for_each_gradient(module, [limit]<Scalar T>(const std::string&, std::span<T> g) {
    const T bound = static_cast<T>(limit);
    for (T& v : g) v = v > bound ? bound : (v < -bound ? -bound : v);
  });
}

SEQLSTM_NAMESPACE_END
