// Simulated promoters for a first run without files: published sigma-70 motifs in random background.
//
// -35 box TTGACA and -10 box TATAAT with the letter frequencies of Lisser and Margalit (Nucleic Acids Res.
// 21, 1993), 15 to 19 bases apart, 92 % of them 16 to 18 (Harley and Reynolds, Nucleic Acids Res. 15, 1987).
// The transcription start of a positive is base 50 of its 60; negatives are random bases, half of them with
// one box alone, anywhere.
#pragma once

#include <array>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/record.hpp>
#include <string>
#include <string_view>

namespace examples {

struct Box {
  std::string_view consensus;
  std::array<double, 6> frequency;  ///< of the consensus letter; the others share the rest
};

inline constexpr Box minus_35{"TTGACA", {0.69, 0.79, 0.61, 0.56, 0.54, 0.54}};
inline constexpr Box minus_10{"TATAAT", {0.77, 0.76, 0.60, 0.61, 0.56, 0.82}};

inline char random_base(seqlstm::RandomStream& random, char except = '\0') {
  for (;;) {
    const char base = "ACGT"[random.below(4)];
    if (base != except) return base;
  }
}

inline void write_box(std::string& sequence, std::size_t at, const Box& box, seqlstm::RandomStream& random) {
  for (std::size_t k = 0; k < 6; ++k) {
    const char letter = box.consensus[k];
    sequence[at + k] = random.uniform() < box.frequency[k] ? letter : random_base(random, letter);
  }
}

/// Bases between the boxes: 17 most often.
inline std::size_t random_spacing(seqlstm::RandomStream& random) {
  const double u = random.uniform();
  if (u < 0.04) return 15;
  if (u < 0.26) return 16;
  if (u < 0.74) return 17;
  if (u < 0.96) return 18;
  return 19;
}

/// `count` promoters (label 1) and as many others (label 0) of 60 bases, the transcription start at base 50.
inline seqlstm::LabelledRecords simulate_promoters(std::size_t count, std::uint64_t seed) {
  constexpr std::size_t length = 60;
  seqlstm::RandomStream random(seed, 0x50524F4DU);  // "PROM"
  seqlstm::LabelledRecords data;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    const bool promoter = i % 2 == 0;
    std::string sequence(length, 'A');
    for (char& base : sequence) base = random_base(random);
    if (promoter) {
      const std::size_t minus_10_begin = 50 - 6 - (6 + random.below(4));
      write_box(sequence, minus_10_begin, minus_10, random);
      write_box(sequence, minus_10_begin - random_spacing(random) - 6, minus_35, random);
    } else if (const double kind = random.uniform(); kind < 0.5) {
      write_box(sequence, random.below(length - 6 + 1), kind < 0.25 ? minus_35 : minus_10, random);
    }
    seqlstm::Record record;
    record.id = (promoter ? "promoter_" : "other_") + std::to_string(i / 2);
    record.sequence = sequence;
    data.records.push_back(std::move(record));
    data.labels.push_back(promoter ? 1.0 : 0.0);
  }
  return data;
}

/// `count` random proteins of `length` residues with the motif AKGDKICL: label 1 where it stands in the first
/// or last eighth (class A), 0 where it stands in the middle quarter (class B). Only its place tells them
/// apart.
inline seqlstm::LabelledRecords simulate_motif_position(std::size_t count, std::size_t length,
                                                        std::uint64_t seed) {
  constexpr std::string_view motif = "AKGDKICL", residues = "ACDEFGHIKLMNPQRSTVWY";
  seqlstm::RandomStream random(seed, 0x4D4F5449U);  // "MOTI"
  seqlstm::LabelledRecords data;
  for (std::size_t i = 0; i < count; ++i) {
    const bool at_end = i % 2 == 0;
    std::string sequence(length, 'A');
    for (char& residue : sequence) residue = residues[random.below(residues.size())];
    const std::size_t room = std::max<std::size_t>(1, length / 8 - std::min(length / 8, motif.size()) + 1);
    const std::size_t shift = random.below(room);
    std::size_t at =
        length / 2 - length / 8 + random.below(std::max<std::size_t>(1, length / 4 - motif.size() + 1));
    if (at_end) at = random.uniform() < 0.5 ? shift : length - motif.size() - shift;
    sequence.replace(at, motif.size(), motif);
    seqlstm::Record record;
    record.id = (at_end ? "end_" : "middle_") + std::to_string(i);
    record.sequence = sequence;
    data.records.push_back(std::move(record));
    data.labels.push_back(at_end ? 1.0 : 0.0);
  }
  return data;
}

}  // namespace examples
