// The optimizer at work on a model: an update rule and what it remembers of every parameter.
#pragma once

#include <functional>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/optim/adam.hpp>
#include <seqlstm/optim/rmsprop.hpp>
#include <seqlstm/optim/sgd.hpp>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Any update rule, as plain data: `.optimizer = adamw({.weight_decay = 0.05})`.
using OptimizerSpec = std::variant<Sgd, Adam, RmsProp>;

inline OptimizerSpec sgd(const Sgd& options = {}) {
  return options;
}
inline OptimizerSpec adam(const Adam& options = {}) {
  return options;
}
inline OptimizerSpec rmsprop(const RmsProp& options = {}) {
  return options;
}
/// Adam with decoupled weight decay, 0.01 without an argument.
inline OptimizerSpec adamw(Adam options = {.weight_decay = 0.01}) {
  options.decoupled = true;
  return options;
}

/// What a parameter's learning rate and momentum are multiplied by; a number alone is a factor of the rate.
struct StepFactor {
  double rate = 1, momentum = 1;
  StepFactor(double of_rate = 1, double of_momentum = 1) : rate(of_rate), momentum(of_momentum) {}
};

/// Updates the trainable parameters of one model. Its `state` is a value that can be saved and set, so that a
/// resumed run continues bit for bit. Moments are allocated at the first step. Results do not depend on the
/// number of threads.
template <Scalar T> class Optimizer {
 public:
  /// Throws option_error for options out of range.
  explicit Optimizer(OptimizerSpec spec) : spec_(std::move(spec)) {
    std::visit([](const auto& rule) { rule.check(); }, spec_);
  }

  [[nodiscard]] const OptimizerSpec& spec() const { return spec_; }
  /// The rule's own learning rate.
  [[nodiscard]] double lr() const {
    return std::visit([](const auto& rule) { return rule.lr; }, spec_);
  }
  /// The rule's own momentum (beta1 of Adam); RMSprop has none.
  [[nodiscard]] std::optional<double> momentum() const {
    return std::visit(
        [](const auto& rule) -> std::optional<double> {
          if constexpr (requires { rule.momentum; }) return rule.momentum;
          if constexpr (requires { rule.beta1; }) return rule.beta1;
          return {};
        },
        spec_);
  }

  /// One update from the gradients as they stand. `lr` and `momentum` (beta1 of Adam) come from a schedule.
  /// `factor(name)` is the StepFactor of single parameters (discriminative rates). Frozen parameters are
  /// skipped, as if they were not there. Throws option_error for a rate or momentum out of range, shape_error
  /// for another model than that of the first step.
  void step(const ModuleRef& module, double lr, std::optional<double> momentum = {},
            const std::function<StepFactor(const std::string&)>& factor = {}) {
    detail::check_rate("optimizer", lr);
    if (momentum) detail::check_fraction("optimizer: the momentum", *momentum);
    const std::optional<double> base_momentum = momentum ? momentum : this->momentum();
    std::size_t index = 0;
    for_each_parameter(module, [&](const std::string& name, Parameter<T>& p) {
      auto& slot = slot_of(index++, name, p.size());
      if (!p.trainable) return;
      const StepFactor own = factor ? factor(name) : StepFactor();
      const double rate = lr * own.rate, own_momentum = base_momentum.value_or(0) * own.momentum;
      if (!(rate >= 0 && std::isfinite(rate)))  // the names are put together only here
        detail::check_rate("optimizer: '" + name + "'", rate);
      if (!(own_momentum >= 0 && own_momentum < 1))
        detail::check_fraction("optimizer: '" + name + "': the momentum", own_momentum);
      update(p, slot, {rate, own_momentum, ++slot.updates});
    });
    if (index != state.size())
      throw shape_error("optimizer: the model has " + std::to_string(index) + " parameters, the state " +
                        std::to_string(state.size()) + "; the optimizer belongs to another model");
  }
  void step(const ModuleRef& module) { step(module, lr()); }

  std::vector<detail::OptimizerSlot<T>> state;  ///< a slot per parameter, in the order of fields()

 private:
  void update(Parameter<T>& p, detail::OptimizerSlot<T>& slot, const detail::UpdateStep& step) {
    constexpr std::size_t worth_threads = std::size_t{1} << 16U, grain = cache_line / sizeof(T);
    const std::size_t parts = p.size() < worth_threads ? 1 : threads();
    const auto weights = p.edit(), gradients = p.gradient();
    std::visit(
        [&](const auto& rule) {
          parallel_for(parts, [&](std::size_t part) {
            const Range r = part_of(p.size(), parts, part, grain);
            T* second = slot.second.empty() ? nullptr : slot.second.data() + r.begin;
            rule.update(step, r.end - r.begin, weights.data() + r.begin, gradients.data() + r.begin,
                        slot.first.data() + r.begin, second);
          });
        },
        spec_);
  }

  detail::OptimizerSlot<T>& slot_of(std::size_t index, const std::string& name, std::size_t size) {
    if (index == state.size()) {
      const int needed = std::visit([](const auto& rule) { return rule.arrays; }, spec_);
      state.push_back({name, AlignedBuffer<T>(size), AlignedBuffer<T>(needed > 1 ? size : 0)});
    }
    auto& slot = state[index];
    if (slot.name != name || slot.first.size() != size)
      throw shape_error("optimizer: parameter '" + name + "' of " + std::to_string(size) +
                        " numbers does not fit the state of '" + slot.name + "' with " +
                        std::to_string(slot.first.size()) + "; the optimizer belongs to another model");
    return slot;
  }

  OptimizerSpec spec_;
};

SEQLSTM_NAMESPACE_END
