// Which tokens may stand behind one another in a sequence: neighbouring k-mers agree on the letters they
// share.
#pragma once

#include <algorithm>
#include <seqlstm/data/tokenizer.hpp>

namespace examples {

/// False too for a token with a letter that stands for any, or for padding: no sequence is made of these.
inline bool may_follow(const seqlstm::Tokenizer& tokenizer, seqlstm::Token before, seqlstm::Token next) {
  const std::string first = tokenizer.text(before), second = tokenizer.text(next);
  const std::size_t fresh = std::min(tokenizer.options().stride, first.size());
  return second.starts_with(first.substr(fresh)) &&
         std::ranges::all_of(second, [&](char letter) { return tokenizer.alphabet().knows(letter); });
}

}  // namespace examples
