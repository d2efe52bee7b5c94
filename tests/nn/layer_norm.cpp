#include <seqlstm/nn/layer_norm.hpp>

#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A layer whose numbers are all different from what they are at first.
template <class T> LayerNorm<T> shifted(std::size_t width, std::uint64_t seed = 9) {
  LayerNorm<T> norm(width);
  RandomStream random(seed);
  for (std::size_t c = 0; c < width; ++c) {
    norm.weight.edit()(0, c) = static_cast<T>(random.uniform(0.5, 2));
    norm.bias.edit()(0, c) = static_cast<T>(random.uniform(-1, 1));
  }
  return norm;
}

template <class T> void check_golden(double tolerance) {
  const Golden g = Golden::load("layer_norm");
  const std::size_t rows = g.tensor("x").shape[0], cols = g.tensor("x").shape[1];
  const auto numbers = [&](const char* name) {
    const auto& data = g.tensor(name).data;
    return std::vector<T>(data.begin(), data.end());
  };
  LayerNorm<T> norm({.width = cols, .eps = g.config["eps"]});
  auto x = numbers("x"), dx = std::vector<T>(x.size()), probe_y = numbers("probe");
  const auto weight = numbers("weight"), bias = numbers("bias");
  std::copy(weight.begin(), weight.end(), norm.weight.edit().data());
  std::copy(bias.begin(), bias.end(), norm.bias.edit().data());
  Tape<T> tape;
  const auto y = norm(tape.leaf({x.data(), rows, cols}, {dx.data(), rows, cols}));
  check_close<T>(copy_of(y.value()), g.tensor("y").data, tolerance, "y");
  tape.backward(y, {probe_y.data(), rows, cols});
  check_close<T>(dx, g.tensor("d_x").data, tolerance, "d_x");
  check_close<T>(copy_of(norm.weight.gradient()), g.tensor("d_weight").data, tolerance, "d_weight");
  check_close<T>(copy_of(norm.bias.gradient()), g.tensor("d_bias").data, tolerance, "d_bias");
}

template <class T> void check_equation(std::size_t width, double eps, double tolerance) {
  INFO("width " << width << ", eps " << eps);
  auto norm = LayerNorm<T>({.width = width, .eps = eps});
  const auto other = shifted<T>(width);
  norm.weight = other.weight;
  norm.bias = other.bias;
  Input<T> x(ragged_tokens, width);
  const PackedLayout layout(ragged_lengths);
  Tape<T> tape;
  const auto y = norm(x.on(tape, layout));
  const auto n = static_cast<double>(width);
  for (std::size_t r = 0; r < ragged_tokens; ++r) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < width; ++c) mean += double{x.view()(r, c)} / n;
    for (std::size_t c = 0; c < width; ++c)
      variance += (double{x.view()(r, c)} - mean) * (double{x.view()(r, c)} - mean) / n;
    for (std::size_t c = 0; c < width; ++c) {
      const double normal = (double{x.view()(r, c)} - mean) / std::sqrt(variance + eps);
      REQUIRE(double{y.value()(r, c)} ==
              Approx(double{norm.weight.view()(0, c)} * normal + double{norm.bias.view()(0, c)})
                  .margin(tolerance));
    }
  }
}

}  // namespace

TEST_CASE("layer_norm: PyTorch's outputs and gradients", "[golden]") {
  check_golden<double>(1e-10);
  check_golden<float>(1e-5);
}

TEST_CASE("layer_norm: every token's row follows the equation") {
  for (const std::size_t width : {3U, 16U, 37U, 200U})
    for (const double eps : {1e-5, 0.5}) {
      check_equation<double>(width, eps, 1e-13);
      check_equation<float>(width, eps, 1e-5);
    }
}

TEST_CASE("layer_norm: gradients of rows and of ragged tokens") {
  const PackedLayout layout(ragged_lengths);
  for (const std::size_t width : {3U, 5U, 19U})
    for (const bool tokens : {false, true}) {
      auto norm = shifted<double>(width);
      Input<double> x(ragged_tokens, width);
      auto values = checked_values(norm);
      REQUIRE(values.size() == 2);
      values.push_back({"x", x.view(), x.gradient()});
      const auto report = check_gradient(
          [&](Tape<double>& tape) {
            return tokens ? probe<double>(norm(x.on(tape, layout))) : probe<double>(norm(x.on(tape)));
          },
          values);
      INFO(report);
      CHECK(report);
    }
}

TEST_CASE("layer_norm: gradients between LSTM layers, x with two uses") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> below({.input = 3, .hidden = 4, .bidirectional = true}), above({.input = 8, .hidden = 2});
  auto norm = shifted<double>(8);
  Input<double> x(ragged_tokens, 3);
  auto values = checked_values(below);
  for (const auto& more : {checked_values(norm), checked_values(above)})
    values.insert(values.end(), more.begin(), more.end());
  values.push_back({"x", x.view(), x.gradient()});
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto h = below(x.on(tape, layout));
        return probe<double>(concat(last(above(norm(h))), mean(h)));
      },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("layer_norm: training and inference have the same bits, weight is 1 and bias 0 at first") {
  LayerNorm<float> norm(9);
  CHECK(copy_of(norm.weight.view()) == std::vector<float>(9, 1.0F));
  CHECK(copy_of(norm.bias.view()) == std::vector<float>(9, 0.0F));
  Input<float> x(4, 9);
  Tape<float> tape, inference(Mode::inference);
  const auto y = norm(x.on(inference));
  CHECK(same_bits(copy_of(norm(x.on(tape)).value()), copy_of(y.value())));
  CHECK_FALSE(y.needs_gradient());
}

