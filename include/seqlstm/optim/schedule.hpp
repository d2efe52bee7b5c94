// The learning rate (and momentum) of every step, as a function of the step's number.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/optim/detail/check.hpp>
#include <string>
#include <utility>
#include <variant>

SEQLSTM_NAMESPACE_BEGIN

/// What a schedule says of one step.
struct Rate {
  double lr = 0;
  std::optional<double> momentum = {};  ///< momentum of SGD, beta1 of Adam
};

/// The optimizer's own learning rate, always.
struct ConstantSchedule {
  void check() const {}
  [[nodiscard]] Rate at(std::size_t, std::size_t, double base_lr) const { return {base_lr, {}}; }
};

/// One-cycle policy (Smith 2018): cosine from max_lr / div_factor up to max_lr over pct_start of the steps,
/// then down to max_lr / div_factor / final_div_factor; momentum runs the other way. PyTorch's OneCycleLR
/// with cosine annealing.
struct OneCycle {
  double max_lr = 1e-3;
  double pct_start = 0.3;
  double div_factor = 25;
  double final_div_factor = 1e4;
  double base_momentum = 0.85, max_momentum = 0.95;

  void check() const;
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// Linear up over `cut` of the steps, linear down after, from and to max_lr / ratio (Howard and Ruder 2018,
/// equation 3; the way down ends with the last step even where `cut` of the steps is not a whole number).
struct SlantedTriangular {
  double max_lr = 1e-3;
  double cut = 0.1;
  double ratio = 32;

  void check() const;
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// Half a cosine from max_lr at the first to min_lr at the last step (Loshchilov and Hutter 2017, equation 5,
/// one period).
struct Cosine {
  double max_lr = 1e-3;
  double min_lr = 0;

  void check() const {
    detail::check_peak("cosine", max_lr);
    detail::check_not_negative("cosine: min_lr", min_lr);
  }
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// From first_lr at the first to last_lr at the last step, by the same factor every step: the sweep of a
/// learning-rate range test (Smith 2017, section 3.3).
struct Exponential {
  double first_lr = 1e-6;
  double last_lr = 1;

  void check() const {
    detail::check_peak("exponential: first_lr", first_lr);
    detail::check_peak("exponential: last_lr", last_lr);
  }
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// The optimizer's rate, multiplied by `factor` whenever the monitored value has not improved for more than
/// `patience` epochs; never below min_lr. PyTorch's ReduceLROnPlateau with threshold 0.
struct Plateau {
  double factor = 0.1;
  std::size_t patience = 10;
  double min_lr = 0;

  void check() const {
    detail::check_share("plateau: factor", factor);
    detail::check_not_negative("plateau: min_lr", min_lr);
  }
};

/// One's own: a function of the step (from 0), of the number of steps and of the optimizer's own rate. A
/// checkpoint knows it by its name.
struct CustomSchedule {
  std::string name = {};
  std::function<Rate(std::size_t step, std::size_t total, double base_lr)> rate = {};

  void check() const {
    if (!rate) throw option_error("custom_schedule '" + name + "' has no function");
  }
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double base_lr) const {
    return rate(step, total, base_lr);
  }
};

/// Any of them, as plain data: `.schedule = one_cycle(4e-3)`.
using ScheduleSpec =
    std::variant<ConstantSchedule, OneCycle, SlantedTriangular, Cosine, Exponential, Plateau, CustomSchedule>;

inline ScheduleSpec constant() {
  return ConstantSchedule{};
}
inline ScheduleSpec one_cycle(double max_lr) {
  return OneCycle{.max_lr = max_lr};
}
inline ScheduleSpec one_cycle(const OneCycle& options) {
  return options;
}
inline ScheduleSpec slanted_triangular(double max_lr) {
  return SlantedTriangular{.max_lr = max_lr};
}
inline ScheduleSpec slanted_triangular(const SlantedTriangular& options) {
  return options;
}
inline ScheduleSpec cosine(double max_lr, double min_lr = 0) {
  return Cosine{max_lr, min_lr};
}
inline ScheduleSpec exponential(double first_lr, double last_lr) {
  return Exponential{first_lr, last_lr};
}
inline ScheduleSpec plateau(const Plateau& options = {}) {
  return options;
}

/// `.schedule = custom_schedule("warm_up", [](std::size_t step, std::size_t, double lr) {
///   return Rate{lr * std::min(1.0, static_cast<double>(step + 1) / 100)}; })`
inline ScheduleSpec custom_schedule(std::string name,
                                    std::function<Rate(std::size_t, std::size_t, double)> rate) {
  return CustomSchedule{std::move(name), std::move(rate)};
}

/// A schedule at work: what it is, and what it remembers (a plateau's best value and factor), which a
/// checkpoint saves.
class Schedule {
 public:
  Schedule() = default;
  /// Throws option_error for options out of range.
  explicit Schedule(ScheduleSpec spec);

  /// Rate of step `step` of `total`, for an optimizer whose own rate is `base_lr`.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double base_lr) const;
  /// Tells a plateau the monitored value after an epoch; smaller is better, NaN is not. Others ignore it.
  void after_epoch(double value);

  [[nodiscard]] const ScheduleSpec& spec() const { return spec_; }
  /// Does it follow a value that only validation gives?
  [[nodiscard]] bool needs_validation() const { return std::holds_alternative<Plateau>(spec_); }

  /// What a plateau remembers.
  struct State {
    double scale = 1;
    std::optional<double> best = {};
    std::size_t bad_epochs = 0;
  };
  State state;

 private:
  ScheduleSpec spec_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/schedule.ipp>
#endif
