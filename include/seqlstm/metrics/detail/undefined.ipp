// Definitions of undefined.hpp.
#pragma once

#include <seqlstm/metrics/detail/undefined.hpp>
#include <seqlstm/metrics/regression.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::vector<std::string> undefined_numbers(std::span<const double> truth,
                                                          std::span<const double> predicted) {
  if (truth.size() < 2) return {"one row only: r2 and spearman are not defined"};
  std::vector<std::string> notes;
  if (has_nan(truth) || has_nan(predicted))
    notes.emplace_back("a target or prediction is NaN: so is every metric");
  if (all_equal(truth))
    notes.emplace_back(
        "every target is the same: r2 counts as 1 if every prediction is exact, else as 0; spearman is not "
        "defined");
  else if (all_equal(predicted))
    notes.emplace_back("every prediction is the same: spearman is not defined");
  return notes;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
