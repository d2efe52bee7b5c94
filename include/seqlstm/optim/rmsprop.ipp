// Definitions of rmsprop.hpp.
#pragma once

#include <seqlstm/optim/rmsprop.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void RmsProp::check() const {
  detail::check_rate("rmsprop", lr);
  detail::check_fraction("rmsprop: alpha", alpha);
  detail::check_not_negative("rmsprop: eps", eps);
  detail::check_not_negative("rmsprop: weight_decay", weight_decay);
}

SEQLSTM_NAMESPACE_END
