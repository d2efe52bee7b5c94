// Definitions of random.hpp.
#pragma once

// Random123 reads the compiler's intrinsics, about which GCC 12 warns (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <Random123/philox.h>
#pragma GCC diagnostic pop
#else
#include <Random123/philox.h>
#endif

#include <seqlstm/core/random.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void random_blocks(const RandomKey& key, std::uint64_t record, std::uint32_t time,
                                  std::uint32_t first, std::span<std::array<std::uint32_t, 4>> blocks) {
  const std::uint64_t k = detail::mix64(key.seed ^ detail::mix64(key.stream));
  const std::uint64_t r = detail::mix64(record ^ detail::mix64(key.step));
  r123::Philox4x32 philox;
  const r123::Philox4x32::key_type philox_key = {
      {static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(k >> 32U)}};
  for (auto& block : blocks) {
    const r123::Philox4x32::ctr_type counter = {
        {first++, time, static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(r >> 32U)}};
    const auto out = philox(counter, philox_key);
    block = {out[0], out[1], out[2], out[3]};
  }
}
SEQLSTM_INLINE std::array<std::uint32_t, 4> random_block(const RandomKey& key, std::uint64_t record,
                                                         std::uint32_t time, std::uint32_t block) {
  std::array<std::array<std::uint32_t, 4>, 1> one;
  random_blocks(key, record, time, block, one);
  return one[0];
}

SEQLSTM_NAMESPACE_END
