// Are an optimizer's or a schedule's numbers in range? The sentences that say so.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/names.hpp>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Throws option_error unless `fits`. The sentence is put together only then: checks are part of every step.
void check_number(bool fits, std::string_view owner, std::string_view what, double value,
                  const char* expected);
inline void check_number(bool fits, std::string_view what, double value, const char* expected) {
  check_number(fits, what, "", value, expected);
}
void check_rate(std::string_view owner, double lr);
/// The highest rate of a schedule.
void check_peak(std::string_view schedule, double lr);
/// Decay rates of running means.
inline void check_fraction(std::string_view what, double value) {
  check_number(value >= 0 && value < 1, what, value, "at least 0 and below 1");
}
inline void check_share(std::string_view what, double value) {
  check_number(value > 0 && value < 1, what, value, "a number between 0 and 1");
}
void check_not_negative(std::string_view what, double value);
void check_at_least_one(std::string_view what, double value);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/detail/check.ipp>
#endif
