// What the update rules (sgd.hpp, adam.hpp, rmsprop.hpp) have in common.
//
// A rule is plain data: `lr`, its own learning rate; `arrays`, the number of arrays it keeps per weight (1 or
// 2); check(), which throws option_error for options out of range; and update(), which changes n weights and
// what is kept of them. Arithmetic is in the weights' own type, element by element, so a rule may be run on
// any part of an array.
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

}  // namespace detail

/// Numbers of one update of a parameter.
struct UpdateStep {
  double lr = 0;  ///< after schedule and parameter group
  /// Instead of the rule's own `momentum` or `beta1`; empty for a rule that has neither, without a
  /// schedule's.
  std::optional<double> momentum = {};
  std::uint64_t number = 1;  ///< which update of the parameter this is, from 1
};

SEQLSTM_NAMESPACE_END
