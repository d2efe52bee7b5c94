// Definitions of token_loss.hpp.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <seqlstm/nn/token_loss.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> Var<T> cross_entropy(const SeqVar<T>& x, std::span<const Token> targets) {
  const std::size_t rows = x.rows(), classes = x.cols();
  detail::check_target_count("cross_entropy", rows, classes, 1, targets.size());
  std::size_t counted = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    if (targets[r] >= 0 && static_cast<std::size_t>(targets[r]) >= classes)
      throw token_error("cross_entropy: packed row " + std::to_string(r) + ": target " +
                        std::to_string(targets[r]) + " is outside the vocabulary [0, " +
                        std::to_string(classes) + ")");
    counted += targets[r] >= 0 ? 1 : 0;
  }
  const double all_counted = detail::count_on_ranks(x.tape(), counted);
  if (all_counted == 0)
    throw shape_error("cross_entropy: none of the " + std::to_string(rows) +
                      " tokens has a target, expected at least one that is not negative");
  auto& arena = x.tape().arena();
  T* surprise = arena.template allocate<T>(rows);
  const MatrixView<T> gradient = arena.template matrix<T>(rows, classes);
  const T share = static_cast<T>(1 / all_counted);
  for_parts(rows, 1, rows * classes * 8, [&](IndexRange part) {
    const std::size_t count = part.end - part.begin;
    detail::Kernels<T>::log_sum_exp_rows(x.value().row_range(part.begin, count), surprise + part.begin);
    detail::Kernels<T>::softmax_rows(x.value().row_range(part.begin, count),
                                     gradient.row_range(part.begin, count));
    for (std::size_t r = part.begin; r < part.end; ++r) {
      if (targets[r] < 0) {
        std::fill_n(gradient.row_data(r), classes, T(0));  // also where logits are NaN
        continue;
      }
      for (T& g : gradient.row(r)) g *= share;
      const auto target = static_cast<std::size_t>(targets[r]);
      gradient(r, target) -= share;
      surprise[r] -= x.value()(r, target);
    }
  });
  RowTotal<T> total(x);
  for (std::size_t r = 0; r < rows; ++r) total.of(r) += targets[r] >= 0 ? double{surprise[r]} : 0.0;
  return detail::loss_value<T>(x, total.sum() / all_counted, gradient);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template Var<T> cross_entropy(const SeqVar<T>& x, std::span<const Token> targets);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
