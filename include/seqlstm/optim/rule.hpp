// What the update rules (sgd.hpp, adam.hpp, rmsprop.hpp) have in common.
#pragma once

#include <cmath>
#include <optional>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/module.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What an update rule keeps per weight; both may be unused.
template <Scalar T> struct OptimizerSlot {
  std::string name;
  AlignedBuffer<T> first, second;
};

/// Numbers of one update: the rate after schedule and group factor, and the number of this update, from 1.
struct UpdateStep {
  double lr = 0;
  std::optional<double> momentum = {};  // replaces momentum or beta1
  std::uint64_t number = 1;
};

inline void check_range(const char* rule, const char* option, double value, double low, double high) {
  if (!(value >= low && value <= high))
    throw option_error(std::string(rule) + ": " + option + " is " + std::to_string(value) + ", expected " +
                       std::to_string(low) + " to " + std::to_string(high));
}
inline void check_rate(const char* rule, double lr) {
  if (!(lr >= 0 && std::isfinite(lr)))
    throw option_error(std::string(rule) + ": the learning rate is " + std::to_string(lr) +
                       ", expected a finite number of at least 0, for instance 1e-3");
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
