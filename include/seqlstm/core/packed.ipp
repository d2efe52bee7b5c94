// Definitions of packed.hpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void PackedLayout::assign(std::span<const std::size_t> lengths,
                                         std::span<const std::uint64_t> records) {
  const std::size_t count = lengths.size();
  sort_rows(lengths);
  lengths_.resize(count);
  rank_.resize(count);
  records_.resize(count);
  for (std::size_t r = 0; r < count; ++r) {
    lengths_[r] = lengths[order_[r]];
    rank_[order_[r]] = r;
    records_[r] = records.empty() ? order_[r] : records[order_[r]];
  }
  lay_out_steps();
}

SEQLSTM_INLINE void PackedLayout::lay_out_steps() {
  const std::size_t steps = lengths_.empty() ? 0 : lengths_[0];
  active_.resize(steps);
  offset_.resize(steps + 1);
  offset_[0] = 0;
  std::size_t running = lengths_.size();
  for (std::size_t t = 0; t < steps; ++t) {
    while (lengths_[running - 1] <= t) --running;
    active_[t] = running;
    offset_[t + 1] = offset_[t] + running;
  }
}

SEQLSTM_INLINE void PackedLayout::copy_rows(const PackedLayout& from) {
  if (&from == this) return;
  lengths_ = from.lengths_;
  order_ = from.order_;
  rank_ = from.rank_;
  records_ = from.records_;
}

SEQLSTM_INLINE void PackedLayout::shorten(std::size_t row, std::size_t length) {
  if (length > lengths_[row])
    throw shape_error("packed layout: " + std::to_string(lengths_[row]) + " tokens become " +
                      std::to_string(length) + ", expected no more than before");
  if (row > 0 && length > lengths_[row - 1])
    throw shape_error("packed layout: a sequence becomes longer, with " + std::to_string(length) +
                      " tokens, than one that was at least as long, with " +
                      std::to_string(lengths_[row - 1]) +
                      "; the new length must not fall where the old one rises");
  lengths_[row] = length;
}

SEQLSTM_INLINE void PackedLayout::sort_rows(std::span<const std::size_t> lengths) {
  order_.resize(lengths.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
}

SEQLSTM_NAMESPACE_END
