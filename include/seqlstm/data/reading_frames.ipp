// Definitions of reading_frames.hpp.
#pragma once

#include <seqlstm/core/random.hpp>
#include <seqlstm/data/reading_frames.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t ReadingFrames::count() const {
  const auto& options = tokenizer_.options();
  return options.stride <= options.k ? options.stride : 1;
}

SEQLSTM_INLINE ReadingFrames::Room& ReadingFrames::room() {
  thread_local Room room;
  return room;
}

SEQLSTM_INLINE void ReadingFrames::read(const TokenBatch& batch, std::size_t frame,
                                        TokenBatch& result) const {
  read_each(batch, result, [frame](std::uint64_t) { return frame; });
}

SEQLSTM_INLINE void ReadingFrames::draw(const TokenBatch& batch, const RandomKey& key,
                                        TokenBatch& result) const {
  read_each(batch, result, [this, &key](std::uint64_t record) -> std::size_t {
    return random_block(key, record, 0, 0)[0] * std::uint64_t{count()} >> 32U;
  });
}

SEQLSTM_NAMESPACE_END
