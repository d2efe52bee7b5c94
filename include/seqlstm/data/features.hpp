// Fixed-length feature vectors instead of sequences: what linear baselines and embeddings are trained on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/data/sampler.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Rows of numbers, with labels or without.
struct FeatureDataset {
  std::size_t width = 0;        ///< features per row
  std::vector<float> values;    ///< [rows x width]
  std::vector<double> labels;   ///< [rows x label_width], or empty
  std::size_t label_width = 1;  ///< 1 for a class or a real number, C for multi-label

  /// Number of rows.
  [[nodiscard]] std::size_t size() const { return width == 0 ? 0 : values.size() / width; }
  /// What outputs are compared with; valid until the data set changes.
  [[nodiscard]] BatchTargets targets() const { return {.labels = labels}; }
  /// The given rows, in that order.
  [[nodiscard]] FeatureDataset subset(std::span<const std::size_t> rows) const;
};

/// Some rows of a FeatureDataset.
struct FeatureBatch {
  std::size_t rows = 0;                ///< rows of this batch
  std::size_t width = 0;               ///< features per row
  std::vector<float> values;           ///< [rows x width]
  std::vector<double> labels;          ///< [rows x label_width] of the data set; empty without labels
  std::vector<std::uint64_t> records;  ///< row numbers in the data set
  /// What outputs are compared with; valid as long as the batch.
  [[nodiscard]] BatchTargets targets() const { return {.labels = labels}; }
  /// Becomes some rows of another batch, in the order of `indices`, which are not checked; memory is reused.
  void assign_part(const FeatureBatch& from, std::span<const std::size_t> indices);
};

/// How a FeatureBatcher cuts an epoch into batches.
struct FeatureBatcherOptions {
  std::size_t batch_size = 64;     ///< rows per batch
  std::size_t min_batch_size = 1;  ///< fewer rows than this never stand alone: they join the batch before
  bool shuffle = true;             ///< false: the order of the data set
  std::uint64_t seed = 0;          ///< of the order
  Sampler sampler = {};            ///< instead of all rows in random order
};

/// Cuts a FeatureDataset into batches; the order of an epoch is a function of (seed, epoch). Throws
/// option_error for a data set without rows or a batch size of zero, shape_error where values or labels do
/// not fill whole rows.
class FeatureBatcher {
 public:
  /// Stands at the beginning of epoch 0. The data set must outlive it and keep its rows.
  FeatureBatcher(const FeatureDataset& data, FeatureBatcherOptions options);
  /// Draws the epoch's order; next() then gives its batches.
  void begin_epoch(std::size_t epoch);
  /// Fills the next batch of the epoch, in the memory it has; false at the end.
  bool next(FeatureBatch& batch);
  /// Batches of the current epoch.
  [[nodiscard]] std::size_t batches() const;
  /// Rows of the current epoch.
  [[nodiscard]] std::size_t tokens() const { return order_.size(); }

 private:
  const FeatureDataset* data_;
  FeatureBatcherOptions options_;
  std::vector<std::size_t> order_;
  std::size_t next_ = 0;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/features.ipp>
#endif
