// Definitions of segments.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <seqlstm/metrics/segments.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Runs of label_of(position), a label or a negative number, into `found`.
template <class LabelOf>
void find_runs(std::size_t positions, LabelOf label_of, std::vector<Segment>& found) {
  found.clear();
  bool open = false;
  for (std::size_t i = 0; i < positions; ++i) {
    const std::int32_t label = label_of(i);
    const bool same = open && label >= 0 && found.back().label == static_cast<std::size_t>(label);
    open = label >= 0;
    if (open && !same) found.push_back({i, i, static_cast<std::size_t>(label)});
    if (open) found.back().end = i + 1;
  }
}

/// Pairs of segments of one class that share positions, from left to right: visit(i, k, positions of both).
/// No more pairs overlap than there are segments.
template <class Visit>
void for_each_overlap(std::span<const Segment> observed, std::span<const Segment> predicted, Visit visit) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const Segment& s1 = observed[i];
    while (first < predicted.size() && predicted[first].end <= s1.begin) ++first;
    for (std::size_t k = first; k < predicted.size() && predicted[k].begin < s1.end; ++k) {
      const Segment& s2 = predicted[k];
      if (s1.label == s2.label) visit(i, k, std::min(s1.end, s2.end) - std::max(s1.begin, s2.begin));
    }
  }
}
inline std::size_t positions_of_either(const Segment& a, const Segment& b) {
  return std::max(a.end, b.end) - std::min(a.begin, b.begin);
}

inline void check_labels(const std::string& what, const char* side, std::span<const std::int32_t> labels,
                         std::size_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0 && static_cast<std::size_t>(labels[i]) >= classes)
      throw option_error(what + ": the " + side + " label of position " + std::to_string(i) + " is " +
                         std::to_string(labels[i]) + ", expected less than " + std::to_string(classes) +
                         ", or a negative one for none");
}

SEQLSTM_INLINE void check_offsets(const std::string& what, std::span<const std::size_t> offsets,
                                  std::size_t positions) {
  if (offsets.empty()) return;
  if (offsets.front() != 0 || offsets.back() != positions || !std::is_sorted(offsets.begin(), offsets.end()))
    throw shape_error(what + ": " + std::to_string(offsets.size()) + " offsets from " +
                      std::to_string(offsets.front()) + " to " + std::to_string(offsets.back()) +
                      ", expected numbers that rise from 0 to " + std::to_string(positions) +
                      ", the number of labels, or none for one record");
}

/// Calls visit with the segments of each record.
template <class Visit>
void for_each_record(const std::string& what, std::span<const std::int32_t> observed,
                     std::span<const std::int32_t> predicted, std::size_t classes,
                     std::span<const std::size_t> offsets, Visit visit) {
  if (observed.size() != predicted.size())
    throw shape_error(what + ": " + std::to_string(observed.size()) + " observed and " +
                      std::to_string(predicted.size()) + " predicted labels, expected as many of each");
  check_offsets(what, offsets, observed.size());
  check_labels(what, "observed", observed, classes);
  check_labels(what, "predicted", predicted, classes);
  const std::array<std::size_t, 2> one_record = {0, observed.size()};
  if (offsets.empty()) offsets = one_record;
  std::vector<Segment> there, named;
  for (std::size_t r = 0; r + 1 < offsets.size(); ++r) {
    const auto truth = observed.subspan(offsets[r], offsets[r + 1] - offsets[r]);
    const auto guess = predicted.subspan(offsets[r], truth.size());
    find_runs(
        truth.size(), [&](std::size_t i) { return truth[i]; }, there);
    find_runs(
        truth.size(), [&](std::size_t i) { return truth[i] < 0 ? truth[i] : guess[i]; }, named);
    visit(std::span<const Segment>(there), std::span<const Segment>(named));
  }
}

/// Numerator and N of SOV.
struct SovSums {
  double overlap = 0, length = 0;
  void add(double value, double weight) {
    overlap = std::fma(value, weight, overlap);
    length += weight;
  }
  [[nodiscard]] double sov() const {
    return length > 0 ? overlap / length : std::numeric_limits<double>::quiet_NaN();
  }
};

