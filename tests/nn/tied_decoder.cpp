#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/tied_decoder.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> struct Model {
  Embedding<T> embedding{{.vocabulary = 6, .dim = 4, .padding = 0}};
  TiedDecoder<T> decoder{6};
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("decoder", decoder);
  }
};

}  // namespace

TEST_CASE("tied_decoder: logits are products with the embedding's rows, plus a bias") {
  Model<double> model;
  const std::vector<double> rows = {0, 0, 0, 0, 1, 2, 3, 4, 0, 1, 0, 1, 2, 2, 2, 2, -1, 0, 0, 5, 1, 1, 1, 1};
  std::copy(rows.begin(), rows.end(), model.embedding.weight.edit().data());
  for (std::size_t v = 0; v < 6; ++v) model.decoder.bias.edit()(0, v) = 0.5 * static_cast<double>(v);
  Tape<double> tape;
  std::vector<double> x = {1, 0, 0, -1};
  const auto y = model.decoder(tape.leaf({x.data(), 1, 4}), model.embedding);
  CHECK(copy_of(y.value()) == std::vector<double>{0, -2.5, 0, 1.5, -4, 2.5});
}

TEST_CASE("tied_decoder: both uses of the embedding add to its gradient, of rows and of tokens") {
  Model<double> model;
  initialize(model, 3);
  Input<double> x(ragged_tokens, 4);
  const PackedLayout layout(ragged_lengths);
  auto values = checked_values(model);
  CHECK(values.size() == 2);
  values.push_back({"x", x.view(), x.gradient()});
  const auto rows = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(model.decoder(x.on(tape), model.embedding)); }, values);
  INFO(rows);
  CHECK(rows);
  const std::vector<std::vector<Token>> ids = {{1, 2, 5}, {3}};
  SequenceBatch batch;
  batch.assign(std::vector<std::span<const Token>>(ids.begin(), ids.end()));
  const auto tokens = check_gradient(
      [&](Tape<double>& tape) {
        const auto looked_up = dense_rows(tape, model.embedding(batch));
        return probe<double>(model.decoder(looked_up, model.embedding));
      },
      checked_values(model));
  INFO(tokens);
  CHECK(tokens);
}

TEST_CASE("tied_decoder: new vectors are seen at once, a frozen embedding gets no gradient") {
  Model<float> model;
  initialize(model, 3);
  Input<float> x(3, 4);
  const auto output = [&] {
    Tape<float> tape(Mode::inference);
    return copy_of(model.decoder(x.on(tape), model.embedding).value());
  };
  const auto first = output();
  model.embedding.weight.edit()(2, 1) += 1;
  CHECK(output() != first);
  model.embedding.weight.trainable = false;
  zero_gradients(model);
  Tape<float> tape;
  tape.backward(probe<float>(model.decoder(x.on(tape), model.embedding)));
  CHECK(model.decoder.bias.gradient()(0, 1) != 0);
  for (const float g : copy_of(model.embedding.weight.gradient())) CHECK(g == 0);
}

TEST_CASE("tied_decoder: mistakes are named") {
  Tape<float> tape;
  Input<float> x(3, 5);
  Embedding<float> embedding({.vocabulary = 6, .dim = 4, .padding = {}}), wide({6, 5, {}});
  TiedDecoder<float> decoder(6, "next"), other(7);
  CHECK_THROWS_WITH(decoder(x.on(tape), embedding),
                    "tied_decoder 'next': input has 5 columns, embedding expects 4");
  CHECK_THROWS_WITH(other(x.on(tape), wide),
                    "tied_decoder: the embedding has 6 tokens, the bias 7; build both for one vocabulary");
  CHECK_THROWS_WITH(TiedDecoder<float>(0), "tied_decoder: the vocabulary must be at least 1, got 0");
}

TEST_CASE("tied_decoder: copies, moves, assignments and swaps keep the weights") {
  Model<float> model;
  initialize(model, 3);
  Input<float> x(3, 4);
  TiedDecoder<float> a(6), b(6);
  for (std::size_t v = 0; v < 6; ++v) a.bias.edit()(0, v) = static_cast<float>(v);
  check_rule_of_five(a, b, [&](TiedDecoder<float>& layer) {
    if (layer.bias.size() == 0) return std::vector<float>{};
    Tape<float> tape(Mode::inference);
    return copy_of(layer(x.on(tape), model.embedding).value());
  });
}
