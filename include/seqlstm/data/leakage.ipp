// Definitions of leakage.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/leakage.hpp>
#include <unordered_set>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE bool are_nucleotides(std::span<const std::string> sequences) {
  std::size_t letters = 0, certain = 0;
  for (const auto& sequence : sequences)
    for (const char letter : sequence) {
      const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
      if (upper == '*' || upper == '-' || upper == '.') continue;
      if (upper != 'U' && detail::nucleotide_letters.find(upper) == std::string_view::npos) return false;
      ++letters;
      certain += std::string_view("ACGTUN").find(upper) != std::string_view::npos ? 1 : 0;
    }
  return letters > 0 && 10 * certain >= 9 * letters;
}

SEQLSTM_INLINE double kmer_variety(std::string_view sequence, std::size_t k) {
  if (sequence.size() <= k) return 1;
  std::unordered_set<std::string_view> words;
  const std::size_t places = sequence.size() - k + 1;
  for (std::size_t i = 0; i < places; ++i) words.insert(sequence.substr(i, k));
  return static_cast<double>(words.size()) / static_cast<double>(places);
}

SEQLSTM_INLINE KmerIndex::KmerIndex(std::size_t k, bool both_strands) : k_(k), both_strands_(both_strands) {
  if (k == 0 || k > 12)
    throw option_error("k-mer relatives: k is " + std::to_string(k) + ", expected 1 to 12");
}

SEQLSTM_INLINE void KmerIndex::add(std::string_view sequence) {
  for (const auto word : kmers(sequence))
    holders_[word].push_back(static_cast<std::uint32_t>(shared_.size()));
  shared_.push_back(0);
}

SEQLSTM_INLINE Relative KmerIndex::nearest(std::string_view sequence) {
  Relative best;
  look_up(sequence, best);
  if (both_strands_) look_up(reverse_complement(sequence), best);
  return best;
}

SEQLSTM_INLINE std::vector<std::string_view> KmerIndex::kmers(std::string_view sequence) const {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i + k_ <= sequence.size(); ++i) words.push_back(sequence.substr(i, k_));
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

SEQLSTM_INLINE void KmerIndex::look_up(std::string_view sequence, Relative& best) {
  const auto words = kmers(sequence);
  std::fill(shared_.begin(), shared_.end(), 0U);
  for (const auto word : words)
    if (const auto found = holders_.find(word); found != holders_.end())
      for (const std::uint32_t row : found->second) ++shared_[row];
  const auto most = std::max_element(shared_.begin(), shared_.end());
  if (most == shared_.end() || *most == 0) return;
  const double share = static_cast<double>(*most) / static_cast<double>(words.size());
  if (share > best.identity) best = {share, 0, static_cast<std::size_t>(most - shared_.begin())};
}

SEQLSTM_INLINE std::vector<Relative> kmer_relatives(std::span<const std::string> test,
                                                    std::span<const std::string> trained, std::size_t k,
                                                    bool both_strands) {
  KmerIndex index(k, both_strands);
  for (const auto& sequence : trained) index.add(sequence);
  std::vector<Relative> relatives;
  for (const auto& sequence : test) relatives.push_back(index.nearest(sequence));
  return relatives;
}

SEQLSTM_INLINE std::vector<IdentityBand> identity_bands(std::span<const Relative> relatives,
                                                        std::span<const double> borders) {
  std::vector<IdentityBand> bands(borders.size() + 1);
  for (std::size_t b = 0; b < borders.size(); ++b) {
    if (!(borders[b] > (b == 0 ? 0 : borders[b - 1]) && borders[b] <= 1))
      throw option_error("identity bands: the borders must ascend within 0 to 1, got " +
                         std::to_string(borders[b]));
    bands[b].high = bands[b + 1].low = borders[b];
  }
  for (std::size_t i = 0; i < relatives.size(); ++i) {
    std::size_t b = 0;
    while (b < borders.size() && relatives[i].identity > borders[b]) ++b;
    bands[b].rows.push_back(i);
  }
  return bands;
}

SEQLSTM_INLINE std::vector<std::size_t> rows_without_relatives(std::span<const Relative> relatives,
                                                               double identity) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < relatives.size(); ++i)
    if (!(relatives[i].identity > identity)) rows.push_back(i);
  return rows;
}

SEQLSTM_NAMESPACE_END
