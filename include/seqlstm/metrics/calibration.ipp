// Definitions of calibration.hpp.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_calibration(const char* what, std::span<const double> truth,
                                      ConstMatrixView<double> probabilities) {
  if (truth.size() != probabilities.rows() || probabilities.empty())
    throw shape_error(std::string(what) + ": " + std::to_string(truth.size()) + " labels and probabilities " +
                      shape_text(probabilities) + ", expected a row for each label, at least one");
  const auto classes = static_cast<double>(std::max<std::size_t>(2, probabilities.cols()));
  for (const double label : truth)
    if (!(label >= 0 && label < classes && std::trunc(label) == label))
      throw option_error(std::string(what) + ": a label is " + std::to_string(label) +
                         ", expected a class index");
}

SEQLSTM_INLINE void temper_row(std::span<const double> p, double temperature, std::span<double> out) {
  if (p.size() == 1) {
    const double logit = (safe_log(p[0]) - safe_log(1 - p[0])) / temperature;
    out[0] = logit >= 0 ? 1 / (1 + std::exp(-logit)) : std::exp(logit) / (1 + std::exp(logit));
    return;
  }
  double largest = -1e308, sum = 0;
  for (std::size_t c = 0; c < p.size(); ++c) largest = std::max(largest, safe_log(p[c]) / temperature);
  for (std::size_t c = 0; c < p.size(); ++c) sum += out[c] = std::exp(safe_log(p[c]) / temperature - largest);
  for (double& value : out) value /= sum;
}

}  // namespace detail

SEQLSTM_INLINE void apply_temperature(MatrixView<double> probabilities, double temperature) {
  if (!(temperature > 0 && std::isfinite(temperature)))
    throw option_error("apply_temperature: the temperature is " + std::to_string(temperature) +
                       ", expected a finite number above 0");
  std::vector<double> row(probabilities.cols());
  for (std::size_t r = 0; r < probabilities.rows(); ++r) {
    detail::temper_row(probabilities.row(r), temperature, row);
    std::copy(row.begin(), row.end(), probabilities.row(r).begin());
  }
}

SEQLSTM_INLINE double negative_log_likelihood(std::span<const double> truth,
                                              ConstMatrixView<double> probabilities, double temperature) {
  detail::check_calibration("negative_log_likelihood", truth, probabilities);
  std::vector<double> row(probabilities.cols());
  double sum = 0;
  for (std::size_t r = 0; r < truth.size(); ++r) {
    detail::temper_row(probabilities.row(r), temperature, row);
    const auto c = static_cast<std::size_t>(truth[r]);
    sum -= detail::safe_log(row.size() > 1 ? row[c] : c == 1 ? row[0] : 1 - row[0]);
  }
  return sum / static_cast<double>(truth.size());
}

SEQLSTM_INLINE double fitted_temperature(std::span<const double> truth,
                                         ConstMatrixView<double> probabilities) {
  constexpr double golden = 0.6180339887498949;
  double low = -std::log(20.0), high = std::log(20.0);
  const auto loss = [&](double t) { return negative_log_likelihood(truth, probabilities, std::exp(t)); };
  double a = high - golden * (high - low), b = low + golden * (high - low), at_a = loss(a), at_b = loss(b);
  while (high - low > 1e-6) {
    if (at_a < at_b) {
      high = b;
      b = a;
      at_b = at_a;
      at_a = loss(a = high - golden * (high - low));
    } else {
      low = a;
      a = b;
      at_a = at_b;
      at_b = loss(b = low + golden * (high - low));
    }
  }
  return std::exp((low + high) / 2);
}

SEQLSTM_INLINE double expected_calibration_error(std::span<const double> truth,
                                                 ConstMatrixView<double> probabilities, std::size_t bins) {
  detail::check_calibration("expected_calibration_error", truth, probabilities);
  if (bins == 0) throw option_error("expected_calibration_error: bins is 0, expected at least 1");
  std::vector<double> gap(bins);  // of all rows of a bin: accuracy minus confidence, summed
  for (std::size_t r = 0; r < truth.size(); ++r) {
    const auto row = probabilities.row(r);
    std::size_t predicted = 0;
    double confidence = 0;
    if (row.size() == 1) {
      predicted = row[0] >= 0.5 ? 1 : 0;
      confidence = predicted == 1 ? row[0] : 1 - row[0];
    } else {
      predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
      confidence = row[predicted];
    }
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(confidence * static_cast<double>(bins)));
    gap[bin] += (static_cast<double>(predicted) == truth[r] ? 1.0 : 0.0) - confidence;
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return sum / static_cast<double>(truth.size());
}

SEQLSTM_NAMESPACE_END
