// Definitions of agreement.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <seqlstm/core/random.hpp>
#include <seqlstm/ranks/agreement.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string fingerprint(std::span<const std::byte> bytes) {
  std::uint64_t state = detail::mix64(bytes.size());
  for (std::size_t begin = 0; begin < bytes.size(); begin += sizeof state) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + begin, std::min(sizeof word, bytes.size() - begin));
    state = detail::mix64(state ^ word);
  }
  std::string digits(16, '0');
  for (std::size_t i = 0; i < digits.size(); ++i)
    digits[i] = "0123456789abcdef"[(state >> (60U - 4U * i)) & 15U];
  return digits;
}

SEQLSTM_INLINE void require_agreement(Communicator& communicator, std::span<const SharedFact> facts) {
  // Names and values, each with a null character at its end.
  std::string own;
  for (const SharedFact& fact : facts)
    for (const std::string& text : {fact.name, fact.value}) own += text.substr(0, text.find('\0')) + '\0';
  const auto all = communicator.gather(own);
  const auto next = [](const std::string& text, std::size_t& begin) {
    const std::size_t end = text.find('\0', begin);
    if (end == std::string::npos) return std::string();
    std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    return word;
  };
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    const std::string who = "rank " + std::to_string(rank) + " of " + std::to_string(all.size());
    for (std::size_t ours = 0, theirs = 0; ours < all[0].size();) {
      const std::string name = next(all[0], ours), value = next(all[0], ours);
      if (next(all[rank], theirs) != name) break;
      const std::string found = next(all[rank], theirs);
      if (found == value) continue;
      const auto fact =
          std::find_if(facts.begin(), facts.end(), [&](const SharedFact& f) { return f.name == name; });
      const std::string advice = fact == facts.end() ? std::string() : fact->advice;
      throw option_error(name + " of " + who + " is '" + found + "', but '" + value + "' at rank 0" +
                         (advice.empty() ? "" : "; " + advice));
    }
    throw option_error(who + " was asked for other things than rank 0; run one program on all ranks");
  }
}

SEQLSTM_NAMESPACE_END
