// Which rows an epoch reads: all in random order, or what a sampler says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <seqlstm/core/error.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The rows that an epoch reads, in this order: any number of them, some more than once or not at all. The
/// same for the same epoch, so that a training can be resumed. fit() counts epochs from 1, and may ask for
/// one several times; a batcher that nobody told an epoch begins with 0.
using Sampler = std::function<std::vector<std::size_t>(std::size_t epoch)>;

/// `count` rows drawn with these weights, one for each row of the data, with replacement (PyTorch's
/// WeightedRandomSampler). Throws option_error for weights that are below 0, not finite, or all 0, and for a
/// count of 0.
Sampler weighted_sampler(std::span<const double> weights, std::size_t count, std::uint64_t seed = 0);

/// Weights that give every class the same chance.
std::vector<double> balanced_weights(std::span<const double> labels);

namespace detail {
/// An epoch's rows. Throws option_error for none, or for one that the data does not have.
std::vector<std::size_t> sampled_rows(const Sampler& sampler, std::size_t epoch, std::size_t rows);
}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/sampler.ipp>
#endif
