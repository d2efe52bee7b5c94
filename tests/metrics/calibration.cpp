#include <seqlstm/metrics/calibration.hpp>

#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

// Labels drawn from known probabilities, which are then made `factor` times too sure (in logits).
struct Sample {
  std::vector<double> truth, probabilities;
  std::size_t cols;
  [[nodiscard]] ConstMatrixView<double> view() const { return {probabilities.data(), truth.size(), cols}; }
};
Sample overconfident(std::size_t rows, std::size_t cols, double factor) {
  Sample sample{{}, {}, cols};
  RandomStream random(7, 1);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<double> logits(std::max<std::size_t>(2, cols)), p;
    for (double& logit : logits) logit = 4 * random.uniform() - 2;
    double sum = 0;
    for (const double logit : logits) p.push_back(std::exp(logit)), sum += p.back();
    double place = random.uniform() * sum;
    std::size_t c = 0;
    while (c + 1 < p.size() && place >= p[c]) place -= p[c++];
    sample.truth.push_back(static_cast<double>(c));
    double sure = 0;
    for (const double logit : logits) sure += std::exp(factor * logit);
    for (std::size_t k = cols == 1 ? 1 : 0; k < logits.size(); ++k)
      sample.probabilities.push_back(std::exp(factor * logits[k]) / sure);
  }
  return sample;
}

}  // namespace

TEST_CASE("the fitted temperature undoes too much confidence") {
  for (const std::size_t cols : {1U, 2U, 5U}) {
    INFO(cols << " columns");
    auto sample = overconfident(20000, cols, 3);
    const double temperature = fitted_temperature(sample.truth, sample.view());
    CHECK(temperature == Approx(3).epsilon(0.05));
    const double before = expected_calibration_error(sample.truth, sample.view());
    const double nll = negative_log_likelihood(sample.truth, sample.view());
    CHECK(negative_log_likelihood(sample.truth, sample.view(), temperature) < nll);
    apply_temperature({sample.probabilities.data(), sample.truth.size(), cols}, temperature);
    CHECK(before > 0.1);
    CHECK(expected_calibration_error(sample.truth, sample.view()) < 0.02);
  }
}

TEST_CASE("apply_temperature: 1 changes nothing, rows stay probabilities, zeros stay finite") {
  std::vector<double> p = {0.2, 0.5, 0.3, 1, 0, 0};
  const std::vector<double> before = p;
  apply_temperature({p.data(), 2, 3}, 1);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(p[i] == Approx(before[i]).margin(1e-12));
  apply_temperature({p.data(), 2, 3}, 2);
  CHECK(p[0] + p[1] + p[2] == Approx(1));
  CHECK(p[0] / p[1] == Approx(std::sqrt(0.2 / 0.5)));
  CHECK(p[3] == Approx(1));
  CHECK(std::isfinite(p[4]));
}

TEST_CASE("expected calibration error by hand") {
  // confidences 0.8 (right), 0.8 (wrong), 0.6 (right); two bins: both in [0.5, 1]: |2 - 2.2| / 3
  const std::vector<double> truth = {1, 0, 0}, p = {0.8, 0.8, 0.4};
  CHECK(expected_calibration_error(truth, {p.data(), 3, 1}, 2) == Approx(0.2 / 3));
  // ten bins: |1 - 1.6| / 3 + |1 - 0.6| / 3
  CHECK(expected_calibration_error(truth, {p.data(), 3, 1}, 10) == Approx(1.0 / 3));
  CHECK(negative_log_likelihood(truth, {p.data(), 3, 1}) ==
        Approx(-(std::log(0.8) + std::log(0.2) + std::log(0.6)) / 3));
}

TEST_CASE("calibration refuses what it cannot judge") {
  std::vector<double> p = {0.5, 0.5};
  CHECK_THROWS_AS(fitted_temperature(std::vector<double>{0}, {p.data(), 2, 1}), shape_error);
  CHECK_THROWS_AS(fitted_temperature(std::vector<double>{0, 2}, {p.data(), 2, 1}), option_error);
  CHECK_THROWS_AS(expected_calibration_error(std::vector<double>{0, 1}, {p.data(), 2, 1}, 0), option_error);
  CHECK_THROWS_AS(apply_temperature({p.data(), 2, 1}, 0), option_error);
}
