// Segments: runs of one label along a sequence, such as helices, exons and transmembrane stretches, and how
// well they were found.
//
// Labels are class indices. A negative observed label is unknown: its position does not count. It ends the
// segments of both sides there, whatever was predicted. A negative predicted label predicts nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/metrics/detection.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A run of one label: positions begin .. end - 1.
struct Segment {
  std::size_t begin = 0;  ///< its first position, from 0
  std::size_t end = 0;    ///< the position behind its last one
  std::size_t label = 0;  ///< class index

  /// Number of positions, at least 1.
  [[nodiscard]] std::size_t length() const { return end - begin; }
  /// The same positions and label.
  bool operator==(const Segment&) const = default;
};

/// The runs of one label, from left to right. A negative label belongs to no segment.
std::vector<Segment> segments(std::span<const std::int32_t> labels);

namespace detail {

/// Offsets of records rise from 0 to the number of positions; none stand for one record. Else shape_error.
void check_offsets(const std::string& what, std::span<const std::size_t> offsets, std::size_t positions);

}  // namespace detail

/// SOV, 0 to 1. Papers print it times 100.
struct SegmentOverlap {
  std::vector<double> by_class;                           ///< [classes]; NaN for a class that is not observed
  double all = std::numeric_limits<double>::quiet_NaN();  ///< of all classes; NaN where none is observed
  /// Mean of what `all` is of each record by itself, over the records where a class is observed; NaN
  /// without any.
  double mean_of_records = std::numeric_limits<double>::quiet_NaN();
};

/// Segment overlap SOV'99 (Zemla, Venclovas, Fidelis & Rost 1999). Of the pairs of an observed segment s1 and
/// a predicted segment s2 of the same class that share a position,
///
///     SOV = 1/N sum len(s1) (minov + delta) / maxov
///     delta = min(maxov - minov, minov, floor(len(s1) / 2), floor(len(s2) / 2))
///
/// where minov is the number of positions that both have and maxov of those from the first to the last of
/// either. N is the sum of len(s1) over all pairs, and over the observed segments that no predicted one of
/// their class overlaps. A segment that is predicted where none of its class is observed changes nothing.
///
/// `by_class` has the sum and N of a class, `all` those of all classes together. Of several records these
/// are sums over all segments of all records. `offsets` [records + 1] says where records begin, the last one
/// where they end; without offsets all labels are one record. Time is linear in the number of positions.
/// Throws shape_error for other numbers of labels, or offsets that do not rise from 0 to that number, and
/// option_error for a label of `classes` or more.
SegmentOverlap segment_overlap(std::span<const std::int32_t> observed,
                               std::span<const std::int32_t> predicted, std::size_t classes,
                               std::span<const std::size_t> offsets = {});

/// Segments by class, and all together.
struct SegmentScores {
  std::vector<DetectionScore> by_class;  ///< [classes]
  DetectionScore all;                    ///< sum over classes; add up `by_class` to leave one out
};
/// Options of segment_f1().
struct SegmentF1Options {
  /// Share of the positions of either segment that both must have, above 0 to 1. At 1 segments must agree
  /// in both ends.
  double min_overlap = 0.5;
};

/// Precision, recall and F1 of segments. A predicted segment is right where an observed one of its class
/// overlaps it enough: positions of both / positions of either >= min_overlap. Each segment is in at most
/// one such pair, and as many pairs are formed as can be; from min_overlap 0.5 on there is no choice. Records
/// and errors as for segment_overlap(); option_error for a share out of range.
SegmentScores segment_f1(std::span<const std::int32_t> observed, std::span<const std::int32_t> predicted,
                         std::size_t classes, std::span<const std::size_t> offsets = {},
                         const SegmentF1Options& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/segments.ipp>
#endif
