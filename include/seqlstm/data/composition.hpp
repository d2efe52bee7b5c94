// Sequences as rows of numbers that forget most of their order: where letters stand and which short words
// occur. What linear baselines read.
#pragma once

#include <cstddef>
#include <seqlstm/data/features.hpp>
#include <seqlstm/data/record.hpp>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// Features of DNA: one-hot letters by position (0 positions: none), and counts of 3-mers and 4-mers per 100
/// letters. Letters other than A, C, G, T count nowhere.
class DnaFeatures {
 public:
  /// `positions`: how many letters from the beginning are one-hot; those of a shorter sequence stay zero.
  explicit DnaFeatures(std::size_t positions) : positions_(positions) {}

  /// Numbers per row: 4 a position, 64 3-mers, 256 4-mers.
  [[nodiscard]] std::size_t width() const { return 4 * positions_ + 64 + 256; }
  /// A row for every record.
  [[nodiscard]] FeatureDataset operator()(const LabelledRecords& data) const;
  /// One row of width() numbers, from zeros.
  void fill(std::string_view sequence, float* row) const;

 private:
  std::size_t positions_;
};

/// Features of proteins: the share of each of the 20 amino acids in units of 1/20, the logarithm of the
/// length in units of 200, so that weights of one size count alike, and (pairs) the shares of neighbours.
class ProteinFeatures {
 public:
  /// `pairs`: with the 400 shares of neighbouring amino acids.
  explicit ProteinFeatures(bool pairs) : pairs_(pairs) {}

  /// Numbers per row: 20 shares and the length; 400 more with pairs.
  [[nodiscard]] std::size_t width() const { return pairs_ ? 421 : 21; }
  /// A row for every record.
  [[nodiscard]] FeatureDataset operator()(const LabelledRecords& data) const;
  /// One row of width() numbers, from zeros.
  void fill(std::string_view sequence, float* row) const;

 private:
  bool pairs_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/composition.ipp>
#endif
