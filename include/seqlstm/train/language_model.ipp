// Definitions of language_model.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/text.hpp>
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

template <Scalar T>
void add_scores(const SeqVar<T>& logits, std::span<const Token> next, std::span<StreamScore> of_streams) {
  const auto x = logits.value();
  for (std::size_t r = 0; r < x.rows(); ++r)
    if (next[r] < 0 || static_cast<std::size_t>(next[r]) >= x.cols())
      throw token_error("language model: the next token " + std::to_string(next[r]) +
                        " is outside the vocabulary [0, " + std::to_string(x.cols()) + ")");
  T* const sums = logits.tape().arena().template allocate<T>(x.rows());
  for_parts(x.rows(), 1, x.rows() * x.cols() * 4, [&](IndexRange part) {
    Kernels<T>::log_sum_exp_rows(x.row_range(part.begin, part.end - part.begin), sums + part.begin);
  });
  for (std::size_t r = 0; r < x.rows(); ++r) {
    StreamScore& stream = of_streams[r % of_streams.size()];
    const T target = x(r, static_cast<std::size_t>(next[r]));
    stream.surprise += double{sums[r]} - double{target};
    stream.right += static_cast<double>(right_guesses<T>(x.row_range(r, 1), next.subspan(r, 1)));
  }
}

}  // namespace detail

SEQLSTM_INLINE double informed_random_bits(const Tokenizer& tokenizer) {
  const auto& alphabet = tokenizer.alphabet();
  const auto letters = std::count_if(alphabet.letters().begin(), alphabet.letters().end(),
                                     [&](char letter) { return alphabet.knows(letter); });
  return std::log2(alphabet.options().nucleotides ? 4.0 : static_cast<double>(letters));
}

SEQLSTM_INLINE std::string score_text(const LanguageScore& score, const Tokenizer& tokenizer) {
  using detail::number_text;
  return "loss " + number_text(score.loss) + ", " +
         number_text(score.bits_per_letter(tokenizer.new_letters())) +
         " bits a base (informed random: " + number_text(informed_random_bits(tokenizer)) + "), perplexity " +
         number_text(score.perplexity()) + ", accuracy " + number_text(score.accuracy);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                          \
  template std::size_t detail::right_guesses(ConstMatrixView<T> logits, std::span<const Token> next); \
  template void detail::add_scores(const SeqVar<T>&, std::span<const Token>, std::span<StreamScore>);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
