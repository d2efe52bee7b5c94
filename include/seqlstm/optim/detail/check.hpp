// Are an optimizer's or a schedule's numbers in range? The sentences that say so.
#pragma once

#include <cmath>
#include <seqlstm/nn/names.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Throws option_error unless `fits`.
inline void check_number(bool fits, const std::string& what, double value, const char* expected) {
  if (!fits) throw option_error(what + " is " + number_text(value) + ", expected " + expected);
}
inline void check_rate(const std::string& owner, double lr) {
  check_number(lr >= 0 && std::isfinite(lr), owner + ": the learning rate", lr,
               "a finite number of at least 0, for instance 1e-3");
}
/// The highest rate of a schedule.
inline void check_peak(const std::string& schedule, double lr) {
  check_number(lr > 0 && std::isfinite(lr), schedule + ": the learning rate", lr,
               "a finite number above 0, for instance 1e-3");
}
/// Decay rates of running means.
inline void check_fraction(const std::string& what, double value) {
  check_number(value >= 0 && value < 1, what, value, "at least 0 and below 1");
}
inline void check_share(const std::string& what, double value) {
  check_number(value > 0 && value < 1, what, value, "a number between 0 and 1");
}
inline void check_not_negative(const std::string& what, double value) {
  check_number(value >= 0 && std::isfinite(value), what, value, "a finite number of at least 0");
}
inline void check_at_least_one(const std::string& what, double value) {
  check_number(value >= 1 && std::isfinite(value), what, value, "a finite number of at least 1");
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
