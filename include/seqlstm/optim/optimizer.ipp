// Definitions of optimizer.hpp.
#pragma once

#include <seqlstm/optim/optimizer.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> Optimizer<T>::Optimizer(OptimizerSpec spec) : spec_(std::move(spec)) {
  std::visit([](const auto& rule) { rule.check(); }, spec_);
}

template <Scalar T> double Optimizer<T>::lr() const {
  return std::visit([](const auto& rule) { return rule.lr; }, spec_);
}

template <Scalar T> std::optional<double> Optimizer<T>::momentum() const {
  return std::visit(
      [](const auto& rule) -> std::optional<double> {
        if constexpr (requires { rule.momentum; }) return rule.momentum;
        if constexpr (requires { rule.beta1; }) return rule.beta1;
        return {};
      },
      spec_);
}

template <Scalar T>
void Optimizer<T>::step(const ModuleRef& module, double lr, std::optional<double> momentum,
                        const std::function<LrScale(const std::string&)>& factor) {
  detail::check_rate("optimizer", lr);
  if (momentum) detail::check_fraction("optimizer: the momentum", *momentum);
  const std::optional<double> base_momentum = momentum ? momentum : this->momentum();
  std::size_t index = 0;
  for_each_parameter(module, [&](const std::string& name, Parameter<T>& p) {
    auto& slot = slot_of(index++, name, p.size());
    if (!p.trainable) return;
    const LrScale own = factor ? factor(name) : LrScale();
    const double rate = lr * own.lr;
    std::optional<double> own_momentum;
    if (base_momentum) own_momentum = *base_momentum * own.momentum;
    if (!(rate >= 0 && std::isfinite(rate)))  // the names are put together only here
      detail::check_rate("optimizer: '" + name + "'", rate);
    if (own_momentum && !(*own_momentum >= 0 && *own_momentum < 1))
      detail::check_fraction("optimizer: '" + name + "': the momentum", *own_momentum);
    update(p, slot, {rate, own_momentum, ++slot.updates});
  });
  if (index != state.size())
    throw shape_error("optimizer: the model has " + std::to_string(index) + " parameters, the state " +
                      std::to_string(state.size()) + "; the optimizer belongs to another model");
}

template <Scalar T>
void Optimizer<T>::update(Parameter<T>& p, detail::OptimizerSlot<T>& slot, const UpdateStep& step) {
  const auto weights = p.edit(), gradients = p.gradient();
  std::visit(
      [&](const auto& rule) {
        for_parts(p.size(), cache_line / sizeof(T), p.size() * 4, [&](IndexRange r) {
          T* second = slot.second.empty() ? nullptr : slot.second.data() + r.begin;
          rule.update(step, r.end - r.begin, weights.data() + r.begin, gradients.data() + r.begin,
                      slot.first.data() + r.begin, second);
        });
      },
      spec_);
}

template <Scalar T>
detail::OptimizerSlot<T>& Optimizer<T>::slot_of(std::size_t index, const std::string& name,
                                                std::size_t size) {
  const int arrays = std::visit([](const auto& rule) { return rule.arrays; }, spec_);
  const std::size_t second = arrays > 1 ? size : 0;
  if (index == state.size()) state.push_back({name, AlignedBuffer<T>(size), AlignedBuffer<T>(second)});
  auto& slot = state[index];
  if (slot.name != name || slot.first.size() != size)
    throw shape_error("optimizer: parameter '" + name + "' of " + std::to_string(size) +
                      " numbers does not fit the state of '" + slot.name + "' with " +
                      std::to_string(slot.first.size()) + "; the optimizer belongs to another model");
  if (slot.second.size() != second)
    throw shape_error("optimizer: the state of '" + name + "' is that of another rule, which keeps " +
                      std::string(arrays > 1 ? "one array" : "two arrays") + "; begin a new training");
  return slot;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Optimizer<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
