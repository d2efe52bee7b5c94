// What the update rules (sgd.hpp, adam.hpp, rmsprop.hpp) have in common.
//
// A rule is plain data with three functions: check() throws option_error for options out of range, `arrays`
// is the number of arrays it keeps per weight (1 or 2), and update() changes n weights and what is kept of
// them. Arithmetic is in the weights' own type, element by element, so a rule may be run on any part of an
// array.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/optim/detail/check.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What an optimizer remembers of a parameter; `second` is empty where the rule keeps one array only.
template <Scalar T> struct OptimizerSlot {
  std::string name;
  AlignedBuffer<T> first, second;
  std::uint64_t updates = 0;  ///< made to this parameter: none while it is frozen
};

/// Numbers of one update: the rate after schedule and group factor, and the number of this update, from 1.
struct UpdateStep {
  double lr = 0;
  std::optional<double> momentum = {};  // replaces momentum or beta1
  std::uint64_t number = 1;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
