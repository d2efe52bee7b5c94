// Definitions of generate.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/infer/generate.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T>
std::span<const T> allowed(std::span<const T> logits, Token before, const GenerateOptions& options,
                           std::vector<T>& scratch) {
  if (!options.may_follow) return logits;
  scratch.assign(logits.begin(), logits.end());
  for (std::size_t i = 0; i < scratch.size(); ++i)
    if (!options.may_follow(before, static_cast<Token>(i))) scratch[i] = -std::numeric_limits<T>::infinity();
  return scratch;
}

template <Scalar T>
Token draw_token(std::span<const T> logits, const GenerateOptions& options, RandomStream& random,
                 std::vector<double>& scratch) {
  const auto best = std::max_element(logits.begin(), logits.end());
  const auto is_nan = [](T logit) { return std::isnan(logit); };
  if (!std::isfinite(*best) || std::any_of(logits.begin(), logits.end(), is_nan))
    throw numeric_error(
        "generate: the model's logits are not finite (its training diverged, or its weights are damaged), or "
        "no token may follow");
  if (options.temperature == 0) return static_cast<Token>(best - logits.begin());
  scratch.assign(logits.begin(), logits.end());
  double lowest = -std::numeric_limits<double>::infinity();
  std::ptrdiff_t equal = 0;  // of the k largest, those no larger than the others
  if (options.top_k > 0 && options.top_k < scratch.size()) {
    const auto kth = scratch.begin() + static_cast<std::ptrdiff_t>(options.top_k - 1);
    std::nth_element(scratch.begin(), kth, scratch.end(), std::greater<>());
    lowest = *kth;
    equal = std::count(scratch.begin(), kth + 1, lowest);
  }
  double total = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double logit = double{logits[i]};
    const bool drawn = logit > lowest || (logit == lowest && equal-- > 0);
    total += drawn ? std::exp((logit - double{*best}) / options.temperature) : 0.0;
    scratch[i] = total;
  }
  const double place = random.uniform() * total;
  const auto found = std::upper_bound(scratch.begin(), scratch.end(), place);
  return static_cast<Token>(std::min<std::ptrdiff_t>(found - scratch.begin(), std::ssize(logits) - 1));
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                            \
  template std::span<const T> detail::allowed(std::span<const T> logits, Token before,                  \
                                              const GenerateOptions& options, std::vector<T>& scratch); \
  template Token detail::draw_token(std::span<const T> logits, const GenerateOptions& options,          \
                                    RandomStream& random, std::vector<double>& scratch);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
