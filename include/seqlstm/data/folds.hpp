// Cross-validation by groups that the data brings: clusters of relatives, or the folds of a publication.
#pragma once

#include <cstddef>
#include <seqlstm/data/split.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A fold for each group, in the order of their names: it is tested, the next one (after the last the first)
/// validates, the others are learned from. `groups` has the name of each row's. Throws option_error for fewer
/// than three groups.
std::vector<Partition> cross_validation_folds(std::span<const std::string> groups);

/// Partitions without test rows, in the order of the groups' names: in each of them another one of the first
/// `count` groups validates, all others are learned from. Throws option_error for a count of 0 or above that
/// of the groups, and for fewer than two groups.
std::vector<Partition> validation_folds(std::span<const std::string> groups, std::size_t count);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/folds.ipp>
#endif
