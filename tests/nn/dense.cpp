#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("dense: y = x W^T + b") {
  Dense<double> dense(2, 3);
  const std::vector<double> w = {1, 2, 3, 4, 5, 6}, b = {0.5, -0.5, 0};
  std::copy(w.begin(), w.end(), dense.weight.edit().data());
  std::copy(b.begin(), b.end(), dense.bias.edit().data());
  Tape<double> tape;
  std::vector<double> x = {1, 10, -1, 0};
  const auto y = dense(tape.leaf({x.data(), 2, 2}));
  CHECK(copy_of(y.value()) == std::vector<double>{21.5, 42.5, 65, -0.5, -3.5, -5});
}

TEST_CASE("dense: gradients of rows, of ragged tokens, with and without bias") {
  for (const bool bias : {true, false})
    for (const auto& [in, out] : {std::pair{3U, 5U}, std::pair{17U, 1U}, std::pair{70U, 9U}}) {
      Dense<double> dense({.input = in, .output = out, .bias = bias});
      REQUIRE(dense.has_bias() == bias);
      Input<double> x(ragged_tokens, in);
      const PackedLayout layout(ragged_lengths);
      auto values = checked_values(dense);
      CHECK(values.size() == (bias ? 2 : 1));
      values.push_back({"x", x.view(), x.gradient()});
      const auto rows =
          check_gradient([&](Tape<double>& tape) { return probe<double>(dense(x.on(tape))); }, values);
      INFO(rows);
      CHECK(rows);
      const auto tokens = check_gradient(
          [&](Tape<double>& tape) { return probe<double>(dense(x.on(tape, layout))); }, values);
      INFO(tokens);
      CHECK(tokens);
    }
}

