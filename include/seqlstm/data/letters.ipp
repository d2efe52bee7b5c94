// Definitions of letters.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/data/letters.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void LetterGaps::letter(std::size_t at) {
  if (pending_ == 0) return;
  put(at - last_);
  put(pending_);
  last_ = at;
  pending_ = 0;
}

SEQLSTM_INLINE std::size_t LetterGaps::before(std::size_t line_start, std::size_t at) const {
  std::size_t taken = 0, place = 0;
  for (std::size_t i = 0; i < bytes_.size();) {
    place += get(i);
    const std::size_t count = get(i);
    if (place > at) break;
    taken += place >= line_start ? count : 0;
  }
  return taken;
}

SEQLSTM_INLINE void LetterGaps::put(std::size_t number) {
  for (; number >= 128; number /= 128) bytes_ += static_cast<char>(number % 128 + 128);
  bytes_ += static_cast<char>(number);
}

SEQLSTM_INLINE std::size_t LetterGaps::get(std::size_t& i) const {
  std::size_t number = 0;
  for (std::size_t shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_[i++]);
    number |= static_cast<std::size_t>(byte % 128) << shift;
    if (byte < 128) return number;
  }
}

SEQLSTM_INLINE std::size_t append_letters(std::string& sequence, std::string_view text, LetterGaps* gaps) {
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

SEQLSTM_INLINE std::size_t count_letters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_layout));
}

SEQLSTM_NAMESPACE_END
