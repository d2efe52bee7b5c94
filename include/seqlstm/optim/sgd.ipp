// Definitions of sgd.hpp.
#pragma once

#include <seqlstm/optim/sgd.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void Sgd::check() const {
  detail::check_rate("sgd", lr);
  detail::check_fraction("sgd: momentum", momentum);
  detail::check_not_negative("sgd: weight_decay", weight_decay);
  if (nesterov && momentum == 0)
    throw option_error("sgd: nesterov needs a momentum above 0, for instance 0.9");
}

SEQLSTM_NAMESPACE_END
