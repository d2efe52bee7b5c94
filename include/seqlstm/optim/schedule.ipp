// Definitions of schedule.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <seqlstm/optim/schedule.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void OneCycle::check() const {
  detail::check_peak("one_cycle", max_lr);
  detail::check_share("one_cycle: pct_start", pct_start);
  detail::check_at_least_one("one_cycle: div_factor", div_factor);
  detail::check_at_least_one("one_cycle: final_div_factor", final_div_factor);
  detail::check_fraction("one_cycle: base_momentum", base_momentum);
  detail::check_fraction("one_cycle: max_momentum", max_momentum);
}

SEQLSTM_INLINE Rate OneCycle::at(std::size_t step, std::size_t total, double) const {
  const double up_end = std::fma(pct_start, static_cast<double>(total), -1.0),
               end = static_cast<double>(total) - 1;
  const double first = max_lr / div_factor, last = first / final_div_factor, s = static_cast<double>(step);
  const auto between = [](double from, double to, double share) {
    return std::fma((from - to) / 2, 1 + std::cos(std::numbers::pi * share), to);
  };
  if (s <= up_end || end <= up_end) {
    const double share = up_end > 0 ? std::min(1.0, s / up_end) : 1.0;
    return {between(first, max_lr, share), between(max_momentum, base_momentum, share)};
  }
  const double share = std::min(1.0, (s - up_end) / (end - up_end));
  return {between(max_lr, last, share), between(base_momentum, max_momentum, share)};
}

SEQLSTM_INLINE void SlantedTriangular::check() const {
  detail::check_peak("slanted_triangular", max_lr);
  detail::check_share("slanted_triangular: cut", cut);
  detail::check_at_least_one("slanted_triangular: ratio", ratio);
}

SEQLSTM_INLINE Rate SlantedTriangular::at(std::size_t step, std::size_t total, double) const {
  const double turn = std::max(1.0, std::floor(cut * static_cast<double>(total))),
               s = static_cast<double>(step);
  const double p = s < turn ? s / turn : 1 - (s - turn) / std::max(1.0, static_cast<double>(total) - turn);
  return {max_lr * std::fma(std::max(0.0, p), ratio - 1, 1.0) / ratio, {}};
}

SEQLSTM_INLINE Rate Cosine::at(std::size_t step, std::size_t total, double) const {
  const double share = static_cast<double>(step) / std::max(1.0, static_cast<double>(total) - 1);
  return {std::fma((max_lr - min_lr) / 2, 1 + std::cos(std::numbers::pi * std::min(1.0, share)), min_lr), {}};
}

SEQLSTM_INLINE Rate Exponential::at(std::size_t step, std::size_t total, double) const {
  const double share = static_cast<double>(step) / std::max(1.0, static_cast<double>(total) - 1);
  return {first_lr * std::pow(last_lr / first_lr, std::min(1.0, share)), {}};
}

SEQLSTM_INLINE Schedule::Schedule(ScheduleSpec spec) : spec_(std::move(spec)) {
  std::visit([](const auto& s) { s.check(); }, spec_);
}

SEQLSTM_INLINE Rate Schedule::at(std::size_t step, std::size_t total, double base_lr) const {
  if (const auto* p = std::get_if<Plateau>(&spec_))
    return {std::max(std::min(p->min_lr, base_lr), base_lr * state.scale), {}};
  return std::visit(
      [&](const auto& s) -> Rate {
        if constexpr (requires { s.at(step, total, base_lr); }) return s.at(step, total, base_lr);
        return {base_lr, {}};
      },
      spec_);
}

SEQLSTM_INLINE void Schedule::after_epoch(double value) {
  const auto* p = std::get_if<Plateau>(&spec_);
  if (p == nullptr) return;
  if (value < state.best.value_or(std::numeric_limits<double>::infinity())) {
    state.best = value;
    state.bad_epochs = 0;
  } else if (++state.bad_epochs > p->patience) {
    state.scale *= p->factor;
    state.bad_epochs = 0;
  }
}

SEQLSTM_NAMESPACE_END
