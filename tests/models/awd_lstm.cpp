#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/models/awd_lstm.hpp>

#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/token_loss.hpp>

#include <array>
#include <thread>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

AwdLstmOptions small(double factor) {
  return {.vocabulary = 4,
          .embedding_dim = 3,
          .hidden = 5,
          .layers = 3,
          .dropouts = AwdDropouts{0.2, 0.3, 0.4, 0.3, 0.2}.times(factor)};
}

}  // namespace

TEST_CASE("awd_lstm: a stack of lstms under its own names, the last as wide as the embedding") {
  AwdLstm<double> encoder(small(1));
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> shapes;
  for_each_parameter(encoder, [&](const std::string& name, const auto& p) {
    names.push_back(name);
    shapes.push_back(p.shape());
  });
  REQUIRE(names.size() == 13);
  CHECK(names[0] == "embedding.weight");
  CHECK(names[1] == "rnns.0.weight_ih_l0");
  CHECK(names[12] == "rnns.2.bias_hh_l0");
  CHECK(shapes[1] == std::vector<std::size_t>{20, 3});
  CHECK(shapes[9] == std::vector<std::size_t>{12, 5});
  CHECK(encoder.output() == 3);

  const auto batch = few_tokens();
  Tape<double> tape(Mode::inference);
  Lstm<double> first({.input = 3, .hidden = 5}), second({.input = 5, .hidden = 5}),
      third({.input = 5, .hidden = 3});
  const auto expected = copy_of(third(second(first(tape, encoder.embedding()(batch)))).value());
  CHECK(copy_of(encoder(tape, batch).value()) == expected);  // all drawn from one default seed
}

TEST_CASE("awd_lstm: gradients of the language model with all dropouts, penalties and carried states") {
  const auto batch = token_batch({{0, 1, 2}, {3, 1, 0}});
  const std::vector<Token> next = {1, 2, 2, 0, 3, 3};
  AwdLanguageModel<double> model(small(1), {.alpha = 2, .beta = 1});
  initialize(model, 3);
  auto begin = model.carried_state(2);
  Tape<double> warm(Mode::inference);
  model.forward(warm, batch, begin);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        auto carried = begin;
        const auto out = model.forward(tape, batch, carried);
        return cross_entropy(out.logits, next) + out.penalty;
      },
      checked_values(model));
  INFO(report);
  CHECK(report);
}

TEST_CASE("awd_lstm: one mask for all tokens of a sequence, on the way in, between layers, on the way out") {
  // What is dropped from every token of the only sequence leaves its column of weights without a gradient.
  const auto batch = token_batch({{0, 1, 2, 3, 1, 0, 2, 2, 3, 1}});
  AwdLstm<double> encoder({.vocabulary = 4,
                           .embedding_dim = 20,
                           .hidden = 24,
                           .layers = 2,
                           .dropouts = {.input = 0.5, .hidden = 0.5}});
  Tape<double> tape;
  tape.backward(probe<double>(encoder(tape, batch)));
  for_each_parameter(encoder, [](const std::string& name, Parameter<double>& p) {
    if (!name.ends_with("weight_ih_l0")) return;
    INFO(name);
    std::size_t dropped = 0;
    for (std::size_t c = 0; c < p.cols(); ++c) {
      std::size_t zeros = 0;
      for (std::size_t r = 0; r < p.rows(); ++r) zeros += p.gradient()(r, c) == 0 ? 1 : 0;
      CHECK((zeros == 0 || zeros == p.rows()));
      dropped += zeros > 0 ? 1 : 0;
    }
    CHECK(dropped > p.cols() / 5);
    CHECK(dropped < p.cols() * 4 / 5);
  });
  // Where the decoder is the identity, a dropped number is a logit of 0.
  AwdLanguageModel<double> model(
      {.vocabulary = 20, .embedding_dim = 20, .hidden = 5, .layers = 1, .dropouts = {.output = 0.5}});
  auto table = model.encoder.embedding().weight.edit();
  for (std::size_t r = 0; r < 20; ++r)
    for (std::size_t c = 0; c < 20; ++c) table(r, c) = r == c ? 1 : 0;
  const auto two = token_batch({{0, 1, 2, 3}, {3, 1, 0, 2}});
  auto carried = model.carried_state(2);
  Tape<double> other;
  const auto logits = model.forward(other, two, carried).logits.value();
  std::array<std::vector<bool>, 2> masks;
  for (std::size_t row = 0; row < logits.rows(); ++row) {
    std::vector<bool> kept;
    for (const double logit : logits.row(row)) kept.push_back(logit != 0);
    auto& mask = masks[row % 2];  // the sequences are of one length
    if (mask.empty()) mask = kept;
    CHECK(kept == mask);
  }
  CHECK(masks[0] != masks[1]);
}

TEST_CASE("awd_lstm: other dropouts leave a model that does not train as it is") {
  const auto batch = few_tokens();
  AwdLstm<float> encoder(small(1));
  set_training(encoder, false);
  const auto output = [&](Mode mode) {
    Tape<float> tape(mode);
    return copy_of(encoder(tape, batch).value());
  };
  encoder.set_dropouts(small(2).dropouts);
  CHECK(output(Mode::training) == output(Mode::inference));
}

