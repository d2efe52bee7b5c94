// What the losses share: checks of their targets, and the mean of one term per element.
#pragma once

#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/names.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class> inline constexpr bool always_false = false;

/// What a loss says to one row per token.
template <class T> constexpr void refuse_sequence() {
  static_assert(
      always_false<T>,
      "seqlstm: this layer takes one row per sequence; pool the steps first: last(), mean() or max()");
}

void check_target_count(const char* loss, std::size_t rows, std::size_t cols, std::size_t per_row,
                        std::size_t found);

/// "bce: row 3, column 0: target 2"; the caller adds what it expected.
std::string place_text(const char* loss, std::size_t row, std::size_t column, const char* what, double value);
void check_binary_targets(const char* loss, std::span<const double> targets, std::size_t cols);
/// Throws option_error for weights that are below 0, not finite, or all 0. None at all are fine.
void check_loss_weights(const char* loss, const char* name, std::span<const double> weights);
/// NaN passes: a loss reports it by being NaN.
void check_probability(std::size_t row, std::size_t column, double value);
std::size_t class_index(std::size_t row, double target, std::size_t classes);

/// log(1 + e^x) without overflow.
inline double softplus(double x) {
  const double above = x < 0 ? 0.0 : x;  // NaN stays
  return std::log1p(std::exp(-std::abs(x))) + above;
}
/// 1 / (1 + e^-x) without overflow.
inline double logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}

/// The 1x1 result whose derivative by x is `gradient`.
template <Scalar T> Var<T> loss_value(const Variable<T>& x, double value, MatrixView<T> gradient);

/// The mean over all elements: term(row, column, x, sum) adds the element's share to the sum and returns the
/// share's derivative by x.
template <Scalar T, class Term> Var<T> mean_of_terms(const Var<T>& x, Term term) {
  const MatrixView<T> gradient = x.tape().arena().template matrix<T>(x.rows(), x.cols());
  const auto count = static_cast<double>(x.rows() * x.cols());
  double sum = 0;
  for (std::size_t r = 0; r < x.rows(); ++r)
    for (std::size_t c = 0; c < x.cols(); ++c)
      gradient(r, c) = static_cast<T>(term(r, c, double{x.value()(r, c)}, sum) / count);
  return loss_value(x, sum / count, gradient);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/loss_terms.ipp>
#endif
