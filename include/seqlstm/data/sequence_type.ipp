// Definitions of sequence_type.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/data/sequence_type.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline char upper_case(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}
inline std::string_view without_stop(std::string_view sequence) {
  if (sequence.ends_with('*')) sequence.remove_suffix(1);
  return sequence;
}

}  // namespace detail

SEQLSTM_INLINE SequenceType inferred_sequence_type(std::span<const std::string> sequences) {
  return are_nucleotides(sequences) ? SequenceType::dna : SequenceType::protein;
}

SEQLSTM_INLINE std::string canonical_letters(std::string_view sequence) {
  std::string letters(detail::without_stop(sequence));
  std::transform(letters.begin(), letters.end(), letters.begin(), detail::upper_case);
  return letters;
}

SEQLSTM_INLINE std::string canonical_letters(std::string_view sequence, SequenceType type) {
  std::string letters = canonical_letters(sequence);
  if (type == SequenceType::dna) std::replace(letters.begin(), letters.end(), 'U', 'T');
  return letters;
}

SEQLSTM_INLINE bool CanonicalLess::operator()(std::string_view a, std::string_view b) const {
  return std::ranges::lexicographical_compare(detail::without_stop(a), detail::without_stop(b), {},
                                              detail::upper_case, detail::upper_case);
}

SEQLSTM_NAMESPACE_END
