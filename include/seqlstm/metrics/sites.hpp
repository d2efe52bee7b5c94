// Sites: one position of a sequence, such as a cleavage site, that was found exactly, within some positions,
// or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/metrics/detection.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Counts the sites of records, one or none each: a predicted site is right where its record has one that is
/// at most `tolerance` positions away. Precision is the share of the predicted sites that is right, recall
/// the share of the observed sites that was found. Throws shape_error for different numbers of records.
///
/// Where records have types and a site counts only under the right one, as in SignalP's tables, take away
/// (std::nullopt) the observed sites of other types and the sites predicted under other types beforehand.
DetectionScore site_score(std::span<const std::optional<std::size_t>> observed,
                          std::span<const std::optional<std::size_t>> predicted, std::size_t tolerance = 0);

/// A score for each of `count` classes of records: a site counts under its record's class alone, so that one
/// predicted under another class is wrong. Sum them for the score of all. Throws shape_error for different
/// numbers of records, option_error for a class of `count` or above.
std::vector<DetectionScore> site_scores(std::span<const std::optional<std::size_t>> observed,
                                        std::span<const std::size_t> observed_classes,
                                        std::span<const std::optional<std::size_t>> predicted,
                                        std::span<const std::size_t> predicted_classes, std::size_t count,
                                        std::size_t tolerance = 0);

/// The last position of the first stretch whose labels are all among `classes`: with the classes of a signal
/// peptide's regions, the position before the cleavage site. Nothing where no label is among them. Negative
/// labels are none. Throws option_error without classes, and for a negative one.
std::optional<std::size_t> last_position_of(std::span<const std::int32_t> labels,
                                            std::span<const std::int32_t> classes);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/sites.ipp>
#endif
