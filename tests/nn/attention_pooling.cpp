#include <seqlstm/nn/attention_pooling.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// What the paper's equation makes of one sequence's rows h [length, input].
struct Reference {
  std::vector<double> weights;  ///< [length, heads]
  std::vector<double> pooled;   ///< [heads, input]
};
template <class T> Reference reference(const AttentionPooling<T>& layer, const std::vector<double>& h) {
  const std::size_t input = layer.input(), heads = layer.heads(), length = h.size() / input;
  const std::size_t attention = layer.hidden.output();
  std::vector<double> e(length * heads), sums(heads), pooled(heads * input);
  for (std::size_t t = 0; t < length; ++t) {
    std::vector<double> hidden(attention);
    for (std::size_t a = 0; a < attention; ++a) {
      double sum = double{layer.hidden.bias.view()(0, a)};
      for (std::size_t c = 0; c < input; ++c)
        sum += double{layer.hidden.weight.view()(a, c)} * h[t * input + c];
      hidden[a] = std::tanh(sum);
    }
    for (std::size_t k = 0; k < heads; ++k) {
      double score = 0;
      for (std::size_t a = 0; a < attention; ++a)
        score += double{layer.score.weight.view()(k, a)} * hidden[a];
      e[t * heads + k] = std::exp(score);
      sums[k] += e[t * heads + k];
    }
  }
  for (std::size_t t = 0; t < length; ++t)
    for (std::size_t k = 0; k < heads; ++k) {
      e[t * heads + k] /= sums[k];
      for (std::size_t c = 0; c < input; ++c) pooled[k * input + c] += e[t * heads + k] * h[t * input + c];
    }
  return {e, pooled};
}

template <class T>
void check_equation(const std::vector<std::size_t>& lengths, AttentionPoolingOptions options,
                    double tolerance) {
  INFO(lengths.size() << " sequences, input " << options.input << ", " << options.heads << " heads");
  const PackedLayout layout(lengths);
  AttentionPooling<T> layer(options);
  initialize(layer, 3);
  Input<T> h(layout.tokens(), options.input);
  Tape<T> tape(Mode::inference);
  const auto [pooled, weights] = layer.run(h.on(tape, layout));
  REQUIRE(pooled.rows() == lengths.size());
  REQUIRE(pooled.cols() == layer.output());
  REQUIRE(weights.rows() == layout.tokens());
  REQUIRE(weights.cols() == options.heads);
  const std::vector<double> rows(h.values.begin(), h.values.end());
  const std::vector<double> found(weights.value().data(), weights.value().data() + weights.value().size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const Reference expected = reference(layer, sequence_of(rows, options.input, layout, i));
    const auto own = sequence_of(found, options.heads, layout, i);
    for (std::size_t k = 0; k < own.size(); ++k)
      REQUIRE(own[k] == Approx(expected.weights[k]).margin(tolerance));
    for (std::size_t k = 0; k < layer.output(); ++k)
      REQUIRE(double{pooled.value()(i, k)} == Approx(expected.pooled[k]).margin(tolerance));
  }
}

/// All numbers of a training step: results and gradients.
std::vector<float> step_of(AttentionPooling<float>& layer, Input<float>& h, const PackedLayout& layout) {
  Tape<float> tape;
  zero_gradients(layer);
  std::fill(h.gradients.begin(), h.gradients.end(), 0.0F);
  const auto [pooled, weights] = layer.run(h.on(tape, layout));
  tape.backward(probe<float>(pooled));
  auto result = copy_of(pooled.value());
  for (const auto& more : {copy_of(weights.value()), h.gradients})
    result.insert(result.end(), more.begin(), more.end());
  for_each_parameter(layer, [&](const std::string&, Parameter<float>& p) {
    const auto g = copy_of(p.gradient());
    result.insert(result.end(), g.begin(), g.end());
  });
  return result;
}

const std::vector<std::size_t> many_lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30, 200};

}  // namespace

TEST_CASE("attention_pooling: weights and sums of every sequence follow the equation") {
  for (const auto& lengths : {ragged_lengths, many_lengths, {6}, {1}, {0}}) {
    check_equation<double>(lengths, {.input = 5, .attention = 3}, 1e-14);
    check_equation<double>(lengths, {.input = 33, .attention = 17, .heads = 4}, 1e-14);
    check_equation<float>(lengths, {.input = 33, .attention = 17, .heads = 4}, 2e-6);
    check_equation<float>(lengths, {.input = 1, .attention = 1, .heads = 1}, 2e-6);
  }
}

