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
  double lr = 0;                        ///< learning rate, before parameter groups scale it
  std::optional<double> momentum = {};  ///< momentum of SGD, beta1 of Adam; empty: the rule's own
};

/// The optimizer's own learning rate, always.
struct ConstantSchedule {
  /// "constant".
  [[nodiscard]] std::string schedule_name() const { return "constant"; }
  /// It has none.
  template <class V> void fields(V&&) const {}
  /// Nothing is out of range.
  void check() const {}
  /// `base_lr`, the optimizer's own.
  [[nodiscard]] Rate at(std::size_t, std::size_t, double base_lr) const { return {base_lr, {}}; }
};

/// One-cycle policy (Smith 2018): cosine from max_lr / div_factor up to max_lr over pct_start of the steps,
/// then down to max_lr / div_factor / final_div_factor; momentum runs the other way. PyTorch's OneCycleLR
/// with cosine annealing.
struct OneCycle {
  double max_lr = 1e-3;           ///< the highest rate, above 0
  double pct_start = 0.3;         ///< share of the steps on the way up, above 0 and below 1
  double div_factor = 25;         ///< max_lr / rate of the first step, at least 1
  double final_div_factor = 1e4;  ///< rate of the first step / rate of the last step, at least 1
  double base_momentum = 0.85;    ///< at max_lr; at least 0 and below 1
  double max_momentum = 0.95;     ///< at the first and the last step; at least 0 and below 1

  /// "one_cycle".
  [[nodiscard]] std::string schedule_name() const { return "one_cycle"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("max_lr", max_lr);
    v("pct_start", pct_start);
    v("div_factor", div_factor);
    v("final_div_factor", final_div_factor);
    v("base_momentum", base_momentum);
    v("max_momentum", max_momentum);
  }
  /// Throws option_error for a number out of range.
  void check() const;
  /// Rate of step `step`, from 0, of `total`; the optimizer's own is not asked.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// Linear up over `cut` of the steps, linear down after, from and to max_lr / ratio (Howard and Ruder 2018,
/// equation 3; the way down ends with the last step even where `cut` of the steps is not a whole number).
struct SlantedTriangular {
  double max_lr = 1e-3;  ///< the highest rate, above 0
  double cut = 0.1;      ///< share of the steps on the way up, above 0 and below 1; at least one step
  double ratio = 32;     ///< max_lr / lowest rate, at least 1

  /// "slanted_triangular".
  [[nodiscard]] std::string schedule_name() const { return "slanted_triangular"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("max_lr", max_lr);
    v("cut", cut);
    v("ratio", ratio);
  }
  /// Throws option_error for a number out of range.
  void check() const;
  /// Rate of step `step`, from 0, of `total`; the optimizer's own is not asked.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// Half a cosine from max_lr at the first to min_lr at the last step (Loshchilov and Hutter 2017, equation 5,
/// one period).
struct Cosine {
  double max_lr = 1e-3;  ///< of the first step, above 0
  double min_lr = 0;     ///< of the last step, at least 0

  /// "cosine".
  [[nodiscard]] std::string schedule_name() const { return "cosine"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("max_lr", max_lr);
    v("min_lr", min_lr);
  }
  /// Throws option_error for a number out of range.
  void check() const {
    detail::check_peak("cosine", max_lr);
    detail::check_not_negative("cosine: min_lr", min_lr);
  }
  /// Rate of step `step`, from 0, of `total`; the optimizer's own is not asked.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// From first_lr at the first to last_lr at the last step, by the same factor every step: the sweep of a
/// learning-rate range test (Smith 2017, section 3.3).
struct Exponential {
  double first_lr = 1e-6;  ///< above 0
  double last_lr = 1;      ///< above 0

