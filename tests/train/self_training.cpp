#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/self_training.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("self-training: the model's probabilities, and the labelled rows behind them as they are") {
  const auto pool = tiny_data(40, 1), labelled = tiny_data(6, 2);
  auto model = tiny_model();
  fit(model, labelled, {.epochs = 2, .batch_size = 3});
  const Loss loss = bce_with_logits();
  const auto mixed = pseudo_labelled(model, pool, labelled, loss, {5, 6, 0}, 25);
  REQUIRE(mixed.size() == 31);
  const auto said = predict(model, mixed, loss).values;
  for (std::size_t i = 0; i < 25; ++i) CHECK(mixed.labels[i] == said[i]);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 25; ++i) {
    CHECK(mixed.labels[i] > 0);
    CHECK(mixed.labels[i] < 1);
    names.push_back(mixed.names[i]);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::unique(names.begin(), names.end()) == names.end());
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(mixed.labels[25 + i] == labelled.labels[i]);
    CHECK(mixed.names[25 + i] == labelled.names[i]);
  }
  const auto again = pseudo_labelled(model, pool, labelled, loss, {5, 6, 0}, 25),
             later = pseudo_labelled(model, pool, labelled, loss, {5, 6, 1}, 25);
  CHECK(again.names == mixed.names);
  CHECK(later.names != mixed.names);
  CHECK(pseudo_labelled(model, pool, labelled, loss, {5, 6, 0}).size() == 46);
}
