// Definitions of packed.hpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/packed.hpp>

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
  const std::size_t steps = count == 0 ? 0 : lengths_[0];
  active_.resize(steps);
  offset_.resize(steps + 1);
  offset_[0] = 0;
  std::size_t running = count;
  for (std::size_t t = 0; t < steps; ++t) {
    while (lengths_[running - 1] <= t) --running;
    active_[t] = running;
    offset_[t + 1] = offset_[t] + running;
  }
}

SEQLSTM_INLINE void PackedLayout::sort_rows(std::span<const std::size_t> lengths) {
  order_.resize(lengths.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
}

SEQLSTM_INLINE void TokenBatch::assign(std::span<const std::span<const Token>> sequences,
                                       std::span<const std::uint64_t> record_numbers) {
  lengths_.resize(sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) lengths_[i] = sequences[i].size();
  layout.assign(lengths_, record_numbers);
  records.resize(sequences.size());
  ids.resize(layout.tokens());
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    records[layout.order(r)] = layout.record(r);
    const auto sequence = sequences[layout.order(r)];
    for (std::size_t t = 0; t < sequence.size(); ++t) ids[layout.offset(t) + r] = sequence[t];
  }
  labels.clear();
  label_width = 0;
}

SEQLSTM_NAMESPACE_END
