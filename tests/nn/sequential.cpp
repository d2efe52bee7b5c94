#include <seqlstm/nn/sequential.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<double> labels = {0, 1, 1, 0, 1};

}  // namespace

TEST_CASE("sequential: widths follow the chain, names are the layers' numbers") {
  auto model = sequential(
      embedding(5) + positional_embedding(), lstm({.hidden = 6, .layers = 2, .bidirectional = true}),
      concat(last(), max(), mean()), batch_norm(), dropout(0.3), dense(4), relu(), dense(2));
  CHECK_FALSE(model.built());
  model.build({.vocabulary = 4, .max_length = 8, .seed = 3});
  std::vector<std::string> names;
  std::vector<std::size_t> sizes;
  for_each_parameter(model, [&](const std::string& name, const auto& p) {
    names.push_back(name);
    sizes.push_back(p.size());
  });
  CHECK(names.front() == "0.token.weight");
  CHECK(names[1] == "0.position.weight");
  CHECK(names[2] == "1.weight_ih_l0");
  CHECK(names.back() == "7.bias");
  CHECK(sizes[0] == 20);
  CHECK(sizes[1] == 40);
  CHECK(model.layer<5>().input() == 36);
  CHECK(model.layer<7>().output() == 2);
}

TEST_CASE("sequential: layers take all their options but the width, which the chain knows") {
  auto model = sequential(embedding(4), lstm({.hidden = 5, .precision = Precision::bf16}), last(),
                          dense({.output = 3, .bias = false, .precision = Precision::bf16}));
  model.build({.vocabulary = 4, .max_length = 8, .seed = 3});
  CHECK(model.layer<1>().precision() == Precision::bf16);
  CHECK(model.layer<3>().precision() == Precision::bf16);
  CHECK(model.layer<3>().input() == 5);
  CHECK(model.layer<3>().output() == 3);
  CHECK_FALSE(model.layer<3>().has_bias());
}

TEST_CASE("sequential: gradients of a whole chain") {
  const auto batch = few_tokens();
  auto model =
      sequential<double>(embedding(3) + positional_embedding(), lstm({.hidden = 4, .bidirectional = true}),
                         concat(last(), max(), mean()), batch_norm(), dense(3), tanh(), dense(1));
  model.build({.vocabulary = 4, .max_length = 5, .seed = 3});
  const auto report =
      check_gradient([&](Tape<double>& tape) { return bce_with_logits(model.forward(tape, batch), labels); },
                     checked_values(model));
  INFO(report);
  CHECK(report);
}

TEST_CASE("sequential: layers that cannot look up get dense rows") {
  const auto batch = few_tokens();
  auto model = sequential<double>(one_hot(), mean(), dense(1));
  model.build({.vocabulary = 4, .max_length = 5, .seed = 3});
  Tape<double> tape;
  const auto y = model.forward(tape, batch);
  const auto w = model.layer<2>().weight.view();
  const double expected =
      (w(0, 3) + w(0, 1) + w(0, 0) + 2 * w(0, 2)) / 5 + model.layer<2>().bias.view()(0, 0);
  CHECK(y.value()(1, 0) == Approx(expected).margin(1e-14));
}

TEST_CASE("sequential: the seed draws the weights, copies are independent, forward needs build") {
  const auto batch = few_tokens();
  auto a = tiny_model(), b = tiny_model();
  Tape<float> tape(Mode::inference);
  CHECK_THROWS_AS(a.forward(tape, batch), option_error);
  a.build({.vocabulary = 4, .max_length = 8, .seed = 1});
  b.build({.vocabulary = 4, .max_length = 8, .seed = 1});
  CHECK(everything(a) == everything(b));
  b.build({.vocabulary = 4, .max_length = 8, .seed = 2});
  CHECK(everything(a) != everything(b));
  auto copy = a;
  const auto before = everything(a);
  copy.build({.vocabulary = 4, .max_length = 8, .seed = 9});
  CHECK(everything(a) == before);
}

