// Definitions of channel_features.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/channel_features.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE FeatureDataset channel_features(const SequenceDataset& data) {
  FeatureDataset features{2 * data.channel_count + 1, {}, data.labels, data.label_width};
  features.values.reserve(data.size() * features.width);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const ConstMatrixView<float> rows = data.channel_rows(i);
    const auto count = static_cast<double>(std::max<std::size_t>(1, rows.rows()));
    for (std::size_t c = 0; c < data.channel_count; ++c) {
      double mean = 0, variance = 0;
      for (std::size_t t = 0; t < rows.rows(); ++t) mean += double{rows(t, c)} / count;
      for (std::size_t t = 0; t < rows.rows(); ++t) {
        const double apart = double{rows(t, c)} - mean;
        variance = std::fma(apart, apart / count, variance);
      }
      features.values.push_back(static_cast<float>(mean));
      features.values.push_back(static_cast<float>(std::sqrt(variance)));
    }
    features.values.push_back(static_cast<float>(std::log1p(static_cast<double>(rows.rows()))));
  }
  return features;
}

SEQLSTM_NAMESPACE_END
