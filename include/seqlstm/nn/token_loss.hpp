// The loss of models that say something about every token: language models.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Softmax cross-entropy of logits [tokens, V], one target per packed token: the mean of -log
/// softmax(x)[target] in nats, over the tokens whose target is not negative. PyTorch's CrossEntropyLoss with
/// a negative ignore_index. Memory of the tape: tokens x V and tokens. Throws token_error for a target of V
/// or more, shape_error for another number of targets than tokens and where none has one.
template <Scalar T> Var<T> cross_entropy(const SeqVar<T>& x, std::span<const Token> targets);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/token_loss.ipp>
#endif
