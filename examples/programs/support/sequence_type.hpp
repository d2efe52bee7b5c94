// Proteins or DNA: what outside programs are told, and how sequences are compared.
#pragma once

#include <algorithm>
#include <seqlstm/data/leakage.hpp>
#include <span>
#include <string>
#include <vector>

#include "support/same_letters.hpp"

namespace examples {

enum class SequenceType { protein, dna };

/// `option` is protein, dna, or auto: what the letters say (seqlstm::are_nucleotides).
inline SequenceType sequence_type(const std::string& option, std::span<const std::string> sequences) {
  const bool dna = option == "auto" ? seqlstm::are_nucleotides(sequences) : option == "dna";
  return dna ? SequenceType::dna : SequenceType::protein;
}

/// The letter that stands for any.
inline char any_letter(SequenceType type) {
  return type == SequenceType::dna ? 'N' : 'X';
}
/// Letters below which mmseqs has no words to search with; its words of DNA are spaced.
inline std::size_t shortest_for_mmseqs(SequenceType type) {
  return type == SequenceType::dna ? 17 : 11;
}
/// Letters of the words that are compared where nothing is aligned: 6 amino acids; of 4 letters, 12.
inline std::size_t word_letters(SequenceType type) {
  return type == SequenceType::dna ? 12 : 6;
}

/// compared_letters; of RNA as DNA.
inline std::string compared_letters(std::string_view sequence, SequenceType type) {
  std::string letters = compared_letters(sequence);
  if (type == SequenceType::dna) std::replace(letters.begin(), letters.end(), 'U', 'T');
  return letters;
}

}  // namespace examples