TEST_CASE("attention_pooling: each head's weights of a sequence sum to 1, a lone token is the result") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<double> layer({.input = 4, .heads = 3});
  REQUIRE(layer.hidden.output() == 64);
  Input<double> h(ragged_tokens, 4);
  Tape<double> tape;
  const auto v = h.on(tape, layout);
  const auto weights = copy_of(layer.attention(v).value());
  for (std::size_t i = 0; i < ragged_lengths.size(); ++i) {
    const auto own = sequence_of(weights, 3, layout, i);
    for (std::size_t k = 0; ragged_lengths[i] > 0 && k < 3; ++k) {
      double sum = 0;
      for (std::size_t t = 0; t < ragged_lengths[i]; ++t) sum += own[t * 3 + k];
      CHECK(sum == Approx(1).margin(1e-15));
    }
  }
  const auto pooled = layer(v);
  for (std::size_t k = 0; k < 12; ++k) {
    CHECK(pooled.value()(3, k) == h.view()(layout.rank(3), k % 4));  // one token
    CHECK(pooled.value()(2, k) == 0);                                // none
  }
}

TEST_CASE("attention_pooling: results alone, weights alone and both have the same bits") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<float> layer({.input = 7, .attention = 5, .heads = 2});
  Input<float> h(ragged_tokens, 7);
  Tape<float> tape;
  const auto v = h.on(tape, layout);
  const auto both = layer.run(v);
  CHECK(same_bits(copy_of(layer(v).value()), copy_of(both.pooled.value())));
  CHECK(same_bits(copy_of(layer.attention(v).value()), copy_of(both.weights.value())));
  CHECK(both.weights.layout() == &layout);
  CHECK(both.pooled.layout() == &layout);
}

TEST_CASE("attention_pooling: gradients of everything, through the sums and through the weights") {
  const PackedLayout layout(ragged_lengths);
  for (const std::size_t heads : {1U, 3U}) {
    AttentionPooling<double> layer({.input = 5, .attention = 4, .heads = heads});
    initialize(layer, 2);
    Input<double> h(ragged_tokens, 5);
    auto values = checked_values(layer);
    REQUIRE(values.size() == 3);
    values.push_back({"h", h.view(), h.gradient()});
    const auto pooled =
        check_gradient([&](Tape<double>& tape) { return probe<double>(layer(h.on(tape, layout))); }, values);
    INFO(pooled);
    CHECK(pooled);
    const auto weights = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(layer.attention(h.on(tape, layout))); }, values);
    INFO(weights);
    CHECK(weights);
  }
}

TEST_CASE("attention_pooling: gradients of an LSTM below it") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> lstm({.input = 3, .hidden = 4, .bidirectional = true});
  AttentionPooling<double> layer({.input = 8, .attention = 6, .heads = 2});
  Input<double> x(ragged_tokens, 3);
  auto values = checked_values(lstm);
  const auto own = checked_values(layer);
  values.insert(values.end(), own.begin(), own.end());
  values.push_back({"x", x.view(), x.gradient()});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(layer(lstm(x.on(tape, layout)))); }, values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("attention_pooling: a sequence's bits depend neither on its batch nor on threads") {
  const PackedLayout layout(many_lengths);
  AttentionPooling<float> layer({.input = 70, .attention = 33, .heads = 3});
  Input<float> h(layout.tokens(), 70);
  check_threads([&] { return step_of(layer, h, layout); });
  const auto together = step_of(layer, h, layout);
  for (std::size_t i = 0; i < many_lengths.size(); ++i) {
    auto rows = sequence_of(h.values, 70, layout, i);
    const PackedLayout alone(std::vector<std::size_t>{many_lengths[i]});
    Tape<float> tape(Mode::inference);
    const auto y = layer(tape.leaf({rows.data(), many_lengths[i], 70}, alone));
    REQUIRE(std::memcmp(y.value().data(), &together[i * 210], 210 * sizeof(float)) == 0);
  }
}

