// Gradients kept within bounds before an update.
#pragma once

#include <seqlstm/core/error.hpp>
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
double gradient_norm(const ModuleRef& module);

/// Scales all gradients by limit / (norm + 1e-6) where that is below 1, so that their norm is below `limit`
/// (Pascanu et al. 2013; PyTorch's clip_grad_norm_). Returns the norm before.
double clip_gradient_norm(const ModuleRef& module, double limit);

/// Cuts every gradient to [-limit, limit]; NaN stays.
void clip_gradient_value(const ModuleRef& module, double limit);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/clip.ipp>
#endif
