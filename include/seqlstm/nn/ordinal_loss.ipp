// Definitions of ordinal_loss.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/ordinal_loss.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline const OrdinalScaleOptions& checked_scale(const OrdinalScaleOptions& o) {
  if (o.levels < 2)
    throw option_error("ordinal scale: levels is " + std::to_string(o.levels) + ", expected at least 2");
  if (!(o.slope > 0 && std::isfinite(o.slope) && std::isfinite(o.offset)))
    throw option_error("ordinal scale: slope is " + number_text(o.slope) + " and offset " +
                       number_text(o.offset) + ", expected finite numbers, the slope above 0");
  return o;
}

/// How much each row counts; checked before.
struct OrdinalWeights {
  static constexpr bool ignores = true;
  std::span<const double> weights;
  double operator()(std::size_t row) const { return weights.empty() ? 1 : weights[row]; }
  [[nodiscard]] double total(std::size_t rows) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += (*this)(r);
    return sum;
  }
};

}  // namespace detail

template <Scalar T>
OrdinalScale<T>::OrdinalScale(const OrdinalScaleOptions& options)
    : options_(detail::checked_scale(options)), log_slope(options.levels - 1), offset(options.levels - 1) {
  initialize_constructed(*this);
}

template <Scalar T> void OrdinalScale<T>::initialize(RandomKey) {
  std::fill_n(log_slope.edit().data(), log_slope.size(), static_cast<T>(std::log(options_.slope)));
  std::fill_n(offset.edit().data(), offset.size(), static_cast<T>(options_.offset));
}

template <Scalar T> void OrdinalScale<T>::center_at(double s) {
  if (!std::isfinite(s))
    throw option_error("ordinal scale: center_at got " + detail::number_text(s) +
                       ", expected a finite number");
  const MatrixView<T> to = offset.edit();
  for (std::size_t t = 0; t < offset.size(); ++t)
    to(0, t) = static_cast<T>(-std::exp(double{log_slope.view()(0, t)}) * s);
}

template <Scalar T> Var<T> OrdinalScale<T>::operator()(const Var<T>& s) const {
  if (s.cols() != 1)
    throw shape_error("ordinal scale: s has " + std::to_string(s.cols()) + " columns, expected 1");
  Tape<T>& tape = s.tape();
  tape.require_whole_batch("ordinal scale");
  const std::size_t steps = offset.size();
  const Var<T> y = tape.make(s.rows(), steps, true);
  const auto slope = [this](std::size_t t) { return std::exp(double{log_slope.view()(0, t)}); };
  for (std::size_t r = 0; r < s.rows(); ++r)
    for (std::size_t t = 0; t < steps; ++t)
      y.node()->value(r, t) =
          static_cast<T>(std::fma(slope(t), double{s.value()(r, 0)}, double{offset.view()(0, t)}));
  tape.record(y, [this, s, steps, slope](ConstMatrixView<T> dy) {
    for (std::size_t t = 0; t < steps; ++t) {
      double by_offset = 0, by_slope = 0;
      for (std::size_t r = 0; r < s.rows(); ++r) {
        by_offset += double{dy(r, t)};
        by_slope = std::fma(double{dy(r, t)}, double{s.value()(r, 0)}, by_slope);
      }
      if (offset.trainable) offset.gradient()(0, t) += static_cast<T>(by_offset);
      if (log_slope.trainable) log_slope.gradient()(0, t) += static_cast<T>(slope(t) * by_slope);
    }
    if (!s.needs_gradient()) return;
    const MatrixView<T> ds = s.tape().gradient(s);
    for (std::size_t r = 0; r < s.rows(); ++r) {
      double sum = 0;
      for (std::size_t t = 0; t < steps; ++t) sum = std::fma(slope(t), double{dy(r, t)}, sum);
      ds(r, 0) += static_cast<T>(sum);
    }
  });
  return y;
}

template <Scalar T>
Var<T> ordinal_loss(const Var<T>& logits, std::span<const std::size_t> levels,
                    std::span<const double> weights) {
  if (levels.size() != logits.rows() || (!weights.empty() && weights.size() != logits.rows()))
    throw shape_error("ordinal_loss: " + std::to_string(levels.size()) + " levels and " +
                      std::to_string(weights.size()) + " weights for " + std::to_string(logits.rows()) +
                      " rows, expected a level for each, and a weight or none");
  for (std::size_t r = 0; r < levels.size(); ++r)
    if (levels[r] > logits.cols())
      throw option_error("ordinal_loss: the level of row " + std::to_string(r) + " is " +
                         std::to_string(levels[r]) + ", expected 0 to " + std::to_string(logits.cols()));
  for (const double weight : weights)
    if (!(weight >= 0 && std::isfinite(weight)))
      throw option_error("ordinal_loss: a weight is " + detail::number_text(weight) +
                         ", expected a finite number from 0 on");
  return detail::mean_of_terms(logits, detail::OrdinalWeights{weights},
                               [&](std::size_t r, std::size_t t, double logit, double& sum) {
                                 const bool above = levels[r] > t;
                                 sum += detail::softplus(above ? -logit : logit);
                                 return above ? -detail::logistic(-logit) : detail::logistic(logit);
                               });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                              \
  template class OrdinalScale<T>;                                                         \
  template Var<T> ordinal_loss(const Var<T>& logits, std::span<const std::size_t> levels, \
                               std::span<const double> weights);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
