#include <seqlstm/infer/predict.hpp>

#include <seqlstm/nn/dense.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/train/fit.hpp>
#include <sstream>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("predict: predictions stand in the data set's order, whatever the batches") {
  const auto data = tiny_data(50, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  const auto one = predict(model, data, bce_with_logits(), {.batch_size = 1});
  const auto many = predict(model, data, bce_with_logits(), {.batch_size = 17});
  const auto budget = predict(model, data, bce_with_logits(), {.max_tokens = 40});
  REQUIRE(one.rows == 50);
  REQUIRE(one.cols == 1);
  CHECK(one.values == many.values);
  CHECK(one.values == budget.values);
  CHECK(many.loss == Approx(one.loss).epsilon(1e-6));
  for (const double p : one.values) CHECK((p > 0 && p < 1));
}

TEST_CASE("evaluate: reports under the names of the classes, the loss first") {
  auto data = tiny_data(50, 1);
  data.label_names = {"other", "begins with A or C"};
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  const Report report = evaluate(model, data);
  CHECK(report.metrics.front().first == "loss");
  CHECK(report.label_names == data.label_names);
  std::ostringstream text;
  text << report;
  CHECK_THAT(text.str(), ContainsSubstring("begins with A or C"));
  // A class that is never predicted is named in the note.
  auto of_one_class = data.subset(std::vector<std::size_t>{});
  for (std::size_t i = 0; i < data.size(); ++i)
    if (data.labels[i] == 0) of_one_class.append(data.subset(std::vector<std::size_t>{i}));
  std::string notes;
  for (const auto& note : evaluate(model, of_one_class).undefined) notes += note + '\n';
  CHECK_THAT(notes, ContainsSubstring("class begins with A or C has no members"));
}

TEST_CASE("predict: several classes and numbers come out as the loss says") {
  auto data = tiny_data(30, 1);
  for (std::size_t i = 0; i < 30; ++i) data.labels[i] = static_cast<double>(i % 3);
  auto classes = sequential(embedding(4), lstm({.hidden = 5}), last(), dense(3));
  fit(classes, data, {.loss = cross_entropy(), .epochs = 1});
  const auto p = predict(classes, data, cross_entropy());
  REQUIRE(p.cols == 3);
  for (std::size_t r = 0; r < 30; ++r)
    CHECK(p.values[3 * r] + p.values[3 * r + 1] + p.values[3 * r + 2] == Approx(1));
  auto number = sequential(embedding(4), lstm({.hidden = 5}), last(), dense(1));
  fit(number, data, {.loss = mse(), .epochs = 1});
  CHECK(evaluate(number, data)["mse"] == Approx(predict(number, data, mse()).loss).epsilon(1e-6));
}

TEST_CASE("predict: dropout is at rest and the model stays as it was") {
  const auto data = tiny_data(20, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  const auto before = everything(model);
  const auto first = predict(model, data, bce_with_logits());
  CHECK(predict(model, data, bce_with_logits()).values == first.values);
  CHECK(everything(model) == before);
}

TEST_CASE("predict: a class-weighted loss does not depend on the batches") {
  const auto data = tiny_data(50, 5);
  auto model = sequential(embedding(4), lstm({.hidden = 6}), last(), dense(2));
  const auto loss = cross_entropy({.class_weights = {0.2, 3}});
  fit(model, data, {.loss = loss, .epochs = 1});
  const double whole = predict(model, data, loss, {.batch_size = 50}).loss;
  CHECK(whole > 0);
  for (const std::size_t size : {1U, 7U, 17U})
    CHECK(predict(model, data, loss, {.batch_size = size}).loss == Approx(whole).epsilon(1e-6));
}

TEST_CASE("predict: batches of long sequences are cut, with the same values") {
  const auto data = tiny_data(80, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  const auto whole = predict(model, data, bce_with_logits());
  for (const std::size_t most : {1, 12, 40, 100000}) {
    const auto cut = predict(model, data, bce_with_logits(), {.cut_tokens = most});
    CHECK(cut.values == whole.values);
    CHECK(cut.loss == Approx(whole.loss).epsilon(1e-6));
  }
}

TEST_CASE("predict: every record is asked once, whatever a sampler says") {
  const auto data = tiny_data(20, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  const auto expected = predict(model, data, bce_with_logits()).values;
  const Sampler first = [](std::size_t) { return std::vector<std::size_t>(5, 0); };
  CHECK(predict(model, data, bce_with_logits(), {.sampler = first}).values == expected);
}

namespace {

/// What every rank has of a prediction that ranks share.
template <class Model>
std::vector<Predictions> predicted_by(std::size_t ranks, const Model& model, const SequenceDataset& data,
                                      const Loss& loss) {
  std::vector<Predictions> said(ranks);
  run_as_ranks(ranks, [&](Communicator& communicator) {
    Model own = model;
    said[communicator.rank()] = predict(own, data, loss, {.batch_size = 8}, communicator);
  });
  return said;
}

template <class Model> void check_shared(const Model& model, const SequenceDataset& data, const Loss& loss) {
  Model own = model;
  const auto alone = predict(own, data, loss, {.batch_size = 8});
  for (const std::size_t ranks : {1U, 2U, 3U, 8U})
    for (const auto& said : predicted_by(ranks, model, data, loss)) {
      CHECK(said.rows == alone.rows);
      CHECK(said.cols == alone.cols);
      CHECK(said.values == alone.values);
      CHECK(said.loss == alone.loss);
      CHECK(said.loss_weight == alone.loss_weight);
      CHECK(said.offsets == alone.offsets);
      CHECK(said.decoded == alone.decoded);
      CHECK(said.decoded_offsets == alone.decoded_offsets);
    }
}

}  // namespace

TEST_CASE("predict: ranks share the batches, and each has all of them with the bits of one") {
  const auto data = tiny_data(50, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1, .progress = nullptr});
  check_shared(model, data, bce_with_logits());
  auto unlabelled = data;
  unlabelled.labels.clear();
  check_shared(model, unlabelled, bce_with_logits());
  check_shared(model, data.subset(std::vector<std::size_t>{3}), bce_with_logits());  // ranks without a batch
}

TEST_CASE("predict: ranks share positions and what a model decodes") {
  auto data = tiny_data(30, 1);
  data.position_labels.assign(data.tokens(), 0);
  for (std::size_t t = 0; t < data.tokens(); ++t) data.position_labels[t] = data.ids[t] % 3;
  auto rows = sequential(embedding(4), lstm({.hidden = 5}), dense(3));
  fit(rows, data, {.loss = cross_entropy(), .epochs = 1, .progress = nullptr});
  check_shared(rows, data, cross_entropy());
  auto paths = sequential(embedding(4), lstm({.hidden = 5}), dense(3), crf());
  fit(paths, data, {.loss = crf_loss(), .epochs = 1, .progress = nullptr});
  check_shared(paths, data, crf_loss());
}