TEST_CASE("awd_lstm: dropouts act in training alone") {
  const auto batch = few_tokens();
  AwdLanguageModel<float> model(small(1)), plain(small(0));
  initialize(model, 3);
  initialize(plain, 3);
  const auto logits = [&](AwdLanguageModel<float>& m, Mode mode) {
    Tape<float> tape(mode);
    auto carried = m.carried_state(5);
    return copy_of(m.forward(tape, batch, carried).logits.value());
  };
  const auto expected = logits(plain, Mode::training);
  CHECK(logits(model, Mode::inference) == expected);
  CHECK(logits(model, Mode::training) != expected);
  set_training(model, false);
  CHECK(logits(model, Mode::training) == expected);
  // Without penalties in inference, and none where both are zero.
  Tape<float> inference(Mode::inference), training;
  auto carried = model.carried_state(5);
  CHECK_FALSE(model.forward(inference, batch, carried).penalty.defined());
  AwdLanguageModel<float> light(small(0), {.alpha = 0, .beta = 0});
  CHECK_FALSE(light.forward(training, batch, carried).penalty.defined());
}

TEST_CASE("awd_lstm: steps, windows and whole sequences give the same bits") {
  AwdLanguageModel<float> model({.vocabulary = 9, .embedding_dim = 20, .hidden = 33, .layers = 3});
  initialize(model, 4);
  const std::vector<std::vector<Token>> texts = {{1, 5, 8, 0, 2, 2}, {7, 7, 3, 1, 0, 4}};
  const auto batch = token_batch(texts);
  Tape<float> tape(Mode::inference), stepping(Mode::inference);
  auto carried = model.carried_state(2);
  const auto whole = copy_of(model.forward(tape, batch, carried).logits.value());
  auto streams = model.initial_state(2);
  std::vector<float> steps;
  for (std::size_t t = 0; t < 6; ++t) {
    stepping.reset();
    const std::vector<Token> now = {texts[0][t], texts[1][t]};
    const auto logits = copy_of(model.step(stepping, now, streams).value());
    steps.insert(steps.end(), logits.begin(), logits.end());
  }
  CHECK(same_bits(steps, whole));
}

TEST_CASE("awd_lstm: threads that share a prepared language model get the bits of one") {
  AwdLanguageModel<float> model({.vocabulary = 9, .embedding_dim = 20, .hidden = 33, .layers = 2});
  initialize(model, 4);
  prepare(model);
  const auto batch = token_batch({{1, 5, 8, 0, 2, 2}, {7, 7, 3}});
  const auto answer = [&batch](const AwdLanguageModel<float>& shared) {
    Tape<float> tape(Mode::inference);
    auto carried = shared.carried_state(2);
    return copy_of(shared.forward(tape, batch, carried).logits.value());
  };
  AwdLanguageModel<float> alone = model;  // which packs for itself
  const auto expected = answer(alone);
  std::array<std::vector<float>, 3> answers;
  std::vector<std::thread> threads;
  for (auto& own : answers) threads.emplace_back([&] { own = answer(model); });
  for (auto& thread : threads) thread.join();
  for (const auto& own : answers) CHECK(same_bits(own, expected));
  AwdLanguageModel<float> empty;
  CHECK_NOTHROW(prepare(empty));
}

TEST_CASE("awd_lstm: one LSTM has nothing between its layers to drop") {
  AwdLstmOptions options = small(1);
  options.layers = 1;
  const char* words =
      "awd_lstm: dropouts.hidden is 0.3, but it acts between layers and there is one; ask for at least 2 "
      "layers, or for dropouts.for_layers(1)";
  CHECK_THROWS_WITH(AwdLstm<float>(options), words);
  options.dropouts = options.dropouts.for_layers(1);
  CHECK(options.dropouts.hidden == 0);
  CHECK(options.dropouts.output == 0.2);
  AwdLstm<float> one(options);
  CHECK_THROWS_WITH(one.set_dropouts(small(1).dropouts), words);
  CHECK(one.options().dropouts.hidden == 0);
  CHECK(small(1).dropouts.for_layers(2).hidden == 0.3);
  CHECK_NOTHROW(AwdLanguageModel<float>(options));
}

TEST_CASE("awd_lstm: mistakes are named") {
  CHECK_THROWS_WITH(AwdLstm<float>({.vocabulary = 4, .embedding_dim = 3, .hidden = 5, .layers = 0}),
                    "awd_lstm: layers must be at least 1, got 0");
  AwdLstm<float> encoder(small(0));
  auto carried = encoder.carried_state(3);
  Tape<float> tape;
  const auto batch = few_tokens();
  CHECK_THROWS_WITH(encoder(tape, batch, carried), "awd_lstm: 5 sequences for the states of 3 streams");
  CHECK_THROWS_AS(encoder(tape, token_batch({{4}})), token_error);
}
