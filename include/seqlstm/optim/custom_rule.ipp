// Definitions of custom_rule.hpp.
#pragma once

#include <seqlstm/optim/custom_rule.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void CustomRule::check() const {
  detail::check_rate(name, lr);
  if (momentum) detail::check_fraction(name + ": the momentum", *momentum);
  if (!update_float || !update_double) throw option_error(name + ": the rule has no function");
  if (arrays < 1 || arrays > 2)
    throw option_error(name + ": arrays is " + std::to_string(arrays) + ", expected 1 or 2");
}

SEQLSTM_NAMESPACE_END
