// The loss of one position in each sequence, such as a cleavage site: a softmax over its own positions.
#pragma once

#include <seqlstm/autograd/variable.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// -log of the softmax of `scores` [tokens, 1] over a sequence's own positions at its site, the mean over all
/// sequences of the batch. `labels` [tokens], packed, are 1 at the site (or shares of 1 that sum to it), else
/// 0, and NaN where no site can be: such positions are left out of the softmax. A sequence without a site
/// adds nothing and has no gradient. `weights`, one for each sequence in the caller's order (none: all
/// alike), make it a weighted mean. Throws shape_error unless there is one score and one label for each
/// position, option_error for labels outside of 0 to 1 or that sum to more than 1 in a sequence, and for
/// weights that are negative or not finite.
template <Scalar T>
Var<T> site_loss(const SeqVar<T>& scores, std::span<const double> labels,
                 std::span<const double> weights = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/site_loss.ipp>
#endif
