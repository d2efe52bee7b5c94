// Definitions of check.hpp.
#pragma once

#include <cmath>
#include <seqlstm/optim/detail/check.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_number(bool fits, std::string_view owner, std::string_view what, double value,
                                 const char* expected) {
  if (!fits)
    throw option_error(std::string(owner).append(what) + " is " + number_text(value) + ", expected " +
                       expected);
}

SEQLSTM_INLINE void check_rate(std::string_view owner, double lr) {
  check_number(lr >= 0 && std::isfinite(lr), owner, ": the learning rate", lr,
               "a finite number of at least 0, for instance 1e-3");
}

SEQLSTM_INLINE void check_peak(std::string_view schedule, double lr) {
  check_number(lr > 0 && std::isfinite(lr), schedule, ": the learning rate", lr,
               "a finite number above 0, for instance 1e-3");
}

SEQLSTM_INLINE void check_not_negative(std::string_view what, double value) {
  check_number(value >= 0 && std::isfinite(value), what, value, "a finite number of at least 0");
}

SEQLSTM_INLINE void check_at_least_one(std::string_view what, double value) {
  check_number(value >= 1 && std::isfinite(value), what, value, "a finite number of at least 1");
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
