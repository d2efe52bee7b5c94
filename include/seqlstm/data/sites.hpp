// One position of a record that is to be found, such as the last residue before a cleavage site, as labels of
// its positions.
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/data/record.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Labels by position from the place of each record's site, counted from 0: 1 there and 0 at its other
/// letters; NaN at all letters of a record without one. Throws shape_error unless there is an entry for each
/// record, option_error for a site behind its record's last letter.
void set_sites(LabelledRecords& records, std::span<const std::optional<std::size_t>> sites);

/// The sites that set_sites() set; nothing where a record has none, or no record has labels by position.
std::vector<std::optional<std::size_t>> sites_of(const LabelledRecords& records);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/sites.ipp>
#endif
