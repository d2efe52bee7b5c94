// How alike two sequences are when each of their positions is softly aligned to those of the other: Bepler
// and Berger 2019, "Learning protein sequence embeddings using information from structure", section 3.2.
#pragma once

#include <seqlstm/nn/pair_scores.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The soft symmetric alignment of each pair, [pairs, 1]. With distances d(i, j), as of pair_distances():
///
///     alpha(i, j) = e^-d(i, j) / sum over k of e^-d(i, k)        position i among those of sequence b
///     beta(i, j)  = e^-d(i, j) / sum over k of e^-d(k, j)        position j among those of sequence a
///     w = alpha + beta - alpha beta
///     s = -(sum over i, j of w(i, j) d(i, j)) / (sum over i, j of w(i, j)),
///
/// at most 0, which is the score of equal states. A pair with an empty sequence has 0 and no gradient. Sums
/// are in double. Memory of the tape: twice the cells; in the backward pass three times the cells more,
/// beside their gradient.
template <Scalar T> Var<T> soft_symmetric_alignment(const PairScores<T>& distances);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/soft_alignment.ipp>
#endif
