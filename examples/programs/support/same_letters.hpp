// When two sequences are the same: by their letters, however a file writes them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace examples {

namespace detail {

inline char upper_case(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}
inline std::string_view without_stop(std::string_view sequence) {
  if (sequence.ends_with('*')) sequence.remove_suffix(1);
  return sequence;
}

}  // namespace detail

/// The letters that count where sequences are compared: in upper case, without the stop (*) that may end a
/// translated gene.
inline std::string compared_letters(std::string_view sequence) {
  std::string letters(detail::without_stop(sequence));
  std::transform(letters.begin(), letters.end(), letters.begin(), detail::upper_case);
  return letters;
}

/// Orders by compared_letters: for sets and maps whose keys are sequences.
struct ByLetters {
  bool operator()(std::string_view a, std::string_view b) const {
    return std::ranges::lexicographical_compare(detail::without_stop(a), detail::without_stop(b), {},
                                                detail::upper_case, detail::upper_case);
  }
};

}  // namespace examples
