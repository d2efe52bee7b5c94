// How much a test part has in common with what was trained on: for every test sequence its nearest relative
// there, and what metrics say without the relatives.
#pragma once

#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The relative of a test sequence in the trained-on part that is most like it.
struct Relative {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);  ///< `row` where there is no relative
  double identity = 0;     ///< 0 to 1: of the aligned letters, or of its k-mers where there is no alignment
  double coverage = 0;     ///< share of the test sequence that the alignment covers; 0 without one
  std::size_t row = none;  ///< of the trained-on part
};

/// Are these nucleotides, not amino acids? Every letter is one of ACGTUN or of IUPAC's codes for several
/// nucleotides, and at least 90 % are ACGTUN; case does not matter, nor do stops and gaps ('*', '-', '.').
/// False where there are no letters. A protein made of a few amino acids (AGAGAG) looks like DNA.
bool are_nucleotides(std::span<const std::string> sequences);

/// How many of a sequence's k-mers are different ones, as a share: 1 where none repeats, and for sequences
/// shorter than k; near 0 in silk or a microsatellite.
double kmer_variety(std::string_view sequence, std::size_t k = 3);

/// Sequences by their different k-mers, to find the one that holds most of another's. With `both_strands`, of
/// nucleotides, the other strand is looked up too. The letters stay where they are: they must outlive the
/// index. Memory: one entry per k-mer. Throws option_error for k of 0 or above 12.
class KmerIndex {
 public:
  /// An index without rows. `k`: letters of a k-mer.
  explicit KmerIndex(std::size_t k = 6, bool both_strands = false);
  /// Rows are numbered from 0 as they are added.
  void add(std::string_view sequence);
  /// The added row with the largest share of the sequence's k-mers as `identity`, the first of several; no
  /// row where none is shared, or the sequence is shorter than k.
  [[nodiscard]] Relative nearest(std::string_view sequence);

 private:
  [[nodiscard]] std::vector<std::string_view> kmers(std::string_view sequence) const;
  void look_up(std::string_view sequence, Relative& best);

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
std::vector<Relative> kmer_relatives(std::span<const std::string> test, std::span<const std::string> trained,
                                     std::size_t k = 6, bool both_strands = false);

/// Test rows whose relative's identity is above `low` (the first band: from it) and at most `high`.
struct IdentityBand {
  double low = 0;                 ///< 0 to 1
  double high = 1;                ///< 0 to 1
  std::vector<std::size_t> rows;  ///< of the test part, ascending
};

/// Rows by the identity of their relatives: [0, b1], (b1, b2], ..., (bn, 1]. Throws option_error for borders
/// that are not ascending within (0, 1].
std::vector<IdentityBand> identity_bands(std::span<const Relative> relatives,
                                         std::span<const double> borders);

/// The test rows without a relative above `identity`.
std::vector<std::size_t> rows_without_relatives(std::span<const Relative> relatives, double identity);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/leakage.ipp>
#endif
