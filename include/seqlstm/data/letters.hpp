// The letters of a sequence and what stands between them in files: white space and numbers of positions are
// residues in no format. Every reader takes them out here.
#pragma once

#include <algorithm>
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
  void clear() {
    bytes_.clear();
    last_ = pending_ = 0;
  }
  /// A line of the file begins: what was taken out at the end of the last one moved no letter.
  void begin_line() { pending_ = 0; }
  /// Characters were taken out.
  void take(std::size_t count) { pending_ += count; }
  /// The next letter has place `at`, above all before.
  void letter(std::size_t at) {
    if (pending_ == 0) return;
    put(at - last_);
    put(pending_);
    last_ = at;
    pending_ = 0;
  }
  /// Characters taken out between the line's beginning, whose first letter has place `line_start`, and `at`.
  [[nodiscard]] std::size_t before(std::size_t line_start, std::size_t at) const {
    std::size_t taken = 0, place = 0;
    for (std::size_t i = 0; i < bytes_.size();) {
      place += get(i);
      const std::size_t count = get(i);
      if (place > at) break;
      taken += place >= line_start ? count : 0;
    }
    return taken;
  }
  friend bool operator==(const LetterGaps&, const LetterGaps&) = default;

 private:
  // Numbers of seven bits a byte, the lowest first; the eighth bit says that more come.
  void put(std::size_t number) {
    for (; number >= 128; number /= 128) bytes_ += static_cast<char>(number % 128 + 128);
    bytes_ += static_cast<char>(number);
  }
  [[nodiscard]] std::size_t get(std::size_t& i) const {
    std::size_t number = 0;
    for (std::size_t shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[i++]);
      number |= static_cast<std::size_t>(byte % 128) << shift;
      if (byte < 128) return number;
    }
  }

  std::string bytes_;  // pairs: letters since the last gap, characters taken out
  std::size_t last_ = 0, pending_ = 0;
};

/// Appends the letters of a text to a sequence, without layout, and notes the gaps where asked. Returns the
/// number of digits taken out. The one place where layout goes.
inline std::size_t append_letters(std::string& sequence, std::string_view text, LetterGaps* gaps = nullptr) {
  const auto kind = [](char c) { return detail::layout_kinds[static_cast<unsigned char>(c)]; };
  std::size_t digits = 0;
  for (auto from = text.begin(); from != text.end();) {
    const auto run = std::find_if_not(from, text.end(), kind);
    for (auto c = from; c != run; ++c) digits += kind(*c) == 2 ? 1 : 0;
    const auto end = std::find_if(run, text.end(), kind);
    if (gaps != nullptr) {
      gaps->take(static_cast<std::size_t>(run - from));
      if (run != end) gaps->letter(sequence.size());
    }
    sequence.append(run, end);
    from = end;
  }
  return digits;
}

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
inline std::size_t count_letters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_layout));
}

SEQLSTM_NAMESPACE_END