namespace {

/// Predictions, then the loss and all gradients of a training step with every random layer at work; the step
/// is a copy's, because batch_norm's statistics move in it.
template <class Model> std::vector<double> at_work(Model& model, const SequenceBatch& batch) {
  Tape<double> inference(Mode::inference), tape;
  auto result = copy_of(model.forward(inference, batch).value());
  Model trained = model;
  zero_gradients(trained);
  const auto loss = bce_with_logits(trained.forward(tape, batch), labels);
  tape.backward(loss);
  result.push_back(loss.value()(0, 0));
  for_each_parameter(trained, [&](const std::string&, auto& p) {
    const auto gradient = copy_of(p.gradient());
    result.insert(result.end(), gradient.begin(), gradient.end());
  });
  return result;
}

template <class Model> void check_chain(Model model) {
  const auto batch = few_tokens();
  Model a = model, b = model;
  a.build({.vocabulary = 4, .max_length = 5, .seed = 1});
  b.build({.vocabulary = 4, .max_length = 5, .seed = 2});
  const auto result = [&](Model& m) { return at_work(m, batch); };
  check_rule_of_five(a, b, result);
  const auto of_a = result(a);
  model = a;
  CHECK(result(model) == of_a);
  CHECK(model.info().seed == 1);
}

}  // namespace

TEST_CASE("sequential: copies, moves, assignments and swaps keep every layer") {
  check_chain(sequential<double>(embedding(5) + positional_embedding(),
                                 lstm({.hidden = 6, .layers = 2, .bidirectional = true, .dropout = 0.3}),
                                 concat(last(), max(), mean()), batch_norm(), dense(4), relu(), dropout(0.3),
                                 dense(1)));
  check_chain(sequential<double>(one_hot(), lstm({.hidden = 3}), last(), dense(1)));
  check_chain(sequential<double>(embedding(3), mean(), dense(3), tanh(), dense(1)));
}

TEST_CASE("sequential: a layer of two tables is copied, moved and swapped like one") {
  const auto batch = few_tokens();
  using Layer = PositionedEmbedding<float>;
  const Layer a{Embedding<float>({.vocabulary = 4, .dim = 3}),
                PositionalEmbedding<float>({.length = 5, .dim = 3})};
  Layer b = a;
  b.token.initialize({.seed = 3});
  b.position.weight.edit()(2, 1) = 0.5F;
  check_rule_of_five(a, b, [&](Layer& layer) {
    Tape<float> tape;
    return copy_of(dense_rows(tape, layer(batch)).value());
  });
}

TEST_CASE("Sequential: a chain with an Rnn has its widths and trains by the names of its weights") {
  auto chain = sequential(embedding(5), rnn({.hidden = 7, .bidirectional = true}), last(),
                          dropout({.p = 0.1}), dense(2));
  chain.build({.vocabulary = 4, .max_length = 9, .seed = 1});
  std::vector<std::string> names;
  for_each_parameter(chain, [&](const std::string& name, const auto&) { names.push_back(name); });
  CHECK(std::find(names.begin(), names.end(), "1.weight_hh_l0_reverse") != names.end());
  CHECK(names.back() == "4.bias");
}

TEST_CASE("sequential: what is asked of a chain before it is built holds for the layers it gets") {
  auto model = sequential(embedding(3), lstm({.hidden = 4}), last(), dropout(0.5), dense(1));
  set_precision(model, Precision::bf16);
  set_training(model, false);
  model.build({.vocabulary = 4});
  CHECK(model.layer<1>().precision() == Precision::bf16);
  CHECK(model.layer<4>().precision() == Precision::bf16);
  CHECK_FALSE(model.layer<3>().training);
  {
    const detail::InF32 guard(model);
    CHECK(model.layer<1>().precision() == Precision::f32);
  }
  CHECK(model.layer<1>().precision() == Precision::bf16);
  model.build({.vocabulary = 5});  // anew
  CHECK(model.layer<4>().precision() == Precision::bf16);
  set_precision(model, Precision::f32);
  set_training(model, true);
  CHECK(model.layer<4>().precision() == Precision::f32);
  CHECK(model.layer<3>().training);
  model.build({.vocabulary = 4});
  CHECK(model.layer<1>().precision() == Precision::f32);
  CHECK(model.layer<3>().training);
}
