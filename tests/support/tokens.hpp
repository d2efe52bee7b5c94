// Packed batches of tokens for tests.
#pragma once

#include <seqlstm/core/sequence_batch.hpp>
#include <vector>

namespace testing {

inline seqlstm::SequenceBatch token_batch(const std::vector<std::vector<seqlstm::Token>>& sequences,
                                          const std::vector<std::uint64_t>& records = {}) {
  const std::vector<std::span<const seqlstm::Token>> views(sequences.begin(), sequences.end());
  seqlstm::SequenceBatch batch;
  batch.assign(views, records);
  return batch;
}

/// Sequences of the given lengths, every token 1.
inline seqlstm::SequenceBatch ones_of_lengths(const std::vector<std::size_t>& lengths,
                                              const std::vector<std::uint64_t>& records = {}) {
  std::vector<std::vector<seqlstm::Token>> sequences;
  for (const std::size_t n : lengths) sequences.emplace_back(n, seqlstm::Token(1));
  return token_batch(sequences, records);
}

/// Five sequences of 11 tokens of a vocabulary of 4: an empty one, one of one token, repeated tokens.
inline seqlstm::SequenceBatch few_tokens() {
  return token_batch({{0, 1, 2}, {3, 1, 0, 2, 2}, {}, {1}, {3, 0}});
}

}  // namespace testing