TEST_CASE("layer_norm: a row of equal numbers becomes the bias and has no slope") {
  auto norm = shifted<double>(1);
  Input<double> x(3, 1);
  Tape<double> tape;
  const auto y = norm(x.on(tape));
  tape.backward(probe<double>(y));
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(y.value()(r, 0) == norm.bias.view()(0, 0));
    CHECK(x.gradients[r] == Approx(0).margin(1e-13));  // rounding times 1 / sqrt(eps)
  }
  CHECK(norm.weight.gradient()(0, 0) == 0);
  CHECK(norm.bias.gradient()(0, 0) == Approx(std::sin(1) + std::sin(2) + std::sin(3)).epsilon(1e-15));
}

TEST_CASE("layer_norm: columns of a reverse direction remain such") {
  const PackedLayout layout(ragged_lengths);
  Lstm<float> both({.input = 2, .hidden = 3, .bidirectional = true});
  LayerNorm<float> norm(6);
  Input<float> x(ragged_tokens, 2);
  Tape<float> tape;
  const auto y = norm(both(x.on(tape, layout)));
  CHECK(y.reverse_from() == 3);
  CHECK(y.layout() == &layout);
}

TEST_CASE("layer_norm: a row's bits depend neither on the rows beside it nor on threads") {
  Input<float> x(700, 150);
  auto norm = shifted<float>(150);
  const auto all = [&] {
    Tape<float> tape;
    zero_gradients(norm);
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = norm(x.on(tape));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    for (const auto& more : {copy_of(norm.weight.gradient()), copy_of(norm.bias.gradient()), x.gradients})
      result.insert(result.end(), more.begin(), more.end());
    return result;
  };
  check_threads(all);
  const auto together = all();
  for (const std::size_t r : {0U, 1U, 333U, 699U}) {
    Tape<float> tape(Mode::inference);
    const auto y = norm(tape.leaf(x.view().row_range(r, 1)));
    REQUIRE(std::memcmp(y.value().data(), &together[r * 150], 150 * sizeof(float)) == 0);
  }
}

TEST_CASE("layer_norm: a frozen parameter gets no gradient, x still does") {
  auto norm = shifted<float>(5);
  Input<float> x(4, 5);
  norm.weight.trainable = false;
  Tape<float> tape;
  tape.backward(probe<float>(norm(x.on(tape))));
  CHECK(copy_of(norm.weight.gradient()) == std::vector<float>(5));
  CHECK(copy_of(norm.bias.gradient()) != std::vector<float>(5));
  CHECK(x.gradients != std::vector<float>(20));
  norm.bias.trainable = false;
  CHECK_FALSE(norm(tape.leaf(x.view())).needs_gradient());
  CHECK(norm(x.on(tape)).needs_gradient());
}

TEST_CASE("layer_norm: a NaN stays in its row") {
  auto norm = shifted<float>(20);
  Input<float> x(3, 20);
  x.values[1 * 20 + 17] = std::numeric_limits<float>::quiet_NaN();
  Tape<float> tape;
  const auto y = norm(x.on(tape));
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 20; ++c) CHECK(std::isnan(y.value()(r, c)) == (r == 1));
}

TEST_CASE("layer_norm: no rows are legal") {
  LayerNorm<float> norm(3);
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  Tape<float> tape;
  const auto y = norm(tape.leaf({nullptr, 0, 3}, layout, {nullptr, 0, 3}));
  CHECK(y.rows() == 0);
  CHECK(y.cols() == 3);
  tape.backward(probe<float>(y));
  CHECK(copy_of(norm.weight.gradient()) == std::vector<float>(3));
}

TEST_CASE("layer_norm: steps after the second allocate nothing") {
  auto norm = shifted<float>(20);
  Input<float> x(50, 20);
  check_no_allocation<float>([&](Tape<float>& tape) { tape.backward(probe<float>(norm(x.on(tape)))); });
}

TEST_CASE("layer_norm: copies, moves, assignments and swaps keep the weights") {
  Input<float> x(4, 3);
  check_rule_of_five(shifted<float>(3, 1), shifted<float>(3, 2),
                     [&](LayerNorm<float>& norm) { return values_and_gradients(norm, x); });
}

TEST_CASE("layer_norm: PyTorch's names") {
  LayerNorm<float> norm(3);
  std::vector<std::string> names;
  for_each_parameter(norm, [&](const std::string& name, auto& p) {
    names.push_back(name);
    CHECK(p.shape() == std::vector<std::size_t>{3});
  });
  CHECK(names == std::vector<std::string>{"weight", "bias"});
  CHECK(norm.output() == 3);
}

TEST_CASE("layer_norm: mistakes are named") {
  Tape<float> tape;
  Input<float> x(2, 3);
  LayerNorm<float> norm(5), named({.width = 5, .name = "norm1"});
  CHECK_THROWS_WITH(norm(x.on(tape)), "layer_norm: input has 3 columns, weight expects 5");
  CHECK_THROWS_WITH(named(x.on(tape)), "layer_norm 'norm1': input has 3 columns, weight expects 5");
  CHECK_THROWS_AS(norm(x.on(tape)), shape_error);
  CHECK_THROWS_WITH(LayerNorm<float>(0), "layer_norm: width must be at least 1, got 0");
  CHECK_THROWS_WITH(LayerNorm<float>({.width = 1, .eps = -1}), "layer_norm: eps is -1, expected 0 or more");
  CHECK_THROWS_AS(LayerNorm<float>({.width = 1, .eps = -1}), option_error);
}
