// The letters of a sequence and what stands between them in files: white space and numbers of positions are
// residues in no format. Every reader takes them out here.
#pragma once

#include <array>
#include <cstddef>
#include <seqlstm/core/abi.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// 1 for white space, 2 for a digit, 0 for a letter. The two bytes of UTF-8's no-break space (web pages have
/// it) count as white space: apart from it they belong to no letter of a sequence.
inline constexpr std::array<unsigned char, 256> layout_kinds = [] {
  std::array<unsigned char, 256> kinds{};
  for (const char c : {' ', '\t', '\v', '\f', '\n', '\r'}) kinds[static_cast<unsigned char>(c)] = 1;
  kinds[0xC2] = kinds[0xA0] = 1;
  for (unsigned char c = '0'; c <= '9'; ++c) kinds[c] = 2;
  return kinds;
}();

}  // namespace detail

/// Is the character layout, a letter of no sequence: white space, or a digit (numbered blocks)? Gaps ('-',
/// '.') and stops ('*') are letters.
constexpr bool is_layout(char character) {
  return detail::layout_kinds[static_cast<unsigned char>(character)] != 0;
}

/// Where letters of a text stood before layout was taken out: how many characters went before which letter.
/// Takes at most as many bytes as the text had; a text without layout takes none.
class LetterGaps {
 public:
  /// Forgets all gaps, for the next sequence.
  void clear() {
    bytes_.clear();
    last_ = pending_ = 0;
  }
  /// A line of the file begins: what was taken out at the end of the last one moved no letter.
  void begin_line() { pending_ = 0; }
  /// Characters were taken out.
  void take(std::size_t count) { pending_ += count; }
  /// The next letter has place `at`, above all before.
  void letter(std::size_t at);
  /// Characters taken out between the line's beginning, whose first letter has place `line_start`, and `at`.
  [[nodiscard]] std::size_t before(std::size_t line_start, std::size_t at) const;
  friend bool operator==(const LetterGaps&, const LetterGaps&) = default;

 private:
  // Numbers of seven bits a byte, the lowest first; the eighth bit says that more come.
  void put(std::size_t number);
  [[nodiscard]] std::size_t get(std::size_t& i) const;

  std::string bytes_;  // pairs: letters since the last gap, characters taken out
  std::size_t last_ = 0, pending_ = 0;
};

/// Appends the letters of a text to a sequence, without layout, and notes the gaps where asked. Returns the
/// number of digits taken out. The one place where layout goes.
std::size_t append_letters(std::string& sequence, std::string_view text, LetterGaps* gaps = nullptr);

/// Digits that a sequence of any length may have among its letters (numbers of positions). One that has more,
/// and more digits than letters, holds quality values or colours: no letters.
inline constexpr std::size_t few_digits = 20;

/// The letters of a text without layout.
inline std::string letters_of(std::string_view text) {
  std::string letters;
  append_letters(letters, text);
  return letters;
}

/// How many letters a text has.
std::size_t count_letters(std::string_view text);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/letters.ipp>
#endif