TEST_CASE("dense: applied twice, both uses add to the gradient") {
  Dense<double> dense(4, 4);
  Input<double> x(3, 4);
  auto values = checked_values(dense);
  values.push_back({"x", x.view(), x.gradient()});
  const auto report =
      check_gradient([&](Tape<double>& tape) { return probe<double>(dense(dense(x.on(tape)))); }, values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("dense: new weights are seen at once, however they arrived") {
  Dense<float> dense(3, 2), other(3, 2);
  other.initialize({.seed = 5});
  Input<float> x(4, 3);
  const auto output = [&](Dense<float>& layer) {
    Tape<float> tape(Mode::inference);
    return copy_of(layer(x.on(tape)).value());
  };
  const auto first = output(dense), second = output(other);
  dense.weight.edit()(0, 0) += 1;
  CHECK(output(dense) != first);
  dense.weight = other.weight;  // same version number, other numbers
  dense.bias = other.bias;
  CHECK(output(dense) == second);
}

TEST_CASE("dense: a row's bits depend neither on the batch around it nor on threads") {
  Dense<float> dense(150, 130);
  Input<float> x(67, 150);
  const auto all = [&] {
    Tape<float> tape;
    zero_gradients(dense);
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = dense(x.on(tape));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    for (const auto& more : {copy_of(dense.weight.gradient()), copy_of(dense.bias.gradient()), x.gradients})
      result.insert(result.end(), more.begin(), more.end());
    return result;
  };
  check_threads(all);
  const auto reference = all();
  for (std::size_t r = 0; r < 67; ++r) {
    Tape<float> tape(Mode::inference);
    const auto y = dense(tape.leaf(x.view().row_range(r, 1)));
    REQUIRE(std::memcmp(y.value().data(), &reference[r * 130], 130 * sizeof(float)) == 0);
  }
}

TEST_CASE("dense: a frozen parameter gets no gradient, x still does") {
  Dense<float> dense(5, 3);
  Input<float> x(4, 5);
  dense.weight.trainable = false;
  Tape<float> tape;
  tape.backward(probe<float>(dense(x.on(tape))));
  CHECK(copy_of(dense.weight.gradient()) == std::vector<float>(15));
  CHECK(copy_of(dense.bias.gradient()) != std::vector<float>(3));
  CHECK(x.gradients != std::vector<float>(20));
  dense.bias.trainable = false;
  CHECK_FALSE(dense(tape.leaf(x.view())).needs_gradient());
  CHECK(dense(x.on(tape)).needs_gradient());
}

TEST_CASE("dense: NaN and infinity reach the output and the gradients") {
  Dense<float> dense(3, 2);
  Input<float> x(2, 3);
  x.values[1] = std::numeric_limits<float>::quiet_NaN();
  Tape<float> tape;
  const auto y = dense(x.on(tape));
  CHECK(std::isnan(y.value()(0, 0)));
  CHECK_FALSE(std::isnan(y.value()(1, 0)));
  tape.backward(probe<float>(y));
  CHECK(std::isnan(dense.weight.gradient()(0, 1)));
  CHECK_FALSE(std::isnan(dense.weight.gradient()(0, 0)));
}

TEST_CASE("dense: no rows are legal") {
  Dense<float> dense(3, 2);
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  Tape<float> tape;
  const auto y = dense(tape.leaf({nullptr, 0, 3}, layout));
  CHECK(y.rows() == 0);
  CHECK(y.cols() == 2);
}

TEST_CASE("dense: steps after the second allocate nothing") {
  Dense<float> dense(70, 65);
  Input<float> x(300, 70);
  check_no_allocation<float>([&](Tape<float>& tape) { tape.backward(probe<float>(dense(x.on(tape)))); });
}

TEST_CASE("dense: copies, moves, assignments and swaps keep the weights") {
  Dense<float> a(3, 2), b(3, 2);
  b.initialize({.seed = 7});
  Input<float> x(2, 3);
  check_rule_of_five(a, b, [&](Dense<float>& dense) { return values_and_gradients(dense, x); });
}

TEST_CASE("dense: PyTorch's names, shapes and bounds") {
  Dense<double> dense(16, 300);
  std::vector<std::string> names;
  for_each_parameter(dense, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name);
    const auto values = copy_of(p.view());
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    CHECK(*low >= -0.25);
    CHECK(*high <= 0.25);
    CHECK(*low < -0.24);
    CHECK(*high > 0.24);
  });
  CHECK(names == std::vector<std::string>{"weight", "bias"});
  CHECK(dense.weight.shape() == std::vector<std::size_t>{300, 16});
  CHECK(dense.bias.shape() == std::vector<std::size_t>{300});
}

TEST_CASE("dense: mistakes are named") {
  Tape<float> tape;
  Input<float> x(2, 128);
  Dense<float> plain(64, 50), named({.input = 64, .output = 50, .name = "layers.0"});
  CHECK_THROWS_WITH(plain(x.on(tape)), "dense: input has 128 columns, weight expects 64");
  CHECK_THROWS_WITH(named(x.on(tape)), "dense 'layers.0': input has 128 columns, weight expects 64");
  CHECK_THROWS_AS(plain(x.on(tape)), shape_error);
  CHECK_THROWS_WITH(Dense<float>(0, 3), "dense: input and output must be at least 1, got 0 and 3");
  CHECK_THROWS_AS(Dense<float>(3, 0), option_error);
}

TEST_CASE("dense: numbers that are on no tape go in as constants") {
  Dense<float> dense(3, 2);
  initialize(dense, 1);
  Lstm<float> lstm({.input = 2, .hidden = 3});
  initialize(lstm, 2);
  auto stream = lstm.initial_state(1);
  const std::vector<float> x = {0.5F, -1};
  Tape<float> tape(Mode::inference);
  const auto h = lstm.step(ConstMatrixView<float>(x.data(), 1, 2), stream);
  const auto y = dense(tape.constant(h));
  for (std::size_t o = 0; o < 2; ++o) {
    double sum = dense.bias.view()(0, o);
    for (std::size_t i = 0; i < 3; ++i) sum += double{dense.weight.view()(o, i)} * double{h(0, i)};
    CHECK(y.value()(0, o) == Approx(sum).epsilon(1e-5));
  }
}
