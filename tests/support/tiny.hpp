// A small learnable task and a small model for tests of training and files.
#pragma once

#include <seqlstm/data/split.hpp>
#include <seqlstm/nn/sequential.hpp>

#include "support/layers.hpp"

namespace testing {

/// Sequences of 3 to 12 letters; class 1 when the first letter is A or C.
inline seqlstm::SequenceDataset tiny_data(std::size_t records, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  seqlstm::LabelledRecords data;
  for (std::size_t i = 0; i < records; ++i) {
    seqlstm::Record record;
    record.id = "r" + std::to_string(i);
    for (std::size_t k = 0; k < 3 + random.below(10); ++k) record.sequence += "ACGT"[random.below(4)];
    if (record.sequence.empty()) record.sequence = "A";
    data.labels.push_back(record.sequence[0] == 'A' || record.sequence[0] == 'C' ? 1.0 : 0.0);
    data.records.push_back(std::move(record));
  }
  return seqlstm::encode(data, seqlstm::dna4);
}

inline auto tiny_model() {
  using namespace seqlstm;
  return sequential(embedding(6), lstm({.hidden = 10, .bidirectional = true}), concat(last(), mean()),
                    batch_norm(), dropout(0.2), dense(1));
}
using TinyModel = decltype(tiny_model());

}  // namespace testing
