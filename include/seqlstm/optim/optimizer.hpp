// The optimizer at work on a model: an update rule and what it remembers of every parameter.
#pragma once

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

/// Updates the trainable parameters of one model. Its state (moments, number of updates) is a value that can
/// be saved and set, so that a resumed run continues bit for bit. Allocates at the first step only.
template <Scalar T> class Optimizer {
 public:
  explicit Optimizer(OptimizerSpec spec) : spec_(std::move(spec)) {
    std::visit([](const auto& rule) { rule.check(); }, spec_);
  }

  [[nodiscard]] double lr() const {
    return std::visit([](const auto& rule) { return rule.lr; }, spec_);
  }

  /// One update from the gradients as they stand. `lr` and `momentum` (beta1 of Adam) come from a schedule.
  /// `factor(name)`, where given, scales the rate of single parameters (discriminative rates).
  template <class Module, class Factor>
  void step(Module& module, double lr, std::optional<double> momentum, Factor&& factor) {
    detail::check_rate("optimizer", lr);
    ++updates;
    std::size_t index = 0;
    for_each_parameter(module, [&](const std::string& name, Parameter<T>& p) {
      auto& slot = slot_of(index++, name, p.size());
      if (!p.trainable) return;
      const detail::UpdateStep now{lr * factor(name), momentum, updates};
      auto w = p.edit();
      const auto g = p.gradient();
      constexpr std::size_t grain = 1U << 14U;
      const std::size_t parts = p.size() < 4 * grain ? 1 : threads();
      std::visit(
          [&](const auto& rule) {
            parallel_for(parts, [&](std::size_t part) {
              const Range r = part_of(p.size(), parts, part, 16);
              rule.update(now, r.end - r.begin, w.data() + r.begin, g.data() + r.begin,
                          slot.first.data() + r.begin,
                          slot.second.data() + (slot.second.empty() ? 0 : r.begin));
            });
          },
          spec_);
    });
  }
  template <class Module> void step(Module& module, double lr, std::optional<double> momentum = {}) {
    step(module, lr, momentum, [](const std::string&) { return 1.0; });
  }
  template <class Module> void step(Module& module) { step(module, lr()); }

  std::uint64_t updates = 0;                    ///< number of updates so far
  std::vector<detail::OptimizerSlot<T>> slots;  ///< per parameter, in the order of fields()

 private:
  detail::OptimizerSlot<T>& slot_of(std::size_t index, const std::string& name, std::size_t size) {
    if (index == slots.size()) {
      const int needed = std::visit([](const auto& rule) { return rule.slots; }, spec_);
      slots.push_back({name, AlignedBuffer<T>(size), AlignedBuffer<T>(needed > 1 ? size : 0)});
    }
    auto& slot = slots[index];
    if (slot.name != name || slot.first.size() != size)
      throw shape_error("optimizer: parameter '" + name + "' of " + std::to_string(size) +
                        " numbers does not fit the state of '" + slot.name + "' with " +
                        std::to_string(slot.first.size()) + "; the optimizer belongs to another model");
    return slot;
  }

  OptimizerSpec spec_;
};

SEQLSTM_NAMESPACE_END
