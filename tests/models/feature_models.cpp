#include <seqlstm/core/random.hpp>
#include <seqlstm/models/feature_models.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Class 1 where the first number is above the second; with `twisted`, where exactly one of them is above 0.
FeatureDataset numbers(std::size_t rows, bool twisted, std::uint64_t seed) {
  FeatureDataset data;
  data.width = 3;
  RandomStream random(seed);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < 3; ++c) data.values.push_back(static_cast<float>(2 * random.uniform() - 1));
    const float a = data.values[3 * r], b = data.values[3 * r + 1];
    data.labels.push_back((twisted ? (a > 0) != (b > 0) : a > b) ? 1 : 0);
  }
  return data;
}
template <class Model> double accuracy(Model model, bool twisted) {
  fit(model, numbers(600, twisted, 1),
      {.optimizer = adamw(), .schedule = cosine(0.01), .epochs = 40, .batch_size = 32, .seed = 1});
  return evaluate(model, numbers(300, twisted, 2), bce_with_logits())["accuracy"];
}

}  // namespace

TEST_CASE("feature models: a linear model learns what is linear, a perceptron the rest") {
  CHECK(accuracy(LinearModel(3, 1), false) > 0.95);
  CHECK(accuracy(LinearModel(3, 1), true) < 0.7);
  CHECK(accuracy(Mlp(3, 1), true) > 0.9);
}

TEST_CASE("feature models: a linear model does not look at its features before it is trained") {
  const LinearModel model(3, 2);
  const FeatureBatch batch{2, 3, {1, 2, 3, -4, 5, -6}, {}, {0, 1}};
  Tape<float> tape(Mode::inference);
  const auto output = model.forward(tape, batch).value();
  CHECK(output(0, 0) == output(1, 0));
  CHECK(output(0, 1) == output(1, 1));
}
