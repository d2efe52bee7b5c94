// The loss of networks that predict, for each position of a sequence, which position of another one it
// belongs to, or that it belongs to none.
#pragma once

#include <cstdint>
#include <seqlstm/nn/pair_scores.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What a position is aligned to where it is an insertion: no position.
inline constexpr std::int32_t unaligned = -1;
/// The target of a position that does not count.
inline constexpr std::int32_t ignored_position = -2;

/// The mean over the rows that count of -log P(target), in nats. Position i of a pair's sequence a is aligned
/// to position j of sequence b, or to none, with
///
///     P(j) = e^S(i, j) / Z    P(none) = e^gap(i) / Z    Z = e^gap(i) + sum over j of e^S(i, j).
///
/// `gap` [tokens, 1] has a row for each token of the first batch; targets[row] are those of the pairs, one
/// after the other: a position, `unaligned` or `ignored_position`. 0 and no gradient where none counts.
/// Memory of the tape: the cells, and two numbers for each row; the gradient takes the place of the cells'
/// copy and is computed only where cells or gap need one.
///
/// Throws shape_error for a gap of another batch or width and for another number of targets than rows,
/// token_error for a target that is no position of its sequence b.
template <Scalar T>
Var<T> alignment_loss(const PairScores<T>& scores, const SeqVar<T>& gap,
                      std::span<const std::int32_t> targets);

/// out(i, j) = log P(j) of pair p, and in its last column log P(none): [rows, cols + 1]. Throws shape_error
/// for another shape, option_error where there is no pair p, and as above for the gap.
template <Scalar T>
void alignment_log_probabilities(const PairScores<T>& scores, const SeqVar<T>& gap, std::size_t p,
                                 MatrixView<double> out);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/alignment_loss.ipp>
#endif
