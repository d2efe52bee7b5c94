#include <seqlstm/nn/sequential.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;

namespace {

struct Fixture {
  std::vector<std::vector<Token>> sequences = {{0, 1, 2}, {3, 1, 0, 2, 2}, {1}, {3, 0}};
  TokenBatch batch;
  std::vector<double> labels = {0, 1, 1, 0};
  Fixture() {
    std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
    batch.assign(views);
  }
};

}  // namespace

TEST_CASE("sequential: widths follow the chain, names are the layers' numbers") {
  auto model =
      sequential(embedding(5) + position(), lstm({.hidden = 6, .layers = 2, .bidirectional = true}),
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

TEST_CASE("sequential: gradients of a whole chain") {
  Fixture f;
  auto model = sequential<double>(embedding(3) + position(), lstm({.hidden = 4, .bidirectional = true}),
                                  concat(last(), max(), mean()), batch_norm(), dense(3), tanh(), dense(1));
  model.build({.vocabulary = 4, .max_length = 5, .seed = 3});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return bce_with_logits(model.forward(tape, f.batch), f.labels); },
      checked_values(model));
  INFO(report);
  CHECK(report);
}

TEST_CASE("sequential: layers that cannot look up get dense rows") {
  Fixture f;
  auto model = sequential<double>(one_hot(), mean(), dense(1));
  model.build({.vocabulary = 4, .max_length = 5, .seed = 3});
  Tape<double> tape;
  const auto y = model.forward(tape, f.batch);
  const auto w = model.layer<2>().weight.view();
  const double expected =
      (w(0, 3) + w(0, 1) + w(0, 0) + 2 * w(0, 2)) / 5 + model.layer<2>().bias.view()(0, 0);
  CHECK(y.value()(1, 0) == Approx(expected).margin(1e-14));
}

TEST_CASE("sequential: the seed draws the weights, copies are independent, forward needs build") {
  Fixture f;
  auto a = testing::tiny_model(), b = testing::tiny_model();
  Tape<float> tape(Mode::inference);
  CHECK_THROWS_AS(a.forward(tape, f.batch), option_error);
  a.build({.vocabulary = 4, .max_length = 8, .seed = 1});
  b.build({.vocabulary = 4, .max_length = 8, .seed = 1});
  CHECK(testing::everything(a) == testing::everything(b));
  b.build({.vocabulary = 4, .max_length = 8, .seed = 2});
  CHECK(testing::everything(a) != testing::everything(b));
  auto copy = a;
  const auto before = testing::everything(a);
  copy.build({.vocabulary = 4, .max_length = 8, .seed = 9});
  CHECK(testing::everything(a) == before);
}
