// Gradients kept within bounds before an update.
#pragma once

#include <cmath>
#include <seqlstm/nn/module.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The Euclidean norm of all gradients of trainable parameters, summed in double in the order of fields().
/// Throws numeric_error naming the first parameter whose gradient is NaN or infinite.
template <class Module> double gradient_norm(Module& module) {
  double sum = 0;
  for_each_parameter(module, [&](const std::string& name, auto& p) {
    if (!p.trainable) return;
    const auto g = p.gradient();
    double own = 0;
    for (std::size_t i = 0; i < g.size(); ++i) own = std::fma(double{g.data()[i]}, double{g.data()[i]}, own);
    if (!std::isfinite(own))
      throw numeric_error(
          "the gradient of '" + name +
          "' is not finite; lower the learning rate, clip gradients, or look for NaN in the data");
    sum += own;
  });
  return std::sqrt(sum);
}

/// Scales all gradients so that their norm is at most `limit` (Pascanu et al. 2013). Returns the norm before.
template <class Module> double clip_gradient_norm(Module& module, double limit) {
  if (!(limit > 0))
    throw option_error("clip: the norm's limit is " + std::to_string(limit) + ", expected above 0");
  const double norm = gradient_norm(module);
  if (norm <= limit) return norm;
  for_each_parameter(module, [scale = limit / (norm + 1e-6)](const std::string&, auto& p) {
    if (!p.trainable) return;
    auto g = p.gradient();
    using T = std::remove_reference_t<decltype(*g.data())>;
    for (std::size_t i = 0; i < g.size(); ++i) g.data()[i] *= static_cast<T>(scale);
  });
  return norm;
}

/// Cuts every gradient to [-limit, limit]; NaN stays.
template <class Module> void clip_gradient_value(Module& module, double limit) {
  if (!(limit > 0))
    throw option_error("clip: the value's limit is " + std::to_string(limit) + ", expected above 0");
  for_each_parameter(module, [limit](const std::string&, auto& p) {
    auto g = p.gradient();
    using T = std::remove_reference_t<decltype(*g.data())>;
    const T bound = static_cast<T>(limit);
    for (std::size_t i = 0; i < g.size(); ++i) {
      T& v = g.data()[i];
      if (v > bound) v = bound;
      if (v < -bound) v = -bound;
    }
  });
}

SEQLSTM_NAMESPACE_END
