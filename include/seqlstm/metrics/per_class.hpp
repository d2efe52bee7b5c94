// A result class by class: each against the rest.
#pragma once

#include <ostream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One class (or label) against the rest: which rows are of it, 1 or 0, and how probable the model says that
/// is.
struct OneAgainstRest {
  std::vector<int> truth;      ///< [rows] 1 or 0
  std::vector<double> scores;  ///< [rows] probability of the class, 0 to 1
};

/// Class `c` of predictions [rows, classes], or [rows, 1] for the probability of class 1. `labels` are a
/// class index a row, or, of multi-label tasks, a 0 or 1 for each of the columns. Throws shape_error for any
/// other number of labels, or a class that there is not.
OneAgainstRest one_against_rest(std::span<const double> labels, ConstMatrixView<double> probabilities,
                                std::size_t c);

/// The metrics of one class against the rest.
struct ClassMetrics {
  std::string name;         ///< of the class, or its number
  std::size_t members = 0;  ///< rows of the class
  double precision = 0;     ///< 0 where nothing was predicted as the class
  double recall = 0;        ///< 0 without members
  double f1 = 0;            ///< 0 where precision and recall are
  double roc_auc = 0;       ///< NaN without members, or without others
};

namespace detail {

/// per_class_metrics() of classes that were predicted by whatever rule: `predicted` is a class index a row.
/// Where it is empty, a row is of a class from a probability of 0.5 on.
std::vector<ClassMetrics> metrics_of_classes(std::span<const double> labels,
                                             ConstMatrixView<double> probabilities,
                                             std::span<const int> predicted,
                                             const std::vector<std::string>& names);

}  // namespace detail

/// Every class (or label), of two classes class 1 alone. The class of the largest probability is the
/// prediction, the first of equals; for one column, and of labels, what has at least 0.5. A class without a
/// name has its number. Labels as one_against_rest() has them.
std::vector<ClassMetrics> per_class_metrics(std::span<const double> labels,
                                            ConstMatrixView<double> probabilities,
                                            const std::vector<std::string>& names = {});

/// A table with a line a class; control characters in names are escaped.
std::ostream& operator<<(std::ostream& out, const std::vector<ClassMetrics>& classes);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/per_class.ipp>
#endif
