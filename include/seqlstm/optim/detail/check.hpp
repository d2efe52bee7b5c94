// Are an optimizer's or a schedule's numbers in range? The sentences that say so.
#pragma once

#include <cmath>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Throws option_error unless `fits`. The sentence is put together only then: checks are part of every step.
inline void check_number(bool fits, std::string_view owner, std::string_view what, double value,
                         const char* expected) {
  if (!fits)
    throw option_error(std::string(owner).append(what) + " is " + number_text(value) + ", expected " +
                       expected);
}
inline void check_number(bool fits, std::string_view what, double value, const char* expected) {
  check_number(fits, what, "", value, expected);
}
inline void check_rate(std::string_view owner, double lr) {
  check_number(lr >= 0 && std::isfinite(lr), owner, ": the learning rate", lr,
               "a finite number of at least 0, for instance 1e-3");
}
/// The highest rate of a schedule.
inline void check_peak(std::string_view schedule, double lr) {
  check_number(lr > 0 && std::isfinite(lr), schedule, ": the learning rate", lr,
               "a finite number above 0, for instance 1e-3");
}
/// Decay rates of running means.
inline void check_fraction(std::string_view what, double value) {
  check_number(value >= 0 && value < 1, what, value, "at least 0 and below 1");
}
inline void check_share(std::string_view what, double value) {
  check_number(value > 0 && value < 1, what, value, "a number between 0 and 1");
}
inline void check_not_negative(std::string_view what, double value) {
  check_number(value >= 0 && std::isfinite(value), what, value, "a finite number of at least 0");
}
inline void check_at_least_one(std::string_view what, double value) {
  check_number(value >= 1 && std::isfinite(value), what, value, "a finite number of at least 1");
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
