// How much a test part has in common with what was trained on: for every test sequence its nearest relative
// there, and what metrics say without the relatives.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The relative of a test sequence in the trained-on part that is most like it.
struct Relative {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  double identity = 0;     ///< 0 to 1: of the aligned letters, or of its k-mers where there is no alignment
  double coverage = 0;     ///< share of the test sequence that the alignment covers; 0 without one
  std::size_t row = none;  ///< of the trained-on part
};

/// Are these nucleotides, not amino acids? Every letter is one of ACGTUN or of IUPAC's codes for several
/// nucleotides, and at least 90 % are ACGTUN; case does not matter, nor do `*`, `-` and `.`. False where
/// there are no letters. A protein made of a few amino acids (AGAGAG) looks like DNA.
inline bool are_nucleotides(std::span<const std::string> sequences) {
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

/// How many of a sequence's k-mers are different ones, as a share: 1 where none repeats, and for sequences
/// shorter than k; near 0 in silk or a microsatellite.
inline double kmer_variety(std::string_view sequence, std::size_t k = 3) {
  if (sequence.size() <= k) return 1;
  std::unordered_set<std::string_view> words;
  const std::size_t places = sequence.size() - k + 1;
  for (std::size_t i = 0; i < places; ++i) words.insert(sequence.substr(i, k));
  return static_cast<double>(words.size()) / static_cast<double>(places);
}

/// Sequences by their different k-mers, to find the one that holds most of another's. With `both_strands`, of
/// nucleotides, the other strand is looked up too. The letters stay where they are: they must outlive the
/// index. Memory: one entry per k-mer. Throws option_error for k of 0 or above 12.
class KmerIndex {
 public:
  explicit KmerIndex(std::size_t k = 6, bool both_strands = false) : k_(k), both_strands_(both_strands) {
    if (k == 0 || k > 12)
      throw option_error("k-mer relatives: k is " + std::to_string(k) + ", expected 1 to 12");
  }
  /// Rows are numbered from 0 as they are added.
  void add(std::string_view sequence) {
    for (const auto word : kmers(sequence))
      holders_[word].push_back(static_cast<std::uint32_t>(shared_.size()));
    shared_.push_back(0);
  }
  /// The added row with the largest share of the sequence's k-mers as `identity`, the first of several; no
  /// row where none is shared, or the sequence is shorter than k.
  [[nodiscard]] Relative nearest(std::string_view sequence) {
    Relative best;
    look_up(sequence, best);
    if (both_strands_) look_up(reverse_complement(sequence), best);
    return best;
  }

 private:
  [[nodiscard]] std::vector<std::string_view> kmers(std::string_view sequence) const {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i + k_ <= sequence.size(); ++i) words.push_back(sequence.substr(i, k_));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }
  void look_up(std::string_view sequence, Relative& best) {
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

  std::size_t k_;
  bool both_strands_;
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> holders_;
  std::vector<std::uint32_t> shared_;  ///< [rows] k-mers of the sequence that is looked up
};

/// For every sequence of `test`, the sequence of `trained` that holds most of its k-mers: `identity` is the
/// share of its different k-mers found there, exact matches alone; with `both_strands`, of nucleotides, that
/// of the strand which shares more. Finds copies and close relatives; distant ones need an alignment. A
/// sequence shorter than k has no relative. Memory: one entry per k-mer of `trained`. Throws option_error for
/// k of 0 or above 12.
inline std::vector<Relative> kmer_relatives(std::span<const std::string> test,
                                            std::span<const std::string> trained, std::size_t k = 6,
                                            bool both_strands = false) {
  KmerIndex index(k, both_strands);
  for (const auto& sequence : trained) index.add(sequence);
  std::vector<Relative> relatives;
  for (const auto& sequence : test) relatives.push_back(index.nearest(sequence));
  return relatives;
}

/// Test rows whose relative's identity is above `low` (the first band: from it) and at most `high`.
struct IdentityBand {
  double low = 0, high = 1;
  std::vector<std::size_t> rows;
};

/// Rows by the identity of their relatives: [0, b1], (b1, b2], ..., (bn, 1]. Throws option_error for borders
/// that are not ascending within (0, 1].
inline std::vector<IdentityBand> identity_bands(std::span<const Relative> relatives,
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

/// The test rows without a relative above `identity`.
inline std::vector<std::size_t> rows_without_relatives(std::span<const Relative> relatives, double identity) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < relatives.size(); ++i)
    if (!(relatives[i].identity > identity)) rows.push_back(i);
  return rows;
}

SEQLSTM_NAMESPACE_END
