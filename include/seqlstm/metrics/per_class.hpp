// A result class by class: each against the rest.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One class (or label) against the rest: which rows are of it, 1 or 0, and how probable the model says that
/// is.
struct OneAgainstRest {
  std::vector<int> truth;
  std::vector<double> scores;
};

/// Class `c` of predictions [rows, classes], or [rows, 1] for the probability of class 1. `labels` are a
/// class index a row, or, of multi-label tasks, a 0 or 1 for each of the columns. Throws shape_error for any
/// other number of labels, or a class that there is not.
OneAgainstRest one_against_rest(std::span<const double> labels, ConstMatrixView<double> probabilities,
                                std::size_t c);

/// The metrics of one class against the rest.
struct ClassMetrics {
  std::string name;
  std::size_t members = 0;
  double precision = 0, recall = 0, f1 = 0, roc_auc = 0;
};

/// Every class (or label), of two classes class 1 alone. The class of the largest probability is the
/// prediction, the first of equals; for one column, and of labels, what has at least 0.5. A class without a
/// name has its number. Labels as one_against_rest() has them.
std::vector<ClassMetrics> per_class_metrics(std::span<const double> labels,
                                            ConstMatrixView<double> probabilities,
                                            const std::vector<std::string>& names = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/per_class.ipp>
#endif
