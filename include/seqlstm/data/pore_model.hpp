// The pore model of a nanopore: which current flows while a k-mer stands in the pore.
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Mean current of every k-mer of A, C, G and T, and the deviations from it. A k-mer's number has a digit to
/// base 4 for each letter, the first letter's being the highest: AA is 0, AC 1, TT 15.
struct PoreModel {
  std::size_t k = 0;                    ///< letters that the current depends on, 1 to longest
  std::vector<double> level;            ///< [4^k] mean current, pA
  std::vector<double> level_deviation;  ///< [4^k] pA: of one visit's mean from the level; 0 or more
  std::vector<double> deviation;        ///< [4^k] pA: of a sample from its visit's mean; above 0

  /// The most letters that a model may have.
  static constexpr std::size_t longest = 10;

  /// Number of k-mers, 4^k.
  [[nodiscard]] std::size_t kmers() const { return std::size_t{1} << (2 * k); }
  /// The letter of a k-mer that its time in the pore stands for, counted from 0: the middle one.
  [[nodiscard]] std::size_t centre() const { return k / 2; }
  /// That letter of a k-mer, 0 to 3.
  [[nodiscard]] Token base_of(std::size_t kmer) const {
    return static_cast<Token>((kmer >> (2 * (k - 1 - centre()))) % 4);
  }
  /// The k-mer after `kmer` when the base moves in, 0 to 3.
  [[nodiscard]] std::size_t next(std::size_t kmer, Token base) const {
    return (kmer * 4 + static_cast<std::size_t>(base)) % kmers();
  }
  /// The number of a k-mer of k bases, 0 to 3 each. Throws shape_error for another number of bases.
  [[nodiscard]] std::size_t kmer(std::span<const Token> bases) const;
  /// Its letters.
  [[nodiscard]] std::string text(std::size_t kmer) const;
  /// Throws option_error unless k is 1 to longest, there are 4^k levels and deviations of both kinds, and
  /// they are finite and in their ranges.
  void check() const;
};

/// A pore model drawn by seed. Each letter adds to the current, the middle ones most, and each k-mer has a
/// part of its own; levels are about 90 pA with a deviation of about 13 pA, visits deviate by 2 pA and
/// samples by 1.5 pA, as those of R9.4 pores do. Throws option_error for a k that is not 1 to
/// PoreModel::longest.
PoreModel simulated_pore_model(std::size_t k, std::uint64_t seed);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/pore_model.ipp>
#endif
