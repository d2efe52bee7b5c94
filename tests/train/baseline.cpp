#include <seqlstm/core/random.hpp>
#include <seqlstm/train/baseline.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Two numbers a row, and what follows from the first of them.
FeatureDataset rows(std::size_t count, std::uint64_t seed, Task task) {
  FeatureDataset data;
  data.width = 2;
  RandomStream random(seed);
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t c = 0; c < 2; ++c) data.values.push_back(static_cast<float>(2 * random.uniform() - 1));
    const double x = data.values[2 * r];
    data.labels.push_back(task == Task::regression ? 30 * x + 100 : (x > 0 ? 1 : 0));
  }
  return data;
}
Baseline made(Task task, const Objective& objective) {
  return linear_baseline("linear", objective, {rows(300, 1, task), rows(60, 2, task), rows(60, 3, task)},
                         {"no", "yes"}, 1);
}

}  // namespace

TEST_CASE("baseline: a linear model of two classes, and of numbers in their own units") {
  const auto classes = made(Task::binary, {});
  CHECK(classes.name == "linear");
  CHECK(classes.report["accuracy"] > 0.9);
  CHECK(classes.report.label_names == std::vector<std::string>{"no", "yes"});
  const auto numbers = made(Task::regression, {Task::regression, 2, 100, 17});
  CHECK(numbers.report["r2"] > 0.9);
  CHECK(numbers.predictions.values.size() == 60);
  double mean = 0;
  for (const double value : numbers.predictions.values) mean += value / 60;
  CHECK(mean == Approx(100).margin(15));
}

TEST_CASE("baseline: with refit it learns from validation too, at the decay that validation chose") {
  const auto refitted = [](const FeatureDataset& train, const FeatureDataset& valid) {
    return linear_baseline("linear", {}, {train, valid, rows(60, 3, Task::binary)}, {"no", "yes"}, 1, true)
        .predictions.values;
  };
  const auto train = rows(300, 1, Task::binary), valid = rows(60, 2, Task::binary);
  CHECK(refitted(train, valid) != made(Task::binary, {}).predictions.values);
  // Four decays, each learned from both parts: one of them is the answer.
  auto both = train;
  both.values.insert(both.values.end(), valid.values.begin(), valid.values.end());
  both.labels.insert(both.labels.end(), valid.labels.begin(), valid.labels.end());
  std::size_t found = 0;
  for (const double decay : {0.1, 0.3, 1.0, 3.0}) {
    LinearModel model(2, 1);
    const Objective plain;
    fit(model, both,
        {.loss = plain.loss(),
         .optimizer = adamw({.weight_decay = decay}),
         .schedule = cosine(0.01),
         .epochs = 100,
         .seed = 1,
         .progress = nullptr});
    found += plain.predict(model, rows(60, 3, Task::binary)).values == refitted(train, valid) ? 1 : 0;
  }
  CHECK(found == 1);
}

TEST_CASE("baseline: what is one network's way to learn does not change it") {
  Objective weighted;
  weighted.class_weights = {1, 5};
  weighted.temperature = 2;
  CHECK(made(Task::binary, weighted).predictions.values == made(Task::binary, {}).predictions.values);
}

TEST_CASE("baseline: features of other scales are standardised by the training part") {
  FeatureParts parts;
  parts.train = {2, {1, 500, 3, 500}, {0, 1}};
  parts.valid = {2, {2, 501}, {0}};
  parts.test = {2, {5, 499}, {1}};
  parts.standardize();
  CHECK(parts.train.values == std::vector<float>{-1, 0, 1, 0});
  CHECK(parts.valid.values == std::vector<float>{0, 1});
  CHECK(parts.test.values == std::vector<float>{3, -1});
}
