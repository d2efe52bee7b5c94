// Definitions of masked_model.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/train/masked_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void MaskedBatch::hide(const RandomKey& key, double p, Token id) {
  mask_tokens(batch, key, p, id, &hidden);
  count = static_cast<std::size_t>(
      std::count_if(hidden.begin(), hidden.end(), [](Token token) { return token >= 0; }));
}

SEQLSTM_INLINE BatcherOptions masked_batches(const MaskedFitOptions& options, bool shuffle) {
  BatcherOptions batches;
  batches.batch_size = options.batch_size;
  batches.max_tokens = options.max_tokens;
  batches.shuffle = shuffle;
  batches.seed = options.seed;
  return batches;
}

}  // namespace detail

SEQLSTM_INLINE LanguageScore token_frequency_score(const SequenceDataset& train,
                                                   const SequenceDataset& valid) {
  std::vector<double> share(train.vocabulary());
  for (const auto id : train.ids)
    share[static_cast<std::size_t>(id)] += 1 / static_cast<double>(train.tokens());
  const auto frequent = std::max_element(share.begin(), share.end()) - share.begin();
  LanguageScore score;
  score.tokens = valid.tokens();
  const auto count = static_cast<double>(valid.tokens());
  for (const auto id : valid.ids) {
    score.loss -= std::log(std::max(share[static_cast<std::size_t>(id)], 1e-9)) / count;
    score.accuracy += id == frequent ? 1 / count : 0;
  }
  return score;
}

SEQLSTM_NAMESPACE_END
