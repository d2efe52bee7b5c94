// Proteins or nucleic acids, and when two sequences are the same: by their letters, however a file writes
// them.
#pragma once

#include <seqlstm/core/abi.hpp>
#include <span>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// What the letters of sequences are.
enum class SequenceType {
  protein,  ///< amino acids
  dna       ///< nucleotides, of RNA too
};

/// dna where are_nucleotides(sequences), else protein.
SequenceType inferred_sequence_type(std::span<const std::string> sequences);

/// The letter that stands for any: N or X.
constexpr char any_letter(SequenceType type) {
  return type == SequenceType::dna ? 'N' : 'X';
}
/// Letters of the words that are compared where nothing is aligned: 6 amino acids; of 4 letters, 12.
constexpr std::size_t kmer_letters(SequenceType type) {
  return type == SequenceType::dna ? 12 : 6;
}

/// The letters that count where sequences are compared: in upper case, without the stop (*) that may end a
/// translated gene.
std::string canonical_letters(std::string_view sequence);
/// The same; U of RNA becomes T.
std::string canonical_letters(std::string_view sequence, SequenceType type);

/// Orders by canonical_letters(sequence), without a copy: for sets and maps whose keys are sequences.
struct CanonicalLess {
  /// Does `a` come before `b`?
  bool operator()(std::string_view a, std::string_view b) const;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/sequence_type.ipp>
#endif
