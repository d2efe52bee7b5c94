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
  if (options.communicator && shuffle) batches.min_batch_size = options.shards;
  return batches;
}

SEQLSTM_INLINE void MaskedBatch::assign_part(const MaskedBatch& from, std::span<const std::size_t> indices) {
  batch.assign_part(from.batch, indices);
  const PackedLayout& layout = batch.layout;
  hidden.resize(layout.tokens());
  for (std::size_t t = 0; t < layout.steps(); ++t)
    for (std::size_t r = 0; r < layout.active(t); ++r)
      hidden[layout.offset(t) + r] =
          from.hidden[from.batch.layout.offset(t) + from.batch.layout.rank(indices[layout.order(r)])];
  count = from.count;
}

SEQLSTM_INLINE std::vector<SharedFact> masked_facts(const MaskedFitOptions& options, std::size_t updates,
                                                    const SequenceDataset& train,
                                                    const SequenceDataset& valid) {
  const std::string text =
      "masked " + number_text(options.masked) + ", batch_size " + std::to_string(options.batch_size) +
      ", max_tokens " + std::to_string(options.max_tokens) + ", epochs " + std::to_string(options.epochs) +
      ", shards " + std::to_string(options.shards) + ", seed " + std::to_string(options.seed) +
      ", clip_norm " + number_text(options.clip_norm) + watched_text(false, static_cast<bool>(options.stop)) +
      updates_text(options, updates);
  const char* same_files = "give all ranks the same files";
  return {{"the training data", data_fingerprint(train), same_files},
          {"the validation data", data_fingerprint(valid), same_files},
          {"the options of the training", text, "give all ranks the same options"}};
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
