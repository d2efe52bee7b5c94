// Counts of things that have to be found, such as segments and sites: how many there are, how many were
// named, how many of these are right.
#pragma once

#include <cstddef>
#include <seqlstm/metrics/classification.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What was found of the things that are there. Counts of several classes or data sets may be added.
struct DetectionScore {
  std::size_t observed = 0;   ///< things that are there
  std::size_t predicted = 0;  ///< things that were predicted
  std::size_t right = 0;      ///< of the predicted ones, those that are there; each observed one counts once

  /// Share of the predicted ones that is right; 0 where nothing was predicted.
  [[nodiscard]] double precision() const {
    return detail::ratio(static_cast<double>(right), static_cast<double>(predicted));
  }
  /// Share of the observed ones that was found; 0 where there are none.
  [[nodiscard]] double recall() const {
    return detail::ratio(static_cast<double>(right), static_cast<double>(observed));
  }
  /// Harmonic mean of both, 2 right / (observed + predicted); 0 where there is neither.
  [[nodiscard]] double f1() const {
    return detail::ratio(2.0 * static_cast<double>(right), static_cast<double>(observed + predicted));
  }

  /// Adds the counts of another.
  DetectionScore& operator+=(const DetectionScore& other) {
    observed += other.observed;
    predicted += other.predicted;
    right += other.right;
    return *this;
  }
  /// The same counts.
  bool operator==(const DetectionScore&) const = default;
};

SEQLSTM_NAMESPACE_END
