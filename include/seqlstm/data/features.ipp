// Definitions of features.hpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/features.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE FeatureDataset FeatureDataset::subset(std::span<const std::size_t> rows) const {
  FeatureDataset part{width, {}, {}, label_width};
  for (const std::size_t row : rows) {
    part.values.insert(part.values.end(), &values[row * width], &values[row * width] + width);
    if (!labels.empty())
      part.labels.insert(part.labels.end(), &labels[row * label_width],
                         &labels[row * label_width] + label_width);
  }
  return part;
}

SEQLSTM_INLINE void FeatureBatch::assign_part(const FeatureBatch& from,
                                              std::span<const std::size_t> indices) {
  const std::size_t label_width = from.rows == 0 ? 0 : from.labels.size() / from.rows;
  rows = indices.size();
  width = from.width;
  values.clear();
  labels.clear();
  records.clear();
  for (const std::size_t i : indices) {
    const float* value = from.values.data() + i * width;
    const double* label = from.labels.data() + i * label_width;
    values.insert(values.end(), value, value + width);
    labels.insert(labels.end(), label, label + label_width);
    records.push_back(from.records[i]);
  }
}

SEQLSTM_INLINE FeatureBatcher::FeatureBatcher(const FeatureDataset& data, FeatureBatcherOptions options)
    : data_(&data), options_(std::move(options)) {
  if (options_.batch_size == 0) throw option_error("batcher: batch_size must be at least 1");
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

SEQLSTM_INLINE void FeatureBatcher::begin_epoch(std::size_t epoch) {
  if (options_.sampler) {
    order_ = detail::sampled_rows(options_.sampler, epoch, data_->size());
  } else {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (options_.shuffle) RandomStream({options_.seed, 0, static_cast<std::uint32_t>(epoch)}).shuffle(order_);
  }
  next_ = 0;
}

SEQLSTM_INLINE bool FeatureBatcher::next(FeatureBatch& batch) {
  if (next_ >= order_.size()) return false;
  std::size_t end = std::min(order_.size(), next_ + options_.batch_size);
  if (order_.size() - end < options_.min_batch_size) end = order_.size();
  const std::size_t width = data_->width, labels = data_->labels.empty() ? 0 : data_->label_width;
  batch.rows = end - next_;
  batch.width = width;
  batch.values.resize(batch.rows * width);
  batch.labels.resize(batch.rows * labels);
  batch.records.assign(order_.begin() + static_cast<std::ptrdiff_t>(next_),
                       order_.begin() + static_cast<std::ptrdiff_t>(end));
  for (std::size_t i = 0; i < batch.rows; ++i) {
    std::copy_n(&data_->values[order_[next_ + i] * width], width, &batch.values[i * width]);
    std::copy_n(data_->labels.data() + order_[next_ + i] * labels, labels, batch.labels.data() + i * labels);
  }
  next_ = end;
  return true;
}

SEQLSTM_INLINE std::size_t FeatureBatcher::batches() const {
  const std::size_t left = order_.size() % options_.batch_size, whole = order_.size() / options_.batch_size;
  return whole + (left > 0 && (left >= options_.min_batch_size || whole == 0) ? 1 : 0);
}

SEQLSTM_NAMESPACE_END
