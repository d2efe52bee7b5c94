// Definitions of contigs.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/contigs.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void Contigs::add(std::string_view sequence, const Alphabet& alphabet) {
  ++records;
  std::size_t begin = 0;
  while (begin < sequence.size()) {
    std::size_t end = begin;
    while (end < sequence.size() && alphabet.knows(sequence[end])) ++end;
    if (end > begin) pieces.emplace_back(sequence.substr(begin, end - begin));
    letters += end - begin;
    begin = end;
    while (begin < sequence.size() && !alphabet.knows(sequence[begin])) ++begin;
    unknown_letters += begin - end;
    unknown_runs += begin > end ? 1 : 0;
  }
}

SEQLSTM_INLINE HeldOut hold_out_ends(std::vector<std::string> pieces, double share, std::size_t shortest) {
  if (!(share > 0 && share < 1))
    throw option_error("hold_out_ends: the share is " + detail::number_text(share) +
                       ", expected a number above 0 and below 1");
  HeldOut parts;
  const auto every = static_cast<std::size_t>(std::llround(1 / share));
  std::size_t short_pieces = 0;
  for (auto& piece : pieces) {
    const auto count = static_cast<std::size_t>(share * static_cast<double>(piece.size()));
    if (count >= shortest) {
      parts.valid.push_back(piece.substr(piece.size() - count));
      piece.resize(piece.size() - count);
      parts.train.push_back(std::move(piece));
    } else {
      auto& part = ++short_pieces % every == 0 ? parts.valid : parts.train;
      part.push_back(std::move(piece));
    }
  }
  return parts;
}

SEQLSTM_INLINE std::vector<Token> epoch_tokens(const std::vector<std::string>& pieces,
                                               const Tokenizer& tokenizer, bool both_strands,
                                               std::uint64_t seed, std::size_t epoch) {
  constexpr std::size_t longest = 65536;
  RandomStream random({seed, 0x434F4E54U, static_cast<std::uint32_t>(epoch)});  // "CONT"
  std::vector<std::string_view> stretches;
  for (const std::string_view piece : pieces)
    for (std::size_t begin = 0; begin < piece.size(); begin += longest)
      stretches.push_back(piece.substr(begin, longest));
  std::vector<std::size_t> order(stretches.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  std::vector<Token> tokens;
  for (const std::size_t i : order) {
    const std::size_t phase = std::min(random.below(tokenizer.options().stride), stretches[i].size());
    const std::string_view letters = stretches[i].substr(phase);
    const bool other = both_strands && (i + epoch) % 2 == 1;
    const auto encoded = other ? tokenizer.encode(reverse_complement(letters, tokenizer.alphabet()))
                               : tokenizer.encode(letters);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
    if (tokenizer.options().padding) tokens.push_back(0);
  }
  if (!tokens.empty())
    std::rotate(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(random.below(tokens.size())),
                tokens.end());
  return tokens;
}

SEQLSTM_INLINE std::vector<Token> tokens_in_order(const std::vector<std::string>& pieces,
                                                  const Tokenizer& tokenizer) {
  std::vector<Token> tokens;
  for (const std::string& piece : pieces) {
    const auto encoded = tokenizer.encode(piece);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
    if (tokenizer.options().padding) tokens.push_back(0);
  }
  return tokens;
}

SEQLSTM_NAMESPACE_END
