#include <seqlstm/infer/predictor.hpp>

#include <array>
#include <functional>
#include <seqlstm/train/fit.hpp>
#include <thread>
#include <utility>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// A trained chain.
TinyModel trained_model(const SequenceDataset& data) {
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  return model;
}
std::vector<double> all_answers(Predictor<TinyModel>& predictor, const SequenceDataset& data) {
  std::vector<double> answers;
  for (std::size_t i = 0; i < data.size(); ++i) answers.push_back(predictor(data.sequence(i))[0]);
  return answers;
}

/// A module as a user writes one, with classes and a forward() that is const.
struct OwnNet {
  Embedding<double> embedding{{.vocabulary = 4, .dim = 5, .padding = {}}};
  Lstm<double> lstm{{.input = 5, .hidden = 4}};
  Dense<double> head{4, 3};
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
  Var<double> forward(Tape<double>& tape, const SequenceBatch& batch) const {
    return head(last(lstm(tape, embedding(batch))));
  }
};

Var<float> rows_of(Tape<float>& tape, const FeatureBatch& batch) {
  return tape.leaf({const_cast<float*>(batch.values.data()), batch.rows, batch.width});
}

/// Rows of numbers.
struct Linear {
  Dense<float> layer{3, 1};
  template <class V> void fields(V& v) { v("layer", layer); }
  Var<float> forward(Tape<float>& tape, const FeatureBatch& batch) const {
    return layer(rows_of(tape, batch));
  }
};

/// One that lets something happen while it predicts.
struct Slow {
  std::function<void()> meanwhile;
  Dense<float> layer{1, 1};
  template <class V> void fields(V& v) { v("layer", layer); }
  Var<float> forward(Tape<float>& tape, const FeatureBatch& batch) const {
    if (meanwhile) meanwhile();
    return layer(rows_of(tape, batch));
  }
};

}  // namespace

TEST_CASE("predictor: one by one, together and again: the bits of predict") {
  const auto data = tiny_data(40, 1);
  auto model = trained_model(data);
  const auto expected = predict(model, data, bce_with_logits());
  const TinyModel& shared = model;
  Predictor predictor(shared);
  CHECK(all_answers(predictor, data) == expected.values);
  CHECK(predict(shared, data.sequence(3)).values[0] == expected.values[3]);
  CHECK(predict(shared, data, bce_with_logits()).values == expected.values);
  std::vector<std::span<const Token>> sequences;
  for (std::size_t i = 0; i < data.size(); ++i) sequences.push_back(data.sequence(i));
  const auto together = predictor(sequences);
  REQUIRE(together.rows() == data.size());
  CHECK(std::vector<double>(together.data(), together.data() + together.rows()) == expected.values);
  Predictor moved = std::move(predictor);
  CHECK(all_answers(moved, data) == expected.values);
}

TEST_CASE("predictor: an own module in double answers with a probability of every class") {
  OwnNet net;
  initialize(net, 4);
  Predictor predictor(std::as_const(net), cross_entropy());
  const std::vector<Token> tokens = {0, 3, 2};
  const auto answer = predictor(tokens);
  REQUIRE(answer.size() == 3);
  CHECK(answer[0] + answer[1] + answer[2] == Approx(1));
  CHECK(std::vector<double>(answer.begin(), answer.end()) == predict(net, tokens, cross_entropy()).values);
  CHECK(predictor(std::span<const Token>())[0] > 0);  // an empty sequence
  CHECK(&predictor.model() == &net);
}

TEST_CASE("predictor: rows of numbers come as a batch") {
  Linear model;
  initialize(model, 1);
  FeatureDataset data{3, {1, 2, 3, -1, 0, 5}, {0, 1}, 1};
  const auto expected = predict(model, data, mse());
  FeatureBatcher batcher(data, {.batch_size = 2, .shuffle = false});
  batcher.begin_epoch(0);
  FeatureBatch batch;
  REQUIRE(batcher.next(batch));
  Predictor predictor(std::as_const(model), mse());
  const auto answers = predictor(batch);
  REQUIRE(answers.rows() == 2);
  for (std::size_t r = 0; r < 2; ++r) CHECK(answers(r, 0) == expected.values[batch.records[r]]);
}

TEST_CASE("predictor: sees what a model learned since") {
  const auto data = tiny_data(30, 1);
  auto model = trained_model(data);
  Predictor predictor(model);
  const double before = predictor(data.sequence(0))[0];
  fit(model, data, {.epochs = 1});
  const double after = predictor(data.sequence(0))[0];
  CHECK(after != before);
  CHECK(after == predict(model, data.sequence(0)).values[0]);
}

TEST_CASE("predictor: threads share one const model, with the bits of one") {
  const auto data = tiny_data(60, 2);
  auto model = trained_model(data);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    set_precision(model, precision);
    Predictor alone(model);
    const auto expected = all_answers(alone, data);
    for (const bool own_pools : {false, true}) {
      const TinyModel fresh = model;  // nothing is packed yet
      std::array<std::vector<double>, 4> answers;
      std::vector<std::thread> threads;
      for (auto& own : answers)
        threads.emplace_back([&] {
          ThreadPool pool(own_pools ? 2 : 1);
          Predictor predictor(fresh, {.pool = own_pools ? &pool : nullptr});
          own = all_answers(predictor, data);
        });
      for (auto& thread : threads) thread.join();
      for (const auto& own : answers) CHECK(own == expected);
    }
  }
}

TEST_CASE("predictor: a model that another thread trains is refused, and one that is read is not trained") {
  const auto data = tiny_data(30, 1);
  auto model = trained_model(data);
  Predictor predictor(model);
  std::string predicted, made, by_itself = "no";
  fit(model, data, {.epochs = 1, .callbacks = {[&](const EpochReport&) {
                                   by_itself = std::to_string(predictor(data.sequence(0)).size());
                                   std::thread([&] {
                                     predicted =
                                         message_of<option_error>([&] { predictor(data.sequence(0)); });
                                     made = message_of<option_error>([&] { Predictor other(model); });
                                   }).join();
                                   return true;
                                 }}});
  CHECK(by_itself == "1");
  CHECK_THAT(predicted, ContainsSubstring("predict: another thread trains this model"));
  CHECK(made == predicted);
  CHECK(predictor(data.sequence(0)).size() == 1);

  Slow slow;
  const FeatureDataset rows{1, {1, 2}, {0, 1}, 1};
  std::string trained;
  bool first = true;
  slow.meanwhile = [&] {
    if (!std::exchange(first, false)) return;
    std::thread([&] { trained = message_of<option_error>([&] { fit(slow, rows, {.epochs = 1}); }); }).join();
  };
  predict(slow, rows, bce_with_logits());
  CHECK_THAT(trained, ContainsSubstring("fit: another thread predicts with this model"));
}
