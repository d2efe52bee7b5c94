// int8 factors through the layers: against the same network in f32.
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gru.hpp>
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

/// A convolution of embedded tokens, two layers of GRUs of both directions, a convolution of their rows.
struct ConvNet {
  Embedding<float> embedding{{.vocabulary = 11, .dim = 24, .padding = 0}};
  Conv1d<float> first;
  Gru<float> gru;
  Conv1d<float> last;

  explicit ConvNet(std::size_t hidden = 40)
      : first({.input = 24, .output = 20, .kernel = 5}),
        gru({.input = 20, .hidden = hidden, .layers = 2, .bidirectional = true}),
        last({.input = 2 * hidden, .output = 7, .kernel = 3, .dilation = 2}) {
    initialize(*this, 5);
  }
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return last(gru(tape, first(tape, embedding(batch))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("first", first);
    v("gru", gru);
    v("last", last);
  }
};

/// A layer that has int8, then one that has not.
struct Mixed {
  Dense<float> first{3, 3};
  Gru<float> gru{{.input = 3, .hidden = 3, .reset_after = false}};
  template <class V> void fields(V& v) {
    v("first", first);
    v("gru", gru);
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
template <class Model> std::vector<float> predicted(Model& net, const SequenceBatch& batch) {
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  return copy_of(net.forward(tape, batch).value());
}
float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(a[k] - b[k]));
  return worst;
}

/// Each sequence has the bits of itself alone, in any batch and step by step.
template <class Layer, class Tokens>
void check_batch_and_steps(const Layer& layer, const Tokens& tokens,
                           const std::vector<std::vector<Token>>& ids) {
  const FlushDenormals flush;
  const auto batch = batch_of(ids);
  const std::size_t bytes = layer.output() * sizeof(float);
  Tape<float> tape(Mode::inference);
  const auto all = layer(tape, tokens(batch));
  for (const std::size_t b : {std::size_t{0}, std::size_t{5}, ids.size() - 1}) {
    const auto alone = batch_of({ids[b]});
    Tape<float> own(Mode::inference);
    const auto y = layer(own, tokens(alone));
    auto stream = layer.initial_state(1);
    for (std::size_t t = 0; t < ids[b].size(); ++t) {
      const auto here = all.value().row(batch.layout.offset(t) + batch.layout.rank(b));
      REQUIRE(std::memcmp(here.data(), y.value().row_data(t), bytes) == 0);
      const auto h = layer.step(tokens.at(std::span(&ids[b][t], 1)), stream);
      REQUIRE(std::memcmp(here.data(), h.row_data(0), bytes) == 0);
    }
  }
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

TEST_CASE("int8: a network of GRUs and convolutions predicts nearly the same, with one set of bits") {
  const auto batch = batch_of(sequences(70));
  const auto narrow = batch_of({{1, 2, 3}, {4, 5}, {6}, {7, 8, 9, 1}});
  std::vector<std::vector<float>> found;
  for_each_matrix_unit([&] {
    ConvNet net(72), wide(600);
    const auto before = predicted(net, batch);
    set_precision(net, Precision::int8);
    set_precision(wide, Precision::int8);
    CHECK(net.gru.precision() == Precision::int8);
    CHECK(net.first.precision() == Precision::int8);
    CHECK(net.embedding.precision() == Precision::int8);
    const auto quantized = predicted(net, batch);
    CHECK(!same_bits(before, quantized));
    CHECK(largest_difference(before, quantized) < 0.02F);
    check_threads([&] { return predicted(net, batch); });
    check_threads([&] { return predicted(wide, narrow); });
    found.push_back(quantized);
  });
  for (const auto& bits : found) CHECK(same_bits(found.front(), bits));
}

TEST_CASE("int8: an embedding gives its rows in eight bits, wherever they are looked up") {
  Embedding<float> embedding({.vocabulary = 11, .dim = 24, .precision = Precision::int8});
  embedding.initialize({3});
  const auto batch = batch_of(sequences(12));
  Tape<float> tape(Mode::inference);
  const auto dense = dense_rows(tape, embedding(batch));
  float worst = 0;
  bool other = false;
  for (std::size_t k = 0; k < batch.layout.tokens(); ++k) {
    const auto exact = embedding.weight.view().row(static_cast<std::size_t>(batch.ids[k]));
    float largest = 0;
    for (const float v : exact) largest = std::max(largest, std::abs(v));
    for (std::size_t c = 0; c < 24; ++c) {
      worst = std::max(worst, std::abs(dense.value()(k, c) - exact[c]) / largest);
      other = other || dense.value()(k, c) != exact[c];
    }
  }
  CHECK(other);
  CHECK(worst < 0.5F / 126);
  // An Lstm in f32 that looks them up, one that gets them as rows, and steps: all see the same numbers.
  Lstm<float> lstm({.input = 24, .hidden = 9});
  lstm.initialize({4});
  const auto looked_up = copy_of(lstm(tape, embedding(batch)).value());
  CHECK(largest_difference(looked_up, copy_of(lstm(dense).value())) < 1e-5F);
  auto stream = lstm.initial_state(1);
  const auto h = copy_of(lstm.step(embedding.at(batch.ids[0]), stream));
  CHECK(std::memcmp(h.data(), looked_up.data(), 9 * sizeof(float)) == 0);
  embedding.set_precision(Precision::f32);
  auto again = lstm.initial_state(1);
  CHECK(!same_bits(h, copy_of(lstm.step(embedding.at(batch.ids[0]), again))));
  CHECK_THROWS_WITH(Embedding<double>({.vocabulary = 2, .dim = 3, .precision = Precision::int8}),
                    "embedding: int8 is for networks of floats; this one is of doubles");
}

TEST_CASE("int8: a GRU's batch, steps and first states") {
  const auto ids = sequences(40);
  Gru<float> gru({.input = 24, .hidden = 33, .layers = 2, .precision = Precision::int8});
  Embedding<float> embedding({.vocabulary = 11, .dim = 24, .padding = 0});
  const OneHot<float> one_hot(24);
  gru.initialize({1});
  embedding.initialize({2});
  const auto batch = batch_of(ids);
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  const auto check = [&](const auto& tokens) {
    check_batch_and_steps(gru, tokens, ids);
    const auto quantized = copy_of(gru(tape, tokens(batch)).value());
    gru.set_precision(Precision::f32);
    CHECK(largest_difference(quantized, copy_of(gru(tape, tokens(batch)).value())) < 0.02F);
    gru.set_precision(Precision::int8);
  };
  check(embedding);
  check(one_hot);
  // From states, dense rows as well.
  auto h0 = random_values<float>(2 * 40 * 33, 3);
  auto x = random_values<float>(batch.layout.tokens() * 24, 4);
  const auto initial = tape.leaf({h0.data(), 80, 33});
  const auto rows = tape.leaf({x.data(), batch.layout.tokens(), 24}, batch.layout);
  const auto quantized = copy_of(gru.run(rows, initial).y.value());
  gru.set_precision(Precision::f32);
  CHECK(largest_difference(quantized, copy_of(gru.run(rows, initial).y.value())) < 0.03F);
}

TEST_CASE("int8: a GRU that keeps its state for thousands of steps does so in every precision") {
  const std::size_t steps = 5000;
  Gru<float> gru({.input = 1, .hidden = 16});
  for_each_parameter(gru, [](const std::string& name, auto& p) {
    auto values = p.edit();
    std::fill_n(values.data(), values.size(), 0.0F);
    if (name.find("bias_ih") == std::string::npos) return;
    std::fill_n(values.data() + 16, 16, 9.0F);  // z is 1 - 1.2e-4
    std::fill_n(values.data() + 32, 16, 1.0F);  // n is tanh(1)
  });
  std::vector<float> x(steps);
  PackedLayout layout;
  layout.assign(std::vector<std::size_t>{steps});
  const auto last = [&](Precision precision) {
    gru.set_precision(precision);
    const FlushDenormals flush;
    Tape<float> tape(Mode::inference);
    return gru(tape.leaf({x.data(), steps, 1}, layout)).value()(steps - 1, 3);
  };
  const float exact = last(Precision::f32);
  CHECK(exact == Approx(std::tanh(1.0) * (1 - std::pow(1 / (1 + std::exp(-9.0)), 5000.0))).epsilon(0.01));
  CHECK(last(Precision::int8) == Approx(exact).epsilon(0.03));
  CHECK(last(Precision::bf16) == Approx(exact).epsilon(0.03));
}

TEST_CASE("int8: a convolution's rows, tokens, unit vectors and streams agree") {
  const auto batch = batch_of(sequences(30));
  Conv1d<float> conv({.input = 11, .output = 70, .kernel = 3, .padding = Padding::causal});
  conv.initialize({1});
  const OneHot<float> one_hot(11);
  Embedding<float> rows({.vocabulary = 11, .dim = 11});
  auto unit = rows.weight.edit();
  std::fill_n(unit.data(), unit.size(), 0.0F);
  for (std::size_t k = 0; k < 11; ++k) unit(k, k) = 1;
  Tape<float> tape(Mode::inference);
  const FlushDenormals flush;
  const auto exact = copy_of(conv(tape, one_hot(batch)).value());
  conv.set_precision(Precision::int8);
  const auto looked_up = copy_of(conv(tape, one_hot(batch)).value());
  CHECK(!same_bits(exact, looked_up));
  CHECK(largest_difference(exact, looked_up) < 0.005F);
  const auto dense = copy_of(conv(dense_rows(tape, rows(batch))).value());
  CHECK(largest_difference(looked_up, dense) < 0.005F);
  CHECK(same_bits(dense, copy_of(conv(tape, rows(batch)).value())));
  const std::vector<Token> ids = {3, 1, 4, 1, 5};
  const auto alone = batch_of({ids});
  const auto whole = copy_of(conv(dense_rows(tape, rows(alone))).value());
  auto streams = conv.initial_state(1);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const auto y = conv.step(rows.weight.view().row_range(static_cast<std::size_t>(ids[t]), 1), streams);
    CHECK(std::memcmp(y.row_data(0), whole.data() + t * 70, 70 * sizeof(float)) == 0);
  }
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
  check_batch_and_steps(lstm, embedding, ids);
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
  CHECK_THROWS_WITH(
      net.forward(tape, batch),
      "embedding: int8 is for predictions; train in f32, with set_precision(model, Precision::f32), "
      "and quantise afterwards");
  set_trainable(net, "embedding", false);
  CHECK_THROWS_WITH(net.forward(tape, batch), ContainsSubstring("lstm: int8 is for predictions;"));
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

TEST_CASE("int8: GRUs and convolutions refuse training, too") {
  const auto batch = batch_of(sequences(5));
  ConvNet net;
  set_precision(net, Precision::int8);
  set_trainable(net, "embedding", false);
  Tape<float> tape(Mode::training);
  CHECK_THROWS_WITH(net.forward(tape, batch), ContainsSubstring("conv1d: int8 is for predictions;"));
  set_trainable(net, "first", false);
  CHECK_THROWS_WITH(net.forward(tape, batch), ContainsSubstring("gru: int8 is for predictions;"));
  set_trainable(net, "gru", false);
  CHECK_THROWS_WITH(net.forward(tape, batch), ContainsSubstring("conv1d: int8 is for predictions;"));
}

TEST_CASE("int8: where one layer does not have it all stay as they were") {
  Mixed net;
  CHECK_THROWS_AS(set_precision(net, Precision::int8), option_error);
  CHECK(net.first.precision() == Precision::f32);
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
