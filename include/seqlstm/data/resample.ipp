// Definitions of resample.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/data/resample.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t extra_rows(std::size_t rows, double percent) {
  if (!(percent >= 0 && percent <= 1e6))
    throw option_error("resample: " + std::to_string(percent) + " percent, expected 0 to 1000000");
  return static_cast<std::size_t>(std::floor(static_cast<double>(rows) * percent / 100 + 0.5));
}

namespace detail {

SEQLSTM_INLINE std::vector<std::vector<std::size_t>> rows_by_class(std::span<const double> labels,
                                                                   std::span<const double> percent) {
  std::vector<std::vector<std::size_t>> rows(class_counts(labels).size());
  if (percent.size() != rows.size())
    throw option_error("resample: " + std::to_string(percent.size()) + " percentages for " +
                       std::to_string(rows.size()) +
                       " classes; give each class one, 0 for those to leave alone");
  for (std::size_t i = 0; i < labels.size(); ++i) rows[static_cast<std::size_t>(labels[i])].push_back(i);
  return rows;
}

SEQLSTM_INLINE std::vector<std::size_t> dealt(std::vector<std::size_t> rows, std::size_t count,
                                              RandomStream& random) {
  std::vector<std::size_t> drawn;
  if (rows.empty()) return drawn;
  random.shuffle(rows);
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(rows[i % rows.size()]);
  return drawn;
}

SEQLSTM_INLINE std::vector<std::size_t> nearest(const FeatureDataset& data, std::size_t row,
                                                std::span<const std::size_t> among, std::size_t k) {
  std::vector<std::pair<double, std::size_t>> distances;
  const float* a = &data.values[row * data.width];
  for (const std::size_t other : among) {
    if (other == row) continue;
    const float* b = &data.values[other * data.width];
    double sum = 0;
    for (std::size_t c = 0; c < data.width; ++c) {
      const double step = double{a[c]} - double{b[c]};
      sum = std::fma(step, step, sum);
    }
    distances.emplace_back(sum, other);
  }
  const auto end = distances.begin() + static_cast<std::ptrdiff_t>(std::min(k, distances.size()));
  std::partial_sort(distances.begin(), end, distances.end());
  std::vector<std::size_t> rows;
  for (auto it = distances.begin(); it != end; ++it) rows.push_back(it->second);
  return rows;
}

SEQLSTM_INLINE void check_neighbours(const char* method, std::size_t label, std::size_t rows, std::size_t k) {
  if (k == 0) throw option_error(std::string(method) + ": k is 0, expected at least 1 neighbour");
  if (rows <= k)
    throw option_error(std::string(method) + ": class " + std::to_string(label) + " has " +
                       std::to_string(rows) + " rows, no more than " + std::to_string(k) +
                       " neighbours; ask for fewer neighbours, or copy rows instead");
}

SEQLSTM_INLINE void add_between(FeatureDataset& data, std::size_t a, std::size_t b, RandomStream& random) {
  const double share = random.uniform();
  for (std::size_t c = 0; c < data.width; ++c) {
    const double from = double{data.values[a * data.width + c]}, to = double{data.values[b * data.width + c]};
    data.values.push_back(static_cast<float>(std::fma(share, to - from, from)));
  }
  data.labels.push_back(data.labels[a]);
}

SEQLSTM_INLINE void add_synthetic(FeatureDataset& data, std::span<const std::size_t> rows,
                                  std::span<const std::size_t> count, std::size_t k, RandomStream& random) {
  std::vector<std::vector<std::size_t>> neighbours(rows.size());
  parallel_for(rows.size(), [&](std::size_t i) {
    if (count[i] > 0) neighbours[i] = nearest(data, rows[i], rows, k);
  });
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t n = 0; n < count[i]; ++n)
      add_between(data, rows[i], neighbours[i][random.below(neighbours[i].size())], random);
}

SEQLSTM_INLINE void check_features(const char* method, const FeatureDataset& data) {
  if (data.label_width != 1 || data.labels.size() != data.size())
    throw option_error(std::string(method) + ": needs one class per row, got " +
                       std::to_string(data.labels.size()) + " labels for " + std::to_string(data.size()) +
                       " rows");
  for (const float value : data.values)
    if (!std::isfinite(value))
      throw option_error(std::string(method) +
                         ": a feature is not finite, so it has no neighbours; leave its row out");
}

}  // namespace detail

