// One update of a model's weights, as every training makes it: the loss is looked at, gradients are clipped,
// the schedule says the rate, the optimizer steps; where that diverges, the last good weights come back.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/nn/module_ref.hpp>
#include <seqlstm/optim/clip.hpp>
#include <seqlstm/optim/optimizer.hpp>
#include <seqlstm/optim/schedule.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The loss of a batch; numeric_error where it is not finite. `more` is further advice.
template <Scalar T>
double finite_loss(const Var<T>& loss, std::size_t epoch, std::uint64_t update, const char* more = "") {
  const auto value = static_cast<double>(loss.value()(0, 0));
  if (!std::isfinite(value))
    throw numeric_error("the loss became " + number_text(value) + " in epoch " + std::to_string(epoch) +
                        ", update " + std::to_string(update) + "; lower the learning rate, set clip_norm" +
                        more);
  return value;
}

/// Limits of gradients; 0: none.
struct Clipping {
  double norm = 0, value = 0;
};

/// Updates the weights from the gradients as they stand; `share` multiplies the schedule's rate, which is
/// returned without it.
template <Scalar T>
double update_weights(const ModuleRef& model, Optimizer<T>& optimizer, const Schedule& schedule,
                      const Clipping& clipping, std::uint64_t step, std::size_t total_steps, double share = 1,
                      const std::function<LrScale(const std::string&)>& lr_scale = {}) {
  if (clipping.value > 0) clip_gradient_value(model, clipping.value);
  if (clipping.norm > 0) clip_gradient_norm(model, clipping.norm);
  const Rate rate = schedule.at(static_cast<std::size_t>(step), total_steps, optimizer.lr());
  optimizer.step(model, rate.lr * share, rate.momentum, lr_scale);
  return rate.lr;
}

/// Runs body(); where it diverges, the model gets the weights of `good` back, if there are any.
template <class Body> auto or_last_good(const ModuleRef& model, const Snapshot& good, Body&& body) {
  try {
    return body();
  } catch (const numeric_error&) {
    if (!good.empty()) good.restore(model);
    throw;
  }
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
