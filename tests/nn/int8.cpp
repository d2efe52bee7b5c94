// int8 factors through the layers: against the same network in f32.
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/tied_decoder.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/optim/adam.hpp>
#include <seqlstm/optim/optimizer.hpp>

#include "kernels/matrix_units.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Embedded tokens, two layers of both directions, a dense head on every token.
struct Net {
  Embedding<float> embedding{{.vocabulary = 11, .dim = 24, .padding = 0}};
  Lstm<float> lstm;
  Dense<float> head;

  explicit Net(std::size_t hidden = 40)
      : lstm({.input = 24, .hidden = hidden, .layers = 2, .bidirectional = true}), head(2 * hidden, 7) {
    initialize(*this, 5);
  }
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return head(lstm(tape, embedding(batch)));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
};

std::vector<std::vector<Token>> sequences(std::size_t count) {
  RandomStream random(9);
  std::vector<std::vector<Token>> all(count);
  for (std::size_t b = 0; b < count; ++b) {
    all[b].resize(b % 7 == 3 ? 0 : 1 + random.below(12));
    for (auto& id : all[b]) id = static_cast<Token>(1 + random.below(10));
  }
  return all;
}
SequenceBatch batch_of(const std::vector<std::vector<Token>>& ids) {
  SequenceBatch batch;
  batch.assign(std::vector<std::span<const Token>>(ids.begin(), ids.end()));
  return batch;
}
std::vector<float> predicted(Net& net, const SequenceBatch& batch) {
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  return copy_of(net.forward(tape, batch).value());
}
float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(a[k] - b[k]));
  return worst;
}

}  // namespace

TEST_CASE("int8: what was made in f32 predicts nearly the same in int8, and goes back") {
  const auto batch = batch_of(sequences(70));
  Net net;
  const auto before = predicted(net, batch);
  set_precision(net, Precision::int8);
  CHECK(net.lstm.precision() == Precision::int8);
  CHECK(net.head.precision() == Precision::int8);
  prepare(net);
  const auto quantized = predicted(net, batch);
  CHECK(!same_bits(before, quantized));
  CHECK(largest_difference(before, quantized) < 0.01F);
  set_precision(net, Precision::f32);
  CHECK(same_bits(before, predicted(net, batch)));
}

TEST_CASE("int8: what was trained in f32 has nearly the same loss and answers in int8") {
  const auto batch = batch_of(sequences(64));
  std::vector<Token> sums(batch.layout.tokens());  // of a token and the one before it, modulo 7
  for (std::size_t t = 0; t < batch.layout.steps(); ++t)
    for (std::size_t r = 0; r < batch.layout.active(t); ++r) {
      const std::size_t here = batch.layout.offset(t) + r;
      const Token before = t == 0 ? 0 : batch.ids[batch.layout.offset(t - 1) + r];
      sums[here] = (batch.ids[here] + before) % 7;
    }
  const FlushDenormals flush;
  Net net(16);
  Optimizer<float> optimizer{adam({.lr = 0.01})};
  Tape<float> training(Mode::training);
  for (int k = 0; k < 150; ++k) {
    training.reset();
    zero_gradients(net);
    training.backward(cross_entropy(net.forward(training, batch), sums));
    optimizer.step(net);
  }
  const auto measure = [&] {
    Tape<float> tape(Mode::inference);
    const auto y = net.forward(tape, batch);
    std::size_t right = 0;
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const auto row = y.value().row(k);
      right += std::max_element(row.begin(), row.end()) - row.begin() == sums[k] ? 1 : 0;
    }
    return std::pair(double{cross_entropy(y, sums).value()(0, 0)},
                     static_cast<double>(right) / static_cast<double>(sums.size()));
  };
  const auto exact = measure();
  set_precision(net, Precision::int8);
  const auto quantized = measure();
  INFO(exact.first << " and " << quantized.first << ", " << exact.second << " and " << quantized.second);
  CHECK(exact.second > 0.8);
  CHECK(std::abs(quantized.first - exact.first) < 0.01);
  CHECK(std::abs(quantized.second - exact.second) < 0.01);
}

TEST_CASE("int8: the same bits for any number of threads, on all units") {
  const auto batch = batch_of(sequences(70));
  const auto narrow = batch_of({{1, 2, 3}, {4, 5}, {6}, {7, 8, 9, 1}});  // too few rows: threads share units
  std::vector<std::vector<float>> found;
  for_each_matrix_unit([&] {
    Net net(72), wide(600);
    set_precision(net, Precision::int8);
    set_precision(wide, Precision::int8);
    check_threads([&] { return predicted(net, batch); });
    check_threads([&] { return predicted(wide, narrow); });
    found.push_back(predicted(net, batch));
  });
  for (const auto& bits : found) CHECK(same_bits(found.front(), bits));
}

