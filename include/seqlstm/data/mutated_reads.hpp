// Reads of a genome that have changed since: simulated ones, of which is known where each base comes from.
#pragma once

#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How a read differs from where it comes from. With p = divergence * indel_share / 2, each base of the
/// genome is left out with probability p, and changed into another with divergence * (1 - indel_share).
/// Before it a base is inserted with probability p, and after an insertion another likewise: p / (1 - p)
/// insertions for each base of the genome.
struct MutationOptions {
  double divergence = 0.1;   ///< changes for each base of the genome (insertions: see above), 0 to 0.5
  double indel_share = 0.2;  ///< how many of them are indels, one base each, 0 to 1
};

/// A read beside a window of the genome that it comes from.
struct MutatedRead {
  std::vector<Token> window,          ///< bases 0 to 3
      read;                           ///< likewise
  std::vector<std::int32_t> origins;  ///< [read] position in the window; -1: an insertion. They rise.
};

/// How many bases reads and windows have.
struct ReadLengths {
  std::size_t read = 100,  ///< of a read, at least 1
      window = 300;        ///< of a window, at least those of a read
};

/// Draws reads of one length with windows of one length around them from stretches of DNA, from either
/// strand. A read begins at any place that is at least a window from both ends of its stretch, and anywhere
/// in its window, all equally likely. Keeps a byte for each base.
class ReadSimulator {
 public:
  /// `dna`: stretches of the letters A, C, G and T; those shorter than two windows are left out. Throws
  /// option_error where all are, and for lengths out of range; token_error for another letter.
  ReadSimulator(std::span<const std::string> dna, const ReadLengths& lengths);

  /// Read number `record`: a function of the constructor's arguments and these alone. Bases are inserted
  /// before each base of the window, which is left out, changed into another, or stays. An insertion is any
  /// base, a substitution one of the three others; nothing is left out where the window would end before the
  /// read. Throws option_error for numbers out of range.
  [[nodiscard]] MutatedRead read(const MutationOptions& mutations, const RandomKey& key,
                                 std::uint64_t record) const;
  /// Those of the constructor.
  [[nodiscard]] const ReadLengths& lengths() const { return lengths_; }

 private:
  [[nodiscard]] std::vector<Token> stretch(RandomStream& random) const;

  ReadLengths lengths_;
  std::vector<std::vector<std::uint8_t>> pieces_;
  std::vector<std::size_t> ends_;  // places up to the end of each piece
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/mutated_reads.ipp>
#endif
