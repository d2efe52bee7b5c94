// Weights of a sequence's tokens: a softmax over its steps, and the sums of rows so weighted. Attention is
// made of them.
#pragma once

#include <seqlstm/autograd/tape.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// e^x / sum of e^x over each sequence's own tokens, column by column, [tokens, cols]: in every column the
/// weights of a sequence sum to 1, however large or small x is. A column with a NaN or +infinity, and one of
/// -infinity alone, which is no distribution, become NaN for that sequence. Memory of the tape beside the
/// result: for each thread four times the longest sequence's numbers.
template <Scalar T> SeqVar<T> softmax_steps(const SeqVar<T>& x);

/// The sums of each sequence's rows of x [tokens, cols] under each column of `weights` [tokens, heads], heads
/// side by side: result(i, h * cols + c) = sum over the sequence's tokens, first to last, of weights(token,
/// h) x(token, c); [sequences, heads * cols] in the caller's order. A sequence without tokens gives zeros.
/// Memory of the tape: the result's twice, and once more in the backward pass. Throws shape_error where the
/// two are not of the same tokens.
template <Scalar T> Var<T> weighted_sum(const SeqVar<T>& weights, const SeqVar<T>& x);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/step_weights.ipp>
#endif
