// What scikit-learn and scipy make of small inputs; make_reference.py writes the tables.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace metrics_reference {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

/// precision, recall and F1 by average (binary: empty for more than two classes), then by class.
struct ClassificationCase {
  std::string name;
  std::size_t classes;
  std::vector<int> truth, predicted;
  double accuracy;
  std::vector<double> binary, macro, weighted, micro, precision, recall, f1;
  double mcc;
};
struct RankingCase {
  std::string name;
  std::vector<int> truth;
  std::vector<double> scores;
  double roc_auc, pr_auc;
  std::vector<double> false_positive_rate, true_positive_rate, threshold;
};
/// metrics in a report's order.
struct ReportCase {
  std::string name;
  std::size_t columns;
  std::vector<double> truth, probabilities, metrics;
};
struct RegressionCase {
  std::string name;
  std::vector<double> truth, predicted;
  double mse, mae, r2, spearman, pearson;
};

#include "metrics/reference.inc"

/// Equal but for rounding; NaN equals NaN and nothing else.
inline bool same(double actual, double expected) {
  if (std::isnan(expected)) return std::isnan(actual);
  return actual == expected || std::abs(actual - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}
inline void check_same(const std::string& what, double actual, double expected) {
  INFO(what << " is " << actual << ", reference " << expected);
  CHECK(same(actual, expected));
}

}  // namespace metrics_reference