  /// "exponential".
  [[nodiscard]] std::string schedule_name() const { return "exponential"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("first_lr", first_lr);
    v("last_lr", last_lr);
  }
  /// Throws option_error for a number out of range.
  void check() const {
    detail::check_peak("exponential: first_lr", first_lr);
    detail::check_peak("exponential: last_lr", last_lr);
  }
  /// Rate of step `step`, from 0, of `total`; the optimizer's own is not asked.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double) const;
};

/// The optimizer's rate, multiplied by `factor` whenever the monitored value has not improved for more than
/// `patience` epochs; never below min_lr. PyTorch's ReduceLROnPlateau with threshold 0.
struct Plateau {
  double factor = 0.1;        ///< above 0 and below 1
  std::size_t patience = 10;  ///< epochs in a row that may pass without improvement
  double min_lr = 0;          ///< at least 0; an optimizer's rate below it stays as it is

  /// "plateau".
  [[nodiscard]] std::string schedule_name() const { return "plateau"; }
  /// Calls v(name, number) for all of these.
  template <class V> void fields(V&& v) const {
    v("factor", factor);
    v("patience", patience);
    v("min_lr", min_lr);
  }
  /// Throws option_error for a number out of range.
  void check() const {
    detail::check_share("plateau: factor", factor);
    detail::check_not_negative("plateau: min_lr", min_lr);
  }
};

/// One's own: a function of the step (from 0), of the number of steps and of the optimizer's own rate. A
/// checkpoint knows it by its name.
struct CustomSchedule {
  std::string name = {};  ///< for error messages and checkpoints
  /// Gives the rate of each step; an empty one is an error.
  std::function<Rate(std::size_t step, std::size_t total, double base_lr)> rate = {};

  /// Its own.
  [[nodiscard]] std::string schedule_name() const { return name; }
  /// Calls v(name, number) for what is known of it.
  template <class V> void fields(V&& v) const { v("custom", true); }
  /// Throws option_error where there is no function.
  void check() const {
    if (!rate) throw option_error("custom_schedule '" + name + "' has no function");
  }
  /// What the function says.
  [[nodiscard]] Rate at(std::size_t step, std::size_t total, double base_lr) const {
    return rate(step, total, base_lr);
  }
};

/// Any of them, as plain data: `.schedule = one_cycle(4e-3)`.
using ScheduleSpec =
    std::variant<ConstantSchedule, OneCycle, SlantedTriangular, Cosine, Exponential, Plateau, CustomSchedule>;

/// The optimizer's own rate at every step: the default.
inline ScheduleSpec constant() {
  return ConstantSchedule{};
}
/// One-cycle policy up to `max_lr`: `.schedule = one_cycle(4e-3)`.
inline ScheduleSpec one_cycle(double max_lr) {
  return OneCycle{.max_lr = max_lr};
}
/// The same with all options: `one_cycle({.max_lr = 4e-3, .pct_start = 0.2})`.
inline ScheduleSpec one_cycle(const OneCycle& options) {
  return options;
}
/// Slanted triangular rates up to `max_lr`.
inline ScheduleSpec slanted_triangular(double max_lr) {
  return SlantedTriangular{.max_lr = max_lr};
}
/// The same with all options.
inline ScheduleSpec slanted_triangular(const SlantedTriangular& options) {
  return options;
}
/// Half a cosine from `max_lr` down to `min_lr`.
inline ScheduleSpec cosine(double max_lr, double min_lr = 0) {
  return Cosine{max_lr, min_lr};
}
/// By the same factor every step from `first_lr` to `last_lr`.
inline ScheduleSpec exponential(double first_lr, double last_lr) {
  return Exponential{first_lr, last_lr};
}
/// Lowers the optimizer's rate when validation no longer improves.
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

  /// The schedule as it was given.
  [[nodiscard]] const ScheduleSpec& spec() const { return spec_; }
  /// Does it follow a value that only validation gives?
  [[nodiscard]] bool needs_validation() const { return std::holds_alternative<Plateau>(spec_); }

  /// What a plateau remembers.
  struct State {
    double scale = 1;                 ///< what the optimizer's rate is multiplied by now
    std::optional<double> best = {};  ///< lowest value so far; empty before the first epoch
    std::size_t bad_epochs = 0;       ///< epochs without improvement since the best one or the last reduction
  };
  State state;  ///< to be saved and set; others than a plateau leave it as it is

 private:
  ScheduleSpec spec_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/schedule.ipp>
#endif