SEQLSTM_INLINE std::vector<std::size_t> over_sampled_rows(std::span<const double> labels,
                                                          std::span<const double> percent,
                                                          std::uint64_t seed) {
  std::vector<std::size_t> rows(labels.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  RandomStream random(seed, 0x4F564552U);  // "OVER"
  const auto classes = detail::rows_by_class(labels, percent);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto extra = detail::dealt(classes[c], extra_rows(classes[c].size(), percent[c]), random);
    rows.insert(rows.end(), extra.begin(), extra.end());
  }
  return rows;
}

SEQLSTM_INLINE std::vector<std::size_t> under_sampled_rows(std::span<const double> labels, std::size_t most,
                                                           std::uint64_t seed) {
  std::vector<std::size_t> rows;
  RandomStream random(seed, 0x554E4452U);  // "UNDR"
  const std::vector<double> none(class_counts(labels).size());
  for (auto& members : detail::rows_by_class(labels, none)) {
    const auto kept = detail::dealt(members, std::min(most, members.size()), random);
    rows.insert(rows.end(), kept.begin(), kept.end());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

SEQLSTM_INLINE FeatureDataset smote(FeatureDataset data, std::span<const double> percent,
                                    SyntheticOptions options) {
  detail::check_features("smote", data);
  RandomStream random(options.seed, 0x534D4F54U);  // "SMOT"
  const auto classes = detail::rows_by_class(data.labels, percent);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::size_t extra = extra_rows(classes[c].size(), percent[c]);
    if (extra == 0) continue;
    detail::check_neighbours("smote", c, classes[c].size(), options.k);
    std::vector<std::size_t> count(classes[c].size());
    std::vector<std::size_t> places(classes[c].size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    for (const std::size_t i : detail::dealt(places, extra, random)) ++count[i];
    detail::add_synthetic(data, classes[c], count, options.k, random);
  }
  return data;
}

SEQLSTM_INLINE FeatureDataset adasyn(FeatureDataset data, std::span<const double> percent,
                                     SyntheticOptions options) {
  detail::check_features("adasyn", data);
  RandomStream random(options.seed, 0x41444153U);  // "ADAS"
  const std::size_t originals = data.size();
  std::vector<std::size_t> all(originals);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto classes = detail::rows_by_class(data.labels, percent);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto& rows = classes[c];
    const std::size_t extra = extra_rows(rows.size(), percent[c]);
    if (extra == 0) continue;
    detail::check_neighbours("adasyn", c, rows.size(), options.k);
    std::vector<double> others(rows.size());
    parallel_for(rows.size(), [&](std::size_t i) {
      for (const std::size_t neighbour : detail::nearest(data, rows[i], all, options.k))
        others[i] += data.labels[neighbour] != static_cast<double>(c) ? 1 : 0;
    });
    const double total = std::accumulate(others.begin(), others.end(), 0.0);
    if (total == 0)
      throw option_error("adasyn: no row of class " + std::to_string(c) +
                         " has a neighbour of another class, so none is harder than others; use smote");
    std::vector<std::size_t> count(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      count[i] = static_cast<std::size_t>(std::nearbyint(others[i] / total * static_cast<double>(extra)));
    if (std::accumulate(count.begin(), count.end(), std::size_t{0}) == 0)
      throw option_error("adasyn: class " + std::to_string(c) + " is to get " + std::to_string(extra) +
                         " new rows, and every row's share of them rounds to 0; ask for a higher percentage, "
                         "or use smote");
    detail::add_synthetic(data, rows, count, options.k, random);
  }
  return data;
}

SEQLSTM_INLINE std::vector<double> percent_of_rare(std::span<const double> labels, double percent,
                                                   double share) {
  const auto counts = class_counts(labels);
  const std::size_t largest = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  std::vector<double> result;
  for (const std::size_t count : counts)
    result.push_back(count > 0 && static_cast<double>(count) < share * static_cast<double>(largest) ? percent
                                                                                                    : 0);
  return result;
}

SEQLSTM_NAMESPACE_END
