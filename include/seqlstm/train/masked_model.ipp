// Definitions of masked_model.hpp.
#pragma once

#include <seqlstm/train/masked_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void MaskedBatch::hide(const RandomKey& key, double p, Token id) {
  hide_tokens(batch, key, p, id, &hidden);
  count = static_cast<std::size_t>(
      std::count_if(hidden.begin(), hidden.end(), [](Token token) { return token >= 0; }));
}

SEQLSTM_INLINE BatcherOptions masked_batches(const MaskedFitOptions& options, bool shuffle) {
  BatcherOptions batches;
  batches.batch_size = options.batch_size;
  batches.token_budget = options.token_budget;
  batches.shuffle = shuffle;
  batches.seed = options.seed;
  return batches;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
