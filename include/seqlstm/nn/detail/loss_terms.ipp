// Definitions of loss_terms.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_target_count(const char* loss, std::size_t rows, std::size_t cols,
                                       std::size_t per_row, std::size_t found) {
  if (rows == 0) throw shape_error(std::string(loss) + ": the batch has no rows, expected at least one");
  if (found != rows * per_row)
    throw shape_error(std::string(loss) + ": got " + std::to_string(found) + " targets for an output of " +
                      shape_text(rows, cols) + ", expected " + std::to_string(rows * per_row) + " (" +
                      std::to_string(per_row) + " a row)");
}

SEQLSTM_INLINE std::string place_text(const char* loss, std::size_t row, std::size_t column, const char* what,
                                      double value) {
  return std::string(loss) + ": row " + std::to_string(row) + ", column " + std::to_string(column) + ": " +
         what + " " + number_text(value);
}

SEQLSTM_INLINE void check_binary_targets(const char* loss, std::span<const double> targets, std::size_t cols,
                                         bool ignores) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!(targets[i] >= 0 && targets[i] <= 1) && !(ignores && std::isnan(targets[i])))
      throw option_error(place_text(loss, i / cols, i % cols, "target", targets[i]) +
                         " is not within [0, 1]; three classes or more need cross_entropy, or a column each");
  }
}

SEQLSTM_INLINE void check_loss_weights(const char* loss, const char* name, std::span<const double> weights) {
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

SEQLSTM_INLINE void check_probability(std::size_t row, std::size_t column, double value) {
  if (value < 0 || value > 1)
    throw option_error(place_text("bce", row, column, "probability", value) +
                       " is not within [0, 1]; apply sigmoid first, or use bce_with_logits");
}

SEQLSTM_INLINE std::size_t class_index(std::size_t row, double target, std::size_t classes) {
  if (!(target >= 0 && target < static_cast<double>(classes)) || target != std::floor(target))
    throw option_error("cross_entropy: row " + std::to_string(row) + ": target " + number_text(target) +
                       " is not a class, expected an integer from 0 to " + std::to_string(classes - 1) +
                       "; the output needs one column per class");
  return static_cast<std::size_t>(target);
}

template <Scalar T> Var<T> loss_value(const Variable<T>& x, double value, MatrixView<T> gradient) {
  Var<T> loss = x.tape().make(1, 1, x.needs_gradient());
  loss.node()->value(0, 0) = static_cast<T>(value);
  x.tape().record(loss, [x, gradient](ConstMatrixView<T> d) {
    Kernels<T>::add_scaled(d(0, 0), gradient, x.tape().gradient(x));
  });
  return loss;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template Var<T> detail::loss_value(const Variable<T>& x, double value, MatrixView<T> gradient);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
