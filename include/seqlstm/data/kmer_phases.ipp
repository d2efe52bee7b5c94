// Definitions of kmer_phases.hpp.
#pragma once

#include <seqlstm/core/random.hpp>
#include <seqlstm/data/kmer_phases.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t KmerPhases::count() const {
  const auto& options = tokenizer_.options();
  return options.stride <= options.k ? options.stride : 1;
}

SEQLSTM_INLINE KmerPhases::Room& KmerPhases::room() {
  thread_local Room room;
  return room;
}

SEQLSTM_INLINE void KmerPhases::read(const SequenceBatch& batch, std::size_t phase,
                                     SequenceBatch& result) const {
  read_each(batch, result, [phase](std::uint64_t) { return phase; });
}

SEQLSTM_INLINE void KmerPhases::draw(const SequenceBatch& batch, const RandomKey& key,
                                     SequenceBatch& result) const {
  read_each(batch, result, [this, &key](std::uint64_t record) -> std::size_t {
    return random_block(key, record, 0, 0)[0] * std::uint64_t{count()} >> 32U;
  });
}

SEQLSTM_NAMESPACE_END
