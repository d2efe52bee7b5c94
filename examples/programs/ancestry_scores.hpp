// How well stretches are found: by base, by stretch, and by what the stretches are like.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <seqlstm/metrics/segments.hpp>
#include <seqlstm/plot/figure.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ancestry_data.hpp"

namespace examples {

/// What one method says of each window, and how it is called.
struct AncestryMethod {
  std::string key, title;
  std::vector<double> probabilities;  ///< [positions] of archaic ancestry
};

/// From this probability on a window is called archaic.
inline constexpr double called_from = 0.5;

/// Both curves of all bases: a window's bases share its probability.
class BaseCurve {
 public:
  BaseCurve(const std::vector<double>& scores, const AncestryWindows& windows) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    double right = 0, wrong = 0;
    for (std::size_t i = 0; i < order.size();) {
      const double threshold = scores[order[i]];
      for (; i < order.size() && scores[order[i]] == threshold; ++i) {
        right += windows.introgressed[order[i]];
        wrong += windows.rest[order[i]];
      }
      steps_.emplace_back(right, wrong);
    }
  }
  /// Average precision, as pr_auc() of all bases.
  [[nodiscard]] double pr_auc() const {
    double area = 0, before = 0;
    for (const auto& [right, wrong] : steps_) {
      if (right > before) area += (right - before) / positives() * right / (right + wrong);
      before = right;
    }
    return area;
  }
  /// As roc_auc() of all bases.
  [[nodiscard]] double roc_auc() const {
    double area = 0;
    std::pair<double, double> before{0, 0};
    for (const auto& step : steps_) {
      area += (step.second - before.second) * (step.first + before.first) / 2;
      before = step;
    }
    return area / positives() / steps_.back().second;
  }
  /// Recall against precision at no more than `most` places.
  [[nodiscard]] plot::Series series(const std::string& name, std::size_t most = 400) const {
    plot::Series line{name, {}, {}};
    double drawn = -1;
    for (const auto& [right, wrong] : steps_) {
      if (right == 0 || right / positives() < drawn + 1 / static_cast<double>(most)) continue;
      drawn = right / positives();
      line.x.push_back(drawn);
      line.y.push_back(right / (right + wrong));
    }
    return line;
  }

 private:
  [[nodiscard]] double positives() const { return steps_.back().first; }

  std::vector<std::pair<double, double>> steps_;  // bases so far that are archaic, and that are not
};

inline std::vector<std::int32_t> called(const std::vector<double>& probabilities) {
  std::vector<std::int32_t> classes;
  for (const double p : probabilities) classes.push_back(p >= called_from ? 1 : 0);
  return classes;
}

/// Harmonic mean; 0 where both are.
inline double f1_of(double precision, double recall) {
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

/// All metrics of a method.
inline nlohmann::json metrics_of(const AncestryMethod& method, const AncestryWindows& windows) {
  const BaseCurve curve(method.probabilities, windows);
  const auto classes = called(method.probabilities);
  double right = 0, wrong = 0, missed = 0;
  for (std::size_t t = 0; t < classes.size(); ++t) {
    (classes[t] == 1 ? right : missed) += windows.introgressed[t];
    if (classes[t] == 1) wrong += windows.rest[t];
  }
  const double precision = right + wrong > 0 ? right / (right + wrong) : 0, recall = right / (right + missed);
  std::vector<std::int32_t> truth;
  for (const double label : windows.data.position_labels) truth.push_back(static_cast<std::int32_t>(label));
  const DetectionScore stretches = segment_f1(truth, classes, 2, windows.data.offsets).by_class[1];
  return {{"pr_auc", curve.pr_auc()},
          {"roc_auc", curve.roc_auc()},
          {"precision", precision},
          {"recall", recall},
          {"f1", f1_of(precision, recall)},
          {"segment_precision", stretches.precision()},
          {"segment_recall", stretches.recall()},
          {"segment_f1", stretches.f1()},
          {"segments", stretches.observed},
          {"called_segments", stretches.predicted}};
}

/// A true stretch, and how much of it each method called.
struct FoundStretch {
  double length = 0, divergence = 0;
  std::vector<double> shares;  ///< [methods] of its bases
};

inline std::vector<FoundStretch> found_stretches(const HaplotypePanel& panel, const AncestryWindows& windows,
                                                 const std::vector<AncestryMethod>& methods,
                                                 std::size_t window) {
  std::vector<FoundStretch> found;
  for (std::size_t i = 0; i < windows.records.size(); ++i) {
    const auto [r, h] = windows.records[i];
    const HaplotypeRegion& region = panel.regions[r];
    for (const BaseRange& range : region.introgressed[h]) {
      FoundStretch one{static_cast<double>(range.length()), archaic_divergence(region, h, range), {}};
      for (const AncestryMethod& method : methods) {
        double bases = 0;
        for (std::size_t w = range.begin / window; w * window < range.end; ++w)
          if (method.probabilities[windows.data.offsets[i] + w] >= called_from)
            bases += static_cast<double>(std::min(range.end, (w + 1) * window) -
                                         std::max(range.begin, w * window));
        one.shares.push_back(bases / one.length);
      }
      found.push_back(std::move(one));
    }
  }
  return found;
}

/// Rows of ranges of `of`: stretches, the share of their bases that each method called, and the share of
/// stretches of which it called half or more.
inline nlohmann::json table_over(const std::vector<FoundStretch>& stretches, double FoundStretch::*of,
                                 const std::vector<double>& edges,
                                 const std::vector<AncestryMethod>& methods) {
  auto rows = nlohmann::json::array();
  for (std::size_t e = 0; e <= edges.size(); ++e) {
    const double low = e == 0 ? 0 : edges[e - 1];
    const double high = e == edges.size() ? std::numeric_limits<double>::infinity() : edges[e];
    double bases = 0;
    std::size_t count = 0;
    std::vector<double> called_bases(methods.size(), 0.0), halves(methods.size(), 0.0);
    for (const FoundStretch& one : stretches) {
      if (one.*of < low || one.*of >= high) continue;
      ++count;
      bases += one.length;
      for (std::size_t m = 0; m < methods.size(); ++m) {
        called_bases[m] += one.shares[m] * one.length;
        if (one.shares[m] >= 0.5) halves[m] += 1;
      }
    }
    nlohmann::json row = {{"from", low}, {"segments", count}, {"bases", bases}};
    if (e < edges.size()) row["to"] = high;
    for (std::size_t m = 0; m < methods.size() && count > 0; ++m)
      row[methods[m].key] = {{"base_recall", called_bases[m] / bases},
                             {"segment_recall", halves[m] / static_cast<double>(count)}};
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace examples
