#include <seqlstm/metrics/regression.hpp>

#include "metrics/reference.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace metrics_reference;
using support::message_of;

namespace {

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("regression: scikit-learn's errors and R2, scipy's correlations") {
  for (const auto& c : regression_cases) {
    INFO(c.name);
    check_same("mse", mean_squared_error(c.truth, c.predicted), c.mse);
    check_same("mae", mean_absolute_error(c.truth, c.predicted), c.mae);
    check_same("r2", r2_score(c.truth, c.predicted), c.r2);
    check_same("spearman", spearman(c.truth, c.predicted), c.spearman);
    check_same("pearson", pearson(c.truth, c.predicted), c.pearson);
  }
}

TEST_CASE("regression: a constant whose mean is rounded is still a constant") {
  const Numbers constant(3, 0.1), other = {0.1, 0.1, 0.2};
  REQUIRE((0.1 + 0.1 + 0.1) / 3 != 0.1);
  CHECK(r2_score(constant, other) == 0);
  CHECK(r2_score(constant, constant) == 1);
  CHECK(std::isnan(pearson(constant, other)));
  CHECK(std::isnan(pearson(other, constant)));
  CHECK(std::isnan(spearman(other, constant)));
}

TEST_CASE("regression: a NaN on either side makes every metric NaN") {
  const Numbers good = {1, 1, 1, 2}, bad = {1, not_a_number, 3, 4}, constant = {2, 2, 2, 2};
  for (const auto& [a, b] :
       {std::pair{good, bad}, std::pair{bad, good}, std::pair{constant, bad}, std::pair{bad, bad}}) {
    CHECK(std::isnan(mean_squared_error(a, b)));
    CHECK(std::isnan(mean_absolute_error(a, b)));
    CHECK(std::isnan(r2_score(a, b)));
    CHECK(std::isnan(pearson(a, b)));
    CHECK(std::isnan(spearman(a, b)));
  }
}

TEST_CASE("regression: correlations do not depend on scale and stay within [-1, 1]") {
  const Numbers a = {1, 2, 4, 3.5};
  const double expected = pearson(a, Numbers{2, 1, 5, 4});
  CHECK(expected < 1);
  for (const double scale : {1e-200, 1e-3, 7.0, 1e200}) {
    Numbers scaled;
    for (const double v : a) scaled.push_back(v * scale);
    check_same("pearson", pearson(scaled, Numbers{2, 1, 5, 4}), expected);
    CHECK(pearson(scaled, a) <= 1);
    check_same("pearson", pearson(scaled, a), 1);
  }
}

TEST_CASE("regression: what does not fit is named") {
  CHECK(message_of<shape_error>([] {
          (void)mean_squared_error(Numbers{1, 2}, Numbers{1});
        }) == "mse: 2 targets and 1 predictions, expected as many of each, at least one");
  CHECK(message_of<shape_error>([] { (void)mean_absolute_error(Numbers{}, Numbers{}); }) ==
        "mae: 0 targets and 0 predictions, expected as many of each, at least one");
  CHECK(message_of<shape_error>([] { (void)r2_score(Numbers{}, Numbers{}); }) ==
        "r2: 0 targets and 0 predictions, expected as many of each, at least one");
  CHECK(message_of<shape_error>([] { (void)pearson(Numbers{1}, Numbers{}); }) ==
        "pearson: 1 targets and 0 predictions, expected as many of each, at least one");
  CHECK(message_of<shape_error>([] { (void)spearman(Numbers{}, Numbers{1}); }) ==
        "spearman: 0 targets and 1 predictions, expected as many of each, at least one");
}
