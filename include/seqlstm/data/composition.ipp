// Definitions of composition.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/composition.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class Features> FeatureDataset features_of(const LabelledRecords& data, const Features& features) {
  FeatureDataset rows;
  rows.width = features.width();
  rows.labels = data.labels;
  rows.label_width = data.label_width;
  rows.values.resize(data.records.size() * rows.width);
  for (std::size_t i = 0; i < data.records.size(); ++i)
    features.fill(data.records[i].sequence, &rows.values[i * rows.width]);
  return rows;
}

/// Adds 100 / length to the count of every k-mer of ACGT.
inline void count_words(std::string_view sequence, std::size_t k, float* counts) {
  for (std::size_t t = 0; t + k <= sequence.size(); ++t) {
    std::size_t word = 0;
    bool known = true;
    for (std::size_t i = t; i < t + k; ++i) {
      const auto id = dna4.id(sequence[i]);
      known = known && id >= 0;
      word = 4 * word + static_cast<std::size_t>(id >= 0 ? id : 0);
    }
    if (known) counts[word] += 100.0F / static_cast<float>(sequence.size());
  }
}

}  // namespace detail

SEQLSTM_INLINE FeatureDataset DnaFeatures::operator()(const LabelledRecords& data) const {
  return detail::features_of(data, *this);
}

SEQLSTM_INLINE void DnaFeatures::fill(std::string_view sequence, float* row) const {
  for (std::size_t t = 0; t < std::min(positions_, sequence.size()); ++t)
    if (const auto id = dna4.id(sequence[t]); id >= 0) row[4 * t + static_cast<std::size_t>(id)] = 1;
  detail::count_words(sequence, 3, row + 4 * positions_);
  detail::count_words(sequence, 4, row + 4 * positions_ + 64);
}

SEQLSTM_INLINE FeatureDataset ProteinFeatures::operator()(const LabelledRecords& data) const {
  return detail::features_of(data, *this);
}

SEQLSTM_INLINE void ProteinFeatures::fill(std::string_view sequence, float* row) const {
  const float one = 1.0F / static_cast<float>(std::max<std::size_t>(1, sequence.size()));
  row[20] = std::log(static_cast<float>(std::max<std::size_t>(1, sequence.size())) / 200.0F);
  auto before = Alphabet::none;
  for (const char letter : sequence) {
    const auto id = aa20.id(letter);
    if (id != Alphabet::none) row[id] += 20 * one;
    if (pairs_ && id != Alphabet::none && before != Alphabet::none)
      row[21 + 20 * before + id] += 20 * one;  // rare: not 400, which would drown the others
    before = id;
  }
}

SEQLSTM_NAMESPACE_END
