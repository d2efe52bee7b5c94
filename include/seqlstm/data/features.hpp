// Fixed-length feature vectors instead of sequences: what linear baselines and embeddings are trained on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Rows of numbers, with labels or without.
struct FeatureDataset {
  std::size_t width = 0;       ///< features per row
  std::vector<float> values;   ///< [rows x width]
  std::vector<double> labels;  ///< [rows x label_width], or empty
  std::size_t label_width = 1;

  [[nodiscard]] std::size_t size() const { return width == 0 ? 0 : values.size() / width; }
  /// The given rows, in that order.
  [[nodiscard]] FeatureDataset subset(std::span<const std::size_t> rows) const {
    FeatureDataset part{width, {}, {}, label_width};
    for (const std::size_t row : rows) {
      part.values.insert(part.values.end(), &values[row * width], &values[row * width] + width);
      if (!labels.empty())
        part.labels.insert(part.labels.end(), &labels[row * label_width],
                           &labels[row * label_width] + label_width);
    }
    return part;
  }
};

/// Some rows of a FeatureDataset.
struct FeatureBatch {
  std::size_t rows = 0, width = 0;
  std::vector<float> values;
  std::vector<double> labels;
  std::vector<std::uint64_t> records;  ///< row numbers in the data set
};

struct FeatureBatcherOptions {
  std::size_t batch_size = 64;
  std::size_t smallest = 1;  ///< fewer rows than this never stand alone: they join the batch before
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Cuts a FeatureDataset into batches; the order of an epoch is a function of (seed, epoch). Throws
/// option_error for a data set without rows or a batch size of zero, shape_error where values or labels do
/// not fill whole rows.
class FeatureBatcher {
 public:
  FeatureBatcher(const FeatureDataset& data, FeatureBatcherOptions options)
      : data_(&data), options_(options) {
    if (options.batch_size == 0) throw option_error("batcher: batch_size must be at least 1");
    if (data.size() == 0) throw option_error("batcher: the data set has no rows");
    if (data.values.size() != data.size() * data.width ||
        (!data.labels.empty() && data.labels.size() != data.size() * data.label_width))
      throw shape_error("batcher: " + std::to_string(data.values.size()) + " values and " +
                        std::to_string(data.labels.size()) + " labels are no whole rows of " +
                        std::to_string(data.width) + " values and " + std::to_string(data.label_width) +
                        " labels");
    order_.resize(data.size());
    begin_epoch(0);
  }
  void begin_epoch(std::size_t epoch) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (options_.shuffle) RandomStream({options_.seed, 0, static_cast<std::uint32_t>(epoch)}).shuffle(order_);
    next_ = 0;
  }
  bool next(FeatureBatch& batch) {
    if (next_ >= order_.size()) return false;
    std::size_t end = std::min(order_.size(), next_ + options_.batch_size);
    if (order_.size() - end < options_.smallest) end = order_.size();
    const std::size_t width = data_->width, labels = data_->labels.empty() ? 0 : data_->label_width;
    batch.rows = end - next_;
    batch.width = width;
    batch.values.resize(batch.rows * width);
    batch.labels.resize(batch.rows * labels);
    batch.records.assign(order_.begin() + static_cast<std::ptrdiff_t>(next_),
                         order_.begin() + static_cast<std::ptrdiff_t>(end));
    for (std::size_t i = 0; i < batch.rows; ++i) {
      std::copy_n(&data_->values[order_[next_ + i] * width], width, &batch.values[i * width]);
      std::copy_n(data_->labels.data() + order_[next_ + i] * labels, labels,
                  batch.labels.data() + i * labels);
    }
    next_ = end;
    return true;
  }
  [[nodiscard]] std::size_t batches() const {
    const std::size_t left = order_.size() % options_.batch_size, whole = order_.size() / options_.batch_size;
    return whole + (left > 0 && (left >= options_.smallest || whole == 0) ? 1 : 0);
  }

 private:
  const FeatureDataset* data_;
  FeatureBatcherOptions options_;
  std::vector<std::size_t> order_;
  std::size_t next_ = 0;
};

SEQLSTM_NAMESPACE_END
