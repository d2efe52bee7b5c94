// Labelled sequences in three parts, small and learnable.
#pragma once

#include <seqlstm/train/labelled_parts.hpp>
#include <string>

namespace testing {

/// Sequences of `letters` letters that end in CC or in other letters; class 1 ("yes") is that of CC.
inline seqlstm::LabelledRecords ending_records(std::size_t count, std::size_t letters, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  seqlstm::LabelledRecords data;
  data.label_names = {"no", "yes"};
  for (std::size_t i = 0; i < count; ++i) {
    std::string sequence;
    for (std::size_t k = 0; k + 2 < letters; ++k) sequence += "ACGT"[random.below(4)];
    const bool yes = random.below(2) == 1;
    data.records.push_back({.id = "r" + std::to_string(i), .sequence = sequence + (yes ? "CC" : "GT")});
    data.labels.push_back(yes ? 1 : 0);
  }
  return data;
}

/// Those as tokens of letters, split by the same seed.
inline seqlstm::EncodedParts ending_parts(std::size_t count, std::size_t letters, std::uint64_t seed) {
  using namespace seqlstm;
  const auto parts = split_parts(ending_records(count, letters, seed), Task::binary, seed);
  return encode_parts(parts, objective_for(parts.task, parts.train), Tokenizer(dna4), {}, "data");
}

}  // namespace testing