TEST_CASE("int8: a sequence's result does not depend on its batch, and steps give its bits") {
  const auto ids = sequences(40);
  Lstm<float> lstm({.input = 24, .hidden = 33, .layers = 2, .precision = Precision::int8});
  Embedding<float> embedding({.vocabulary = 11, .dim = 24, .padding = 0});
  lstm.initialize({1});
  embedding.initialize({2});
  const auto batch = batch_of(ids);
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  const auto all = lstm(tape, embedding(batch));
  for (const std::size_t b : {0U, 5U, 39U}) {
    const auto alone = batch_of({ids[b]});
    Tape<float> own(Mode::inference);
    const auto y = lstm(own, embedding(alone));
    auto stream = lstm.initial_state(1);
    for (std::size_t t = 0; t < ids[b].size(); ++t) {
      const auto here = all.value().row(batch.layout.offset(t) + batch.layout.rank(b));
      REQUIRE(std::memcmp(here.data(), y.value().row_data(t), 33 * sizeof(float)) == 0);
      const auto h = lstm.step(embedding.at(std::span(&ids[b][t], 1)), stream);
      REQUIRE(std::memcmp(here.data(), h.row_data(0), 33 * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("int8: dense rows and unit vectors, against f32") {
  const auto batch = batch_of(sequences(30));
  Lstm<float> lstm({.input = 11, .hidden = 40, .bidirectional = true});
  lstm.initialize({1});
  const OneHot<float> one_hot(11);
  auto values = random_values<float>(batch.layout.tokens() * 11, 4);
  const auto run = [&](bool dense) {
    const FlushDenormals flush;
    Tape<float> tape(Mode::inference);
    if (!dense) return copy_of(lstm(tape, one_hot(batch)).value());
    return copy_of(lstm(tape.leaf({values.data(), batch.layout.tokens(), 11}, batch.layout)).value());
  };
  for (const bool dense : {false, true}) {
    lstm.set_precision(Precision::f32);
    const auto exact = run(dense);
    lstm.set_precision(Precision::int8);
    CHECK(largest_difference(exact, run(dense)) < 0.01F);
  }
}

TEST_CASE("int8: training is refused in a sentence, frozen layers run beside layers that are trained") {
  const auto batch = batch_of(sequences(5));
  Net net;
  set_precision(net, Precision::int8);
  Tape<float> tape(Mode::training);
  CHECK_THROWS_WITH(net.forward(tape, batch),
                    "lstm: int8 is for predictions; train in f32, with set_precision(model, Precision::f32), "
                    "and quantise afterwards");
  set_trainable(net, "embedding", false);
  set_trainable(net, "lstm", false);
  CHECK_THROWS_AS(net.forward(tape, batch), option_error);
  net.head.set_precision(Precision::f32);
  tape.reset();
  zero_gradients(net);
  tape.backward(probe(net.forward(tape, batch)));
  float sum = 0;
  for (const float g : copy_of(net.head.weight.gradient())) sum += std::abs(g);
  CHECK(sum > 0);
}

TEST_CASE("int8: who does not have it says so") {
  CHECK_THROWS_WITH(Lstm<double>({.input = 2, .hidden = 3, .precision = Precision::int8, .name = "a"}),
                    "lstm 'a': int8 is for networks of floats; this one is of doubles");
  CHECK_THROWS_WITH(Lstm<float>({.input = 2, .hidden = 3, .peephole = true, .precision = Precision::int8}),
                    "lstm: precision is int8, which an Lstm with projection, peephole or layer_norm does not "
                    "have; ask for f32");
  TiedDecoder<double> decoder(4);
  CHECK_THROWS_AS(decoder.set_precision(Precision::int8), option_error);
}

TEST_CASE("int8: a prediction allocates nothing after the first") {
  const auto batch = batch_of(sequences(30));
  Net net;
  set_precision(net, Precision::int8);
  Tape<float> tape(Mode::inference);
  std::size_t before = 0;
  for (int k = 0; k < 4; ++k) {
    tape.reset();
    net.forward(tape, batch);
    if (k == 1) before = tape.arena().system_allocations();
  }
  CHECK(tape.arena().system_allocations() == before);
}
