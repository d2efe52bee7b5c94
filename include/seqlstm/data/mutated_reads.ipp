// Definitions of mutated_reads.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/mutated_reads.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline void check_mutations(const MutationOptions& o) {
  if (!(o.divergence >= 0 && o.divergence <= 0.5))
    throw option_error("mutated reads: the divergence is " + std::to_string(o.divergence) +
                       ", expected 0 to 0.5 changes for each base");
  if (!(o.indel_share >= 0 && o.indel_share <= 1))
    throw option_error("mutated reads: the share of indels is " + std::to_string(o.indel_share) +
                       ", expected 0 to 1");
}

/// Copies bases of `source` with changes into the read, until it has `length` of them; the position of each.
/// Returns how many bases of `source` were passed.
inline std::size_t mutate(std::span<const Token> source, std::size_t length, const MutationOptions& o,
                          RandomStream& random, MutatedRead& made) {
  const double indels = o.divergence * o.indel_share / 2, substitutions = o.divergence * (1 - o.indel_share);
  std::size_t at = 0;
  const auto add = [&](std::size_t base, std::int32_t origin) {
    made.read.push_back(static_cast<Token>(base));
    made.origins.push_back(origin);
  };
  while (made.read.size() < length) {
    if (random.uniform() < indels) {
      add(random.below(4), -1);
      continue;
    }
    const double draw = random.uniform();
    const bool room = source.size() - at > length - made.read.size();
    const std::size_t here = at++;
    if (draw < indels && room) continue;
    const auto base = static_cast<std::size_t>(source[here]);
    const bool changed = draw >= indels && draw < indels + substitutions;
    add(changed ? (base + 1 + random.below(3)) % 4 : base, static_cast<std::int32_t>(here));
  }
  return at;
}

}  // namespace detail

SEQLSTM_INLINE ReadSimulator::ReadSimulator(std::span<const std::string> dna, const ReadLengths& lengths)
    : lengths_(lengths) {
  if (lengths.read == 0 || lengths.window < lengths.read || lengths.window > 1000000)
    throw option_error("mutated reads: reads of " + std::to_string(lengths.read) + " bases in windows of " +
                       std::to_string(lengths.window) +
                       ", expected at least 1, and windows of at least as many and at most 1,000,000");
  std::size_t longest = 0, places = 0;
  for (const std::string& letters : dna) {
    longest = std::max(longest, letters.size());
    if (letters.size() < 2 * lengths.window) continue;
    auto& piece = pieces_.emplace_back();
    for (const Token base : dna4.encode(letters)) piece.push_back(static_cast<std::uint8_t>(base));
    ends_.push_back(places += letters.size() - 2 * lengths.window + 1);
  }
  if (pieces_.empty())
    throw option_error("mutated reads: windows of " + std::to_string(lengths.window) +
                       " bases are drawn from stretches of twice as many, the longest of " +
                       std::to_string(dna.size()) + " has " + std::to_string(longest) +
                       "; choose shorter windows");
}

SEQLSTM_INLINE std::vector<Token> ReadSimulator::stretch(RandomStream& random) const {
  const auto place = static_cast<std::size_t>(random.uniform() * static_cast<double>(ends_.back()));
  const auto piece =
      static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), place) - ends_.begin());
  const std::size_t first = place - (piece == 0 ? 0 : ends_[piece - 1]);
  const auto bases = std::span(pieces_[piece]).subspan(first, 2 * lengths_.window);
  std::vector<Token> strand(bases.begin(), bases.end());
  if (random.below(2) == 1) {
    std::reverse(strand.begin(), strand.end());
    for (Token& base : strand) base = 3 - base;
  }
  return strand;
}

SEQLSTM_INLINE MutatedRead ReadSimulator::read(const MutationOptions& mutations, const RandomKey& key,
                                               std::uint64_t record) const {
  detail::check_mutations(mutations);
  RandomStream random(key, record);
  const auto strand = stretch(random);
  MutatedRead made;
  // The read begins in the middle of the stretch, the window so much before it that it holds the read.
  const auto passed =
      detail::mutate(std::span(strand).subspan(lengths_.window), lengths_.read, mutations, random, made);
  const std::size_t before = random.below(lengths_.window - passed + 1);
  const auto window = std::span(strand).subspan(lengths_.window - before, lengths_.window);
  made.window.assign(window.begin(), window.end());
  for (std::int32_t& origin : made.origins)
    if (origin >= 0) origin += static_cast<std::int32_t>(before);
  return made;
}

SEQLSTM_NAMESPACE_END
