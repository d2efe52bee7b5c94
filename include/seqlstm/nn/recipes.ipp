// Definitions of recipes.hpp.
#pragma once

#include <seqlstm/nn/recipes.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE DropoutRecipe dropout(double p) {
  return {{.p = p, .variational = false, .name = {}}};
}

SEQLSTM_NAMESPACE_END
