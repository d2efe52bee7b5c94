// Definitions of sampler.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/sampler.hpp>
#include <seqlstm/data/split.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Sampler weighted_sampler(std::span<const double> weights, std::size_t count,
                                        std::uint64_t seed) {
  std::vector<double> cumulative;
  double sum = 0;
  for (const double weight : weights) {
    if (!(weight >= 0 && std::isfinite(weight)))
      throw option_error("weighted_sampler: a weight is " + std::to_string(weight) +
                         ", expected finite numbers of at least 0");
    cumulative.push_back(sum += weight);
  }
  if (!(sum > 0)) throw option_error("weighted_sampler: all weights are 0, expected at least one above");
  if (count == 0) throw option_error("weighted_sampler: count is 0, expected at least one row an epoch");
  const auto shared = std::make_shared<const std::vector<double>>(std::move(cumulative));  // copies are cheap
  return [shared, count, seed](std::size_t epoch) {
    RandomStream random({seed, 0x53414D50U, static_cast<std::uint32_t>(epoch)});  // "SAMP"
    std::vector<std::size_t> rows(count);
    for (std::size_t& row : rows) {
      const auto found = std::upper_bound(shared->begin(), shared->end(), random.uniform() * shared->back());
      row = static_cast<std::size_t>(std::min(found, shared->end() - 1) - shared->begin());
    }
    return rows;
  };
}

SEQLSTM_INLINE std::vector<double> balanced_weights(std::span<const double> labels) {
  const auto counts = class_counts(labels);
  std::vector<double> weights;
  for (const double label : labels)
    weights.push_back(1 / static_cast<double>(counts[static_cast<std::size_t>(label)]));
  return weights;
}

SEQLSTM_INLINE std::vector<std::size_t> detail::sampled_rows(const Sampler& sampler, std::size_t epoch,
                                                             std::size_t rows) {
  auto sampled = sampler(epoch);
  if (sampled.empty()) throw option_error("sampler: epoch " + std::to_string(epoch) + " has no rows");
  for (const std::size_t row : sampled)
    if (row >= rows)
      throw option_error("sampler: row " + std::to_string(row) + " of epoch " + std::to_string(epoch) +
                         " does not exist; the data has rows 0 to " + std::to_string(rows - 1));
  return sampled;
}

SEQLSTM_NAMESPACE_END
