// Which position each position of a sequence belongs to, when order is kept: the best path through
// a network's probabilities of each alone.
#pragma once

#include <cstdint>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// What a path pays for positions that it passes over, as logarithms.
struct SkipScores {
  double none = 0,  ///< the next position follows at once
      first = 0,    ///< a position is passed over
      more = 0;     ///< each further one
};

/// The scores that make skips as likely as in alignments that are known, each a position or -1 (insertion)
/// for each position, with one occurrence of each kind added: log of the share of steps that pass over
/// nothing or something, and of the shares in which a skip ends or goes on.
SkipScores counted_skips(std::span<const std::vector<std::int32_t>> alignments);

/// The positions, rising, or -1 that make largest the sum of log_p(i, position of i), or of log_p(i, last
/// column) for -1, and of the skips between positions that follow each other (Gotoh 1982). Where the path
/// begins and ends costs nothing. `log_p` [length, positions + 1]. Of equally good paths the one that keeps
/// to -1, then to the nearest position before. Time and memory: length x positions.
std::vector<std::int32_t> monotone_path(ConstMatrixView<double> log_p, const SkipScores& skips = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/monotone_path.ipp>
#endif
