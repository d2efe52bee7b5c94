#include <seqlstm/train/learning_rate.hpp>

#include <seqlstm/nn/dense.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Least squares on eight features: diverges beyond 2 / the largest curvature, whatever the data.
struct LeastSquares {
  Dense<float> output{8, 1};
  Var<float> forward(Tape<float>& tape, const FeatureBatch& batch) {
    return output(tape.leaf({const_cast<float*>(batch.values.data()), batch.rows, batch.width}));
  }
  template <class V> void fields(V& v) { v("output", output); }
};

FeatureDataset line(std::size_t rows) {
  RandomStream random(5);
  FeatureDataset data;
  data.width = 8;
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < 8; ++c) {
      data.values.push_back(static_cast<float>(random.normal()));
      sum += double{data.values.back()} * (c % 2 == 0 ? 1 : -1);
    }
    data.labels.push_back(sum + 0.5 * random.normal());
  }
  return data;
}

}  // namespace

TEST_CASE(
    "find_learning_rate: sweeps upwards, falls, ends when it diverges, and leaves the model as it was") {
  const auto train = line(400);
  LeastSquares model;
  const auto before = everything(model);
  const auto curve = find_learning_rate(model, train, {.loss = mse(), .optimizer = sgd(), .batch_size = 20},
                                        {.lowest = 1e-4, .highest = 1e2, .updates = 120});
  CHECK(everything(model) == before);
  REQUIRE(curve.rates.size() >= 20);
  CHECK(curve.rates.size() < 120);  // 1e2 is far too high
  CHECK(curve.rates.front() == Approx(1e-4));
  CHECK(std::is_sorted(curve.rates.begin(), curve.rates.end()));
  CHECK(curve.rates[1] / curve.rates[0] == Approx(curve.rates[11] / curve.rates[10]));
  const double lowest = *std::min_element(curve.losses.begin(), curve.losses.end());
  CHECK(lowest < 0.5 * curve.losses.front());
  CHECK(curve.suggestion > 1e-3);
  CHECK(curve.suggestion < 0.5);  // divergence begins at a rate near 1
  CHECK(curve.steepest <= 10 * curve.suggestion);
}

TEST_CASE("find_learning_rate: its suggestion trains") {
  const auto train = tiny_data(400, 1), valid = tiny_data(100, 2);
  auto model = tiny_model();
  const double rate = find_learning_rate(model, train, {.batch_size = 20, .seed = 3}).suggestion;
  const auto result = fit(model, train, valid, {.schedule = one_cycle(rate), .epochs = 12, .batch_size = 20});
  CHECK(result.history[result.best_epoch - 1].valid["accuracy"] > 0.9);
}

TEST_CASE("find_learning_rate: a sweep across several epochs ends with its last update") {
  const auto train = tiny_data(40, 1);
  auto model = tiny_model();
  const auto curve =
      find_learning_rate(model, train, {.batch_size = 20}, {.lowest = 1e-7, .highest = 1e-4, .updates = 31});
  CHECK(curve.rates.size() == 31);
  CHECK(curve.rates.back() == Approx(1e-4));
}

TEST_CASE("find_learning_rate: bad bounds get one sentence") {
  const auto train = tiny_data(40, 1);
  auto model = tiny_model();
  CHECK_THROWS_WITH(find_learning_rate(model, train, {}, {.lowest = 1, .highest = 0.1}),
                    ContainsSubstring("from 1 to 0.1, expected finite rates above 0, the lower one first"));
  CHECK_THROWS_AS(find_learning_rate(model, train, {}, {.lowest = std::nan("")}), option_error);
  CHECK_THROWS_WITH(find_learning_rate(model, train, {}, {.updates = 9}),
                    "find_learning_rate: 9 updates, expected at least 10");
}
