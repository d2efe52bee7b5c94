// Work of a layer cut into one part per thread, when there is enough of it.
#pragma once

#include <seqlstm/core/parallel.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Elementary operations below which waking another thread costs more than it saves.
inline constexpr std::size_t worth_a_thread = std::size_t{1} << 16U;

/// How many parts `work` elementary operations are cut into.
inline std::size_t parts_for(std::size_t work) {
  return work < worth_a_thread ? 1 : threads();
}

/// Calls body(range) for parts of [0, total) cut at multiples of `grain`, on one thread when `work` is small.
/// Which way it goes must not show in the result.
template <class Body> void for_parts(std::size_t total, std::size_t grain, std::size_t work, Body&& body) {
  const std::size_t parts = parts_for(work);
  parallel_for(parts, [&](std::size_t part) {
    const Range range = part_of(total, parts, part, grain);
    if (range.begin < range.end) body(range);
  });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
