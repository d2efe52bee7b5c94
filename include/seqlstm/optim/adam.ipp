// Definitions of adam.hpp.
#pragma once

#include <seqlstm/optim/adam.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void Adam::check() const {
  const std::string rule = decoupled ? "adamw" : "adam";
  detail::check_rate(rule, lr);
  detail::check_fraction(rule + ": beta1", beta1);
  detail::check_fraction(rule + ": beta2", beta2);
  detail::check_not_negative(rule + ": eps", eps);
  detail::check_not_negative(rule + ": weight_decay", weight_decay);
}

SEQLSTM_NAMESPACE_END