/// (minov + delta) / maxov of an observed and a predicted segment that share `minov` positions.
inline double overlap_of_pair(const Segment& s1, const Segment& s2, std::size_t minov) {
  const std::size_t maxov = positions_of_either(s1, s2);
  const std::size_t delta = std::min({maxov - minov, minov, s1.length() / 2, s2.length() / 2});
  return static_cast<double>(minov + delta) / static_cast<double>(maxov);
}

class SovOfRecords {
 public:
  explicit SovOfRecords(std::size_t classes) : by_class_(classes) {}

  void add_record(std::span<const Segment> observed, std::span<const Segment> predicted) {
    record_ = {};
    met_.assign(observed.size(), 0);
    for_each_overlap(observed, predicted, [&](std::size_t i, std::size_t k, std::size_t minov) {
      met_[i] = 1;
      add(observed[i], overlap_of_pair(observed[i], predicted[k], minov));
    });
    for (std::size_t i = 0; i < observed.size(); ++i)
      if (met_[i] == 0) add(observed[i], 0);
    if (record_.length > 0) records_.add(record_.sov(), 1);
  }
  [[nodiscard]] SegmentOverlap result() const {
    SegmentOverlap found{{}, all_.sov(), records_.sov()};
    for (const SovSums& sums : by_class_) found.by_class.push_back(sums.sov());
    return found;
  }

 private:
  void add(const Segment& observed, double value) {
    const auto length = static_cast<double>(observed.length());
    for (SovSums* sums : {&by_class_[observed.label], &all_, &record_}) sums->add(value, length);
  }

  std::vector<SovSums> by_class_;
  SovSums all_, record_, records_;  // all segments, those of one record; and the SOV of records
  std::vector<char> met_;           // by observed segment: does a predicted one overlap it?
};

}  // namespace detail

SEQLSTM_INLINE std::vector<Segment> segments(std::span<const std::int32_t> labels) {
  std::vector<Segment> found;
  detail::find_runs(
      labels.size(), [&](std::size_t i) { return labels[i]; }, found);
  return found;
}

SEQLSTM_INLINE SegmentOverlap segment_overlap(std::span<const std::int32_t> observed,
                                              std::span<const std::int32_t> predicted, std::size_t classes,
                                              std::span<const std::size_t> offsets) {
  detail::SovOfRecords sov(classes);
  detail::for_each_record(
      "segment overlap", observed, predicted, classes, offsets,
      [&](std::span<const Segment> there, std::span<const Segment> named) { sov.add_record(there, named); });
  return sov.result();
}

SEQLSTM_INLINE SegmentScores segment_f1(std::span<const std::int32_t> observed,
                                        std::span<const std::int32_t> predicted, std::size_t classes,
                                        std::span<const std::size_t> offsets,
                                        const SegmentF1Options& options) {
  if (!(options.min_overlap > 0 && options.min_overlap <= 1))
    throw option_error("segment_f1: min_overlap is " + std::to_string(options.min_overlap) +
                       ", expected a share above 0 and at most 1");
  SegmentScores scores{std::vector<DetectionScore>(classes), {}};
  std::vector<char> found, used;
  detail::for_each_record(
      "segment_f1", observed, predicted, classes, offsets,
      [&](std::span<const Segment> there, std::span<const Segment> named) {
        for (const Segment& s1 : there) ++scores.by_class[s1.label].observed;
        for (const Segment& s2 : named) ++scores.by_class[s2.label].predicted;
        found.assign(there.size(), 0);
        used.assign(named.size(), 0);
        // Of the pairs that are left, the leftmost has a segment that is in no other: taking it costs none.
        detail::for_each_overlap(there, named, [&](std::size_t i, std::size_t k, std::size_t both) {
          const auto either = static_cast<double>(detail::positions_of_either(there[i], named[k]));
          if (found[i] != 0 || used[k] != 0 || static_cast<double>(both) / either < options.min_overlap)
            return;
          found[i] = used[k] = 1;
          ++scores.by_class[there[i].label].right;
        });
      });
  for (const DetectionScore& of_class : scores.by_class) scores.all += of_class;
  return scores;
}

SEQLSTM_NAMESPACE_END
