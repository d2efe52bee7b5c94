// What the losses share: checks of their targets, and the mean of one term per element.
#pragma once

#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

void check_target_count(const char* loss, std::size_t rows, std::size_t cols, std::size_t per_row,
                        std::size_t found);

/// "bce: row 3, column 0: target 2"; the caller adds what it expected.
std::string place_text(const char* loss, std::size_t row, std::size_t column, const char* what, double value);
/// NaN passes where `ignores`: such a row does not count.
void check_binary_targets(const char* loss, std::span<const double> targets, std::size_t cols,
                          bool ignores = false);
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

/// Every row counts alike: outputs of a row per sequence.
struct EveryRow {
  static constexpr bool ignores = false;
  constexpr double operator()(std::size_t /*row*/) const { return 1; }
  [[nodiscard]] static double total(std::size_t rows) { return static_cast<double>(rows); }
};
/// How much each position counts: not at all where its target is NaN, else its weight.
struct PositionWeights {
  static constexpr bool ignores = true;
  std::span<const double> targets, weights;
  double operator()(std::size_t row) const {
    if (std::isnan(targets[row])) return 0;
    return weights.empty() ? 1 : weights[row];
  }
  [[nodiscard]] double total(std::size_t rows) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += (*this)(r);
    return sum;
  }
};

/// How much all rows of a value count together, those of other ranks too.
template <Scalar T, class RowWeights> double total_of(const Variable<T>& x, const RowWeights& row_weight) {
  if (x.tape().shards() == nullptr) return row_weight.total(x.rows());
  RowTotal<T> total(x);
  for (std::size_t r = 0; r < x.rows(); ++r) total.of(r) += row_weight(r);
  return total.sum();
}

/// The mean over all elements, each row weighted: term(row, column, x, sum) adds the element's share to the
/// sum and returns the share's derivative by x. Where nothing counts it is 0 and has no gradient.
template <Scalar T, class RowWeights, class Term>
Var<T> mean_of_terms(const Variable<T>& x, const RowWeights& row_weight, Term term) {
  const MatrixView<T> gradient = x.tape().arena().template matrix<T>(x.rows(), x.cols());
  const double count = total_of(x, row_weight) * static_cast<double>(x.cols());
  RowTotal<T> total(x);
  for (std::size_t r = 0; r < x.rows(); ++r) {
    double& sum = total.of(r);
    const double weight = row_weight(r);
    for (std::size_t c = 0; c < x.cols(); ++c) {
      if constexpr (RowWeights::ignores) {
        double own = 0;
        const double derivative = weight > 0 ? term(r, c, double{x.value()(r, c)}, own) : 0;
        sum = std::fma(weight, own, sum);
        gradient(r, c) = weight > 0 ? static_cast<T>(weight * derivative / count) : T(0);
      } else {
        gradient(r, c) = static_cast<T>(term(r, c, double{x.value()(r, c)}, sum) / count);
      }
    }
  }
  const double sum = total.sum();
  return loss_value(x, count > 0 ? sum / count : 0.0, gradient);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/loss_terms.ipp>
#endif
