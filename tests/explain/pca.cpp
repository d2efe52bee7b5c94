#include <seqlstm/explain/pca.hpp>

#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

// Rows spread 5, 2 and 0.1 along three orthogonal directions around (1, 2, 3).
FeatureDataset ellipsoid(std::size_t rows) {
  constexpr double directions[3][3] = {
      {2.0 / 3, 2.0 / 3, 1.0 / 3}, {-2.0 / 3, 1.0 / 3, 2.0 / 3}, {1.0 / 3, -2.0 / 3, 2.0 / 3}};
  constexpr double spread[3] = {5, 2, 0.1}, centre[3] = {1, 2, 3};
  FeatureDataset data;
  data.width = 3;
  RandomStream random(3, 1);
  for (std::size_t r = 0; r < rows; ++r) {
    double place[3] = {centre[0], centre[1], centre[2]};
    for (std::size_t d = 0; d < 3; ++d) {
      const double step = spread[d] * std::sqrt(12.0) * (random.uniform() - 0.5);  // deviation: spread
      for (std::size_t c = 0; c < 3; ++c) place[c] += step * directions[d][c];
    }
    for (const double value : place) data.values.push_back(static_cast<float>(value));
  }
  return data;
}

}  // namespace

TEST_CASE("pca finds the axes of an ellipsoid, their variances and their signs") {
  const auto data = ellipsoid(20000);
  const Pca found = pca(data, 5);
  REQUIRE(found.count() == 3);  // no more than columns
  CHECK(found.variance[0] == Approx(25).epsilon(0.03));
  CHECK(found.variance[1] == Approx(4).epsilon(0.03));
  CHECK(found.variance[2] == Approx(0.01).epsilon(0.03));
  CHECK(found.variance_share[0] + found.variance_share[1] + found.variance_share[2] == Approx(1));
  CHECK(found.mean[1] == Approx(2).margin(0.1));
  CHECK(found.components[0] == Approx(2.0 / 3).margin(0.02));
  CHECK(found.components[2] == Approx(1.0 / 3).margin(0.02));
  for (std::size_t k = 0; k < 3; ++k) {
    double length = 0, largest = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double entry = found.components[k * 3 + c];
      length += entry * entry;
      if (std::abs(entry) > std::abs(largest)) largest = entry;
    }
    CHECK(length == Approx(1));
    CHECK(largest > 0);
  }
}

TEST_CASE("pca's coordinates have mean zero, the variances, and no correlation") {
  const auto data = ellipsoid(500);
  const Pca found = pca(data, 2);
  const auto coordinates = found.transform(data);
  REQUIRE(coordinates.size() == 1000);
  double mean[2] = {}, square[2] = {}, product = 0;
  for (std::size_t r = 0; r < 500; ++r) {
    for (std::size_t k = 0; k < 2; ++k) {
      mean[k] += coordinates[2 * r + k] / 500;
      square[k] += coordinates[2 * r + k] * coordinates[2 * r + k] / 499;
    }
    product += coordinates[2 * r] * coordinates[2 * r + 1] / 499;
  }
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(mean[k] == Approx(0).margin(1e-5));
    CHECK(square[k] == Approx(found.variance[k]).epsilon(1e-5));
  }
  CHECK(product == Approx(0).margin(1e-4));
}

TEST_CASE("pca refuses what has no components") {
  FeatureDataset one{2, {1, 2}, {}, 1}, bad{2, {1, 2, 3, std::nanf("")}, {}, 1};
  CHECK_THROWS_AS(pca(one, 1), option_error);
  CHECK_THROWS_AS(pca(ellipsoid(5), 0), option_error);
  CHECK_THROWS_AS(pca(bad, 1), option_error);
  CHECK_THROWS_AS(pca(ellipsoid(5), 1).transform(one), shape_error);
}
