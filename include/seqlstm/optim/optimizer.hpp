// The optimizer at work on a model: an update rule and what it remembers of every parameter.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/optim/adam.hpp>
#include <seqlstm/optim/custom_rule.hpp>
#include <seqlstm/optim/rmsprop.hpp>
#include <seqlstm/optim/sgd.hpp>
#include <seqlstm/ranks/all_gather.hpp>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Any update rule, as plain data: `.optimizer = adamw({.weight_decay = 0.05})`.
using OptimizerSpec = std::variant<Sgd, Adam, RmsProp, CustomRule>;

/// `.optimizer = sgd({.lr = 0.1, .momentum = 0.9})`.
inline OptimizerSpec sgd(const Sgd& options = {}) {
  return options;
}
/// `.optimizer = adam({.lr = 3e-4})`; without an argument PyTorch's Adam.
inline OptimizerSpec adam(const Adam& options = {}) {
  return options;
}
/// `.optimizer = rmsprop({.alpha = 0.9})`.
inline OptimizerSpec rmsprop(const RmsProp& options = {}) {
  return options;
}
/// Adam with decoupled weight decay, 0.01 without an argument.
inline OptimizerSpec adamw(Adam options = {.weight_decay = 0.01}) {
  options.decoupled = true;
  return options;
}

/// A rule of one's own (custom_rule.hpp).
template <UpdateRule Rule> OptimizerSpec custom_optimizer(std::string name, Rule rule) {
  return custom_rule(std::move(name), std::move(rule));
}

/// What a parameter's learning rate and momentum are multiplied by; a number alone is a factor of the rate.
struct LrScale {
  double lr = 1;        ///< factor of the learning rate
  double momentum = 1;  ///< factor of the momentum (beta1 of Adam)
  /// Implicit, so that a number may stand for one.
  LrScale(double of_lr = 1, double of_momentum = 1) : lr(of_lr), momentum(of_momentum) {}
};

/// Updates the trainable parameters of one model. Its `state` is a value that can be saved and set, so that a
/// resumed run continues bit for bit. Moments are allocated at the first step. Results do not depend on the
/// number of threads.
template <Scalar T> class Optimizer {
 public:
  /// Throws option_error for options out of range.
  explicit Optimizer(OptimizerSpec spec);

  /// The rule as it was given.
  [[nodiscard]] const OptimizerSpec& spec() const { return spec_; }
  /// The rule's own learning rate.
  [[nodiscard]] double lr() const;
  /// The rule's own momentum (beta1 of Adam); RMSprop has none.
  [[nodiscard]] std::optional<double> momentum() const;

  /// One update from the gradients as they stand. `lr` and `momentum` (beta1 of Adam) come from a schedule.
  /// `factor(name)` is the LrScale of single parameters (discriminative rates). Frozen parameters are
  /// skipped, as if they were not there. Throws option_error for a rate or momentum out of range, shape_error
  /// for another model than that of the first step.
  void step(const ModuleRef& module, double lr, std::optional<double> momentum = {},
            const std::function<LrScale(const std::string&)>& factor = {});
  /// The same with the rule's own rate and momentum.
  void step(const ModuleRef& module) { step(module, lr()); }

  /// From the next step on `state` has this rank's part of each parameter alone (rank_part()), of a whole
  /// state no more than that; a step updates the part and gets the others from their ranks (ZeRO, stage 1;
  /// PyTorch's ZeroRedundancyOptimizer). Weights have the bits of one whole state. All ranks step together,
  /// and outlive the optimizer. Without ranks steps update all again, from a whole state.
  void split_over(CommunicatorRef ranks);
  /// Rank 0 gets the whole state, as a checkpoint needs it, until its next step (PyTorch's
  /// consolidate_state_dict). Called by all ranks; nothing happens where the state is not split.
  void gather_state(const ModuleRef& module);
  /// Does `state` have all of every parameter, or nothing yet?
  [[nodiscard]] bool is_whole(const ModuleRef& module) const;
  /// What this rank sent and waited for because the state is split.
  [[nodiscard]] RankTraffic traffic() const;
  /// Digits that differ where the rates of the steps since split_over() did.
  [[nodiscard]] std::uint64_t rates_digest() const { return rates_; }

  std::vector<detail::OptimizerSlot<T>> state;  ///< a slot per parameter, in the order of fields()

 private:
  void update(Parameter<T>& p, detail::OptimizerSlot<T>& slot, const UpdateStep& step);

  detail::OptimizerSlot<T>& slot_of(std::size_t index, const std::string& name, std::size_t size);

  [[nodiscard]] int arrays() const;
  /// What is updated here of a parameter of `size` numbers.
  [[nodiscard]] IndexRange part_of(std::size_t size) const;
  void share_weights(const ModuleRef& module);

  OptimizerSpec spec_;
  CommunicatorRef ranks_;  // that split the state
  std::optional<AllGather<T>> others_;
  RankTraffic traffic_;     // of those before
  bool had_parts_ = false;  // since some ranks split the state
  std::vector<std::span<T>> weights_;
  std::uint64_t rates_ = 0;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/optimizer.ipp>
#endif