TEST_CASE("attention_pooling: frozen it passes gradients to h and to nothing else") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<float> layer({.input = 3, .attention = 2});
  CHECK(set_trainable(layer, "", false) == 3);
  Input<float> h(ragged_tokens, 3);
  Tape<float> tape;
  CHECK_FALSE(layer(tape.leaf(h.view(), layout)).needs_gradient());
  tape.backward(probe<float>(layer(h.on(tape, layout))));
  CHECK(h.gradients != std::vector<float>(h.gradients.size()));
  for_each_parameter(layer, [](const std::string&, Parameter<float>& p) {
    CHECK(copy_of(p.gradient()) == std::vector<float>(p.size()));
  });
}

TEST_CASE("attention_pooling: precision reaches both layers, by options and by set_precision") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<float> plain({.input = 40, .attention = 30, .heads = 2}),
      rounded({.input = 40, .attention = 30, .heads = 2, .precision = Precision::bf16});
  for (auto* layer : {&plain, &rounded}) initialize(*layer, 5);
  CHECK(rounded.hidden.precision() == Precision::bf16);
  CHECK(rounded.score.precision() == Precision::bf16);
  Input<float> h(ragged_tokens, 40);
  const auto output = [&](AttentionPooling<float>& layer) {
    Tape<float> tape(Mode::inference);
    return copy_of(layer(h.on(tape, layout)).value());
  };
  const auto exact = output(plain), close = output(rounded);
  CHECK(exact != close);
  for (std::size_t k = 0; k < exact.size(); ++k) CHECK(close[k] == Approx(exact[k]).margin(0.01));
  set_precision(plain, Precision::bf16);
  CHECK(output(plain) == close);
  CHECK_THROWS_WITH(AttentionPooling<double>({.input = 2, .precision = Precision::bf16, .name = "pool"}),
                    "dense 'pool.hidden': bf16 is for networks of floats; this one is of doubles");
}

TEST_CASE("attention_pooling: batches without any token") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  AttentionPooling<float> layer({.input = 2, .attention = 3, .heads = 2});
  Tape<float> tape;
  const auto y = layer(tape.leaf({nullptr, 0, 2}, layout));
  CHECK(copy_of(y.value()) == std::vector<float>(8));
  tape.backward(probe<float>(y));
  for_each_parameter(layer, [](const std::string&, Parameter<float>& p) {
    CHECK(copy_of(p.gradient()) == std::vector<float>(p.size()));
  });
}

TEST_CASE("attention_pooling: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<float> layer({.input = 9, .attention = 20, .heads = 3});
  Input<float> h(ragged_tokens, 9);
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(layer(h.on(tape, layout)))); });
}

TEST_CASE("attention_pooling: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  AttentionPooling<float> a({.input = 3, .attention = 4, .heads = 2}), b = a;
  initialize(b, 7);
  Input<float> h(ragged_tokens, 3);
  check_rule_of_five(a, b,
                     [&](AttentionPooling<float>& layer) { return values_and_gradients(layer, h, layout); });
}

TEST_CASE("attention_pooling: names and shapes of parameters") {
  AttentionPooling<double> layer({.input = 16, .attention = 25, .heads = 3});
  std::vector<std::string> names;
  for_each_parameter(layer, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name + " " + shape_text(p.view()));
  });
  CHECK(names == std::vector<std::string>{"hidden.weight 25x16", "hidden.bias 1x25", "score.weight 3x25"});
  CHECK(layer.input() == 16);
  CHECK(layer.heads() == 3);
  CHECK(layer.output() == 48);
}

TEST_CASE("attention_pooling: mistakes are named") {
  const PackedLayout layout(ragged_lengths);
  Tape<float> tape;
  Input<float> h(ragged_tokens, 5);
  AttentionPooling<float> layer({.input = 4}), named({.input = 4, .name = "pool"});
  CHECK_THROWS_WITH(layer(h.on(tape, layout)),
                    "attention_pooling: input has 5 columns, the hidden layer expects 4");
  CHECK_THROWS_WITH(named.attention(h.on(tape, layout)),
                    "attention_pooling 'pool': input has 5 columns, the hidden layer expects 4");
  CHECK_THROWS_AS(named.run(h.on(tape, layout)), shape_error);
  CHECK_THROWS_WITH(AttentionPooling<float>({.input = 4, .heads = 0}),
                    "attention_pooling: input, attention and heads must be at least 1, got 4, 64, 0");
  CHECK_THROWS_WITH(AttentionPooling<float>({.attention = 3, .name = "pool"}),
                    "attention_pooling 'pool': input, attention and heads must be at least 1, got 0, 3, 1");
  CHECK_THROWS_AS(AttentionPooling<float>({.input = 4, .attention = 0}), option_error);
}
