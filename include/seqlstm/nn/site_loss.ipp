// Definitions of site_loss.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <seqlstm/nn/site_loss.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Var<T> site_loss(const SeqVar<T>& scores, std::span<const double> labels, std::span<const double> weights) {
  const PackedLayout& layout = *scores.layout();
  if (scores.cols() != 1 || labels.size() != scores.rows())
    throw shape_error("site_loss: " + std::to_string(scores.cols()) + " scores and " +
                      std::to_string(labels.size()) + " labels for " + std::to_string(scores.rows()) +
                      " positions, expected one each");
  if (!weights.empty() && weights.size() != layout.sequences())
    throw shape_error("site_loss: " + std::to_string(weights.size()) + " weights for " +
                      std::to_string(layout.sequences()) + " sequences");
  for (const double weight : weights)
    if (!(weight >= 0 && std::isfinite(weight)))
      throw option_error("site_loss: a weight is " + detail::number_text(weight) +
                         ", expected a finite number from 0 on");
  const auto weight_of = [&](std::size_t r) { return weights.empty() ? 1.0 : weights[layout.order(r)]; };
  RowTotal<T> weight_total(scores.tape()), losses(scores.tape());
  for (std::size_t r = 0; r < layout.sequences(); ++r) weight_total.of(layout.order(r)) += weight_of(r);
  const double total = weight_total.sum();
  const MatrixView<T> gradient = scores.tape().arena().template zero_matrix<T>(scores.rows(), 1);
  for (std::size_t r = 0; r < layout.sequences() && total > 0; ++r) {
    double& sum = losses.of(layout.order(r));
    double mass = 0, most = -std::numeric_limits<double>::infinity(), exponentials = 0;
    const auto each = [&](auto&& body) {
      for (std::size_t t = 0; t < layout.length(r); ++t)
        if (const std::size_t row = layout.offset(t) + r; !std::isnan(labels[row]))
          body(row, double{scores.value()(row, 0)});
    };
    each([&](std::size_t row, double score) {
      if (!(labels[row] >= 0 && labels[row] <= 1))
        throw option_error("site_loss: a label is " + detail::number_text(labels[row]) +
                           ", expected 1 at the site, 0 elsewhere, and NaN where none can be");
      mass += labels[row];
      most = std::max(most, score);
    });
    if (mass > 1 + 1e-6)
      throw option_error("site_loss: the labels of a sequence sum to " + detail::number_text(mass) +
                         ", expected one site");
    if (!(mass > 0)) continue;
    each([&](std::size_t, double score) { exponentials += std::exp(score - most); });
    const double log_sum = most + std::log(exponentials), share = weight_of(r) / total;
    each([&](std::size_t row, double score) {
      if (labels[row] > 0) sum += share * labels[row] * (log_sum - score);  // a score may be -infinity
      gradient(row, 0) = static_cast<T>(share * (mass * std::exp(score - log_sum) - labels[row]));
    });
  }
  return detail::loss_value(scores, losses.sum(), gradient);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                         \
  template Var<T> site_loss(const SeqVar<T>& scores, std::span<const double> labels, \
                            std::span<const double> weights);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
