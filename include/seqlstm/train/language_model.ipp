// Definitions of language_model.hpp.
#pragma once

#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/language_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> std::size_t right_guesses(ConstMatrixView<T> logits, std::span<const Token> next) {
  std::size_t right = 0;
  for (std::size_t r = 0; r < logits.rows(); ++r) {
    const auto row = logits.row(r);
    right += std::max_element(row.begin(), row.end()) - row.begin() == next[r] ? 1 : 0;
  }
  return right;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template std::size_t detail::right_guesses(ConstMatrixView<T> logits, std::span<const Token> next);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
