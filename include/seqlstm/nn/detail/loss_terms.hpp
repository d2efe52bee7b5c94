// What the losses share: checks of their targets, and the mean of one term per element.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/kernels/set.hpp>
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

inline void check_target_count(const char* loss, std::size_t rows, std::size_t cols, std::size_t per_row,
                               std::size_t found) {
  if (rows == 0) throw shape_error(std::string(loss) + ": the batch has no rows, expected at least one");
  if (found != rows * per_row)
    throw shape_error(std::string(loss) + ": got " + std::to_string(found) + " targets for an output of " +
                      shape_text(rows, cols) + ", expected " + std::to_string(rows * per_row) + " (" +
                      std::to_string(per_row) + " a row)");
}

/// "bce: row 3, column 0: target 2"; the caller adds what it expected.
inline std::string place_text(const char* loss, std::size_t row, std::size_t column, const char* what,
                              double value) {
  return std::string(loss) + ": row " + std::to_string(row) + ", column " + std::to_string(column) + ": " +
         what + " " + number_text(value);
}
inline void check_binary_targets(const char* loss, std::span<const double> targets, std::size_t cols) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!(targets[i] >= 0 && targets[i] <= 1))
      throw option_error(place_text(loss, i / cols, i % cols, "target", targets[i]) +
                         " is not within [0, 1]; three classes or more need cross_entropy, or a column each");
  }
}
/// Throws option_error for weights that are below 0, not finite, or all 0. None at all are fine.
inline void check_loss_weights(const char* loss, const char* name, std::span<const double> weights) {
  double sum = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    if (!(weights[c] >= 0 && std::isfinite(weights[c])))
      throw option_error(std::string(loss) + ": " + name + " " + std::to_string(c) + " is " +
                         number_text(weights[c]) + ", expected a finite number of at least 0");
    sum += weights[c];
  }
  if (!weights.empty() && !(sum > 0))
    throw option_error(std::string(loss) + ": all " + name +
                       " are 0, so nothing counts; expected one above 0");
}
/// NaN passes: a loss reports it by being NaN.
inline void check_probability(std::size_t row, std::size_t column, double value) {
  if (value < 0 || value > 1)
    throw option_error(place_text("bce", row, column, "probability", value) +
                       " is not within [0, 1]; apply sigmoid first, or use bce_with_logits");
}
inline std::size_t class_index(std::size_t row, double target, std::size_t classes) {
  if (!(target >= 0 && target < static_cast<double>(classes)) || target != std::floor(target))
    throw option_error("cross_entropy: row " + std::to_string(row) + ": target " + number_text(target) +
                       " is not a class, expected an integer from 0 to " + std::to_string(classes - 1) +
                       "; the output needs one column per class");
  return static_cast<std::size_t>(target);
}

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
template <Scalar T> Var<T> loss_value(const Variable<T>& x, double value, MatrixView<T> gradient) {
  Var<T> loss = x.tape().make(1, 1, x.needs_gradient());
  loss.node()->value(0, 0) = static_cast<T>(value);
  x.tape().record(loss, [x, gradient](ConstMatrixView<T> d) {
    Kernels<T>::add_scaled(d(0, 0), gradient, x.tape().gradient(x));
  });
  return loss;
}

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
