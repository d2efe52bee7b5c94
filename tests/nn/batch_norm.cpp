#include <seqlstm/nn/batch_norm.hpp>

#include <seqlstm/nn/module.hpp>

#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A layer whose numbers are all different from what they are at first.
template <class T> BatchNorm<T> shifted(std::size_t width, std::uint64_t seed = 9) {
  BatchNorm<T> norm(width);
  RandomStream random(seed);
  for (std::size_t c = 0; c < width; ++c) {
    norm.weight.edit()(0, c) = static_cast<T>(random.uniform(0.5, 2));
    norm.bias.edit()(0, c) = static_cast<T>(random.uniform(-1, 1));
    norm.running_mean.values()[c] = static_cast<T>(random.uniform(-1, 1));
    norm.running_var.values()[c] = static_cast<T>(random.uniform(0.5, 2));
  }
  return norm;
}

template <class T> void check_golden(double tolerance) {
  const Golden g = Golden::load("batch_norm");
  const std::size_t rows = g.tensor("x").shape[0], cols = g.tensor("x").shape[1];
  const auto numbers = [&](const char* name) {
    const auto& data = g.tensor(name).data;
    return std::vector<T>(data.begin(), data.end());
  };
  BatchNorm<T> norm({.width = cols, .momentum = g.config["momentum"], .eps = g.config["eps"]});
  auto x = numbers("x"), dx = std::vector<T>(x.size()), probe_y = numbers("probe");
  const auto weight = numbers("weight"), bias = numbers("bias");
  std::copy(weight.begin(), weight.end(), norm.weight.edit().data());
  std::copy(bias.begin(), bias.end(), norm.bias.edit().data());
  Tape<T> tape;
  const auto y = norm(tape.leaf({x.data(), rows, cols}, {dx.data(), rows, cols}));
  check_close<T>(copy_of(y.value()), g.tensor("y_train").data, tolerance, "y_train");
  tape.backward(y, {probe_y.data(), rows, cols});
  check_close<T>(dx, g.tensor("d_x").data, tolerance, "d_x");
  check_close<T>(copy_of(norm.weight.gradient()), g.tensor("d_weight").data, tolerance, "d_weight");
  check_close<T>(copy_of(norm.bias.gradient()), g.tensor("d_bias").data, tolerance, "d_bias");
  check_close<T>(norm.running_mean.values(), g.tensor("running_mean").data, tolerance, "running_mean");
  check_close<T>(norm.running_var.values(), g.tensor("running_var").data, tolerance, "running_var");
  CHECK(norm.num_batches_tracked.values()[0] == 1);
  Tape<T> inference(Mode::inference);
  const auto y_eval = norm(inference.leaf({x.data(), rows, cols}));
  check_close<T>(copy_of(y_eval.value()), g.tensor("y_eval").data, tolerance, "y_eval");
  CHECK(norm.num_batches_tracked.values()[0] == 1);
}

}  // namespace

TEST_CASE("batch_norm: PyTorch's outputs, gradients and running statistics", "[golden]") {
  check_golden<double>(1e-10);
  check_golden<float>(1e-5);
}

TEST_CASE(
    "batch_norm: gradients with the batch's and with running statistics, of rows and of ragged tokens") {
  const PackedLayout layout(ragged_lengths);
  for (const bool training : {true, false})
    for (const bool tokens : {false, true}) {
      auto norm = shifted<double>(19);
      norm.training = training;
      Input<double> x(ragged_tokens, 19);
      auto values = checked_values(norm);
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

TEST_CASE("batch_norm: running statistics move in training only, the count is a 64-bit scalar") {
  BatchNorm<double> norm({.width = 1, .momentum = 0.25});
  std::vector<double> x = {1, 3, 5, 7};  // mean 4, biased variance 5, unbiased 20/3
  Tape<double> tape, inference(Mode::inference);
  norm(tape.leaf({x.data(), 4, 1}));
  CHECK(norm.running_mean.values()[0] == Approx(1.0).epsilon(1e-15));
  CHECK(norm.running_var.values()[0] == Approx(0.75 + 0.25 * 20.0 / 3.0).epsilon(1e-15));
  norm(inference.leaf({x.data(), 4, 1}));
  norm.training = false;
  norm(tape.leaf({x.data(), 4, 1}));
  CHECK(norm.running_mean.values()[0] == Approx(1.0).epsilon(1e-15));
  CHECK(norm.num_batches_tracked.values()[0] == 1);
  CHECK(norm.num_batches_tracked.shape().empty());
  CHECK(norm.running_var.shape() == std::vector<std::size_t>{1});
}

TEST_CASE("batch_norm: fully frozen it uses running statistics and still passes gradients to x") {
  auto norm = shifted<float>(3);
  set_trainable(norm, "", false);
  norm.training = false;
  const auto mean_before =
      std::vector<float>(norm.running_mean.values().begin(), norm.running_mean.values().end());
  Input<float> x(1, 3);
  Tape<float> tape;
  tape.backward(probe<float>(norm(x.on(tape))));
  for (std::size_t c = 0; c < 3; ++c) {
    const float slope = norm.weight.view()(0, c) / std::sqrt(norm.running_var.values()[c] + 1e-5F);
    CHECK(x.gradients[c] == Approx(slope * std::sin(static_cast<float>(c) + 1)).epsilon(1e-5));
  }
  CHECK(copy_of(norm.weight.gradient()) == std::vector<float>(3));
  CHECK(copy_of(norm.bias.gradient()) == std::vector<float>(3));
  CHECK(std::equal(mean_before.begin(), mean_before.end(), norm.running_mean.values().begin()));
}

TEST_CASE("batch_norm: one row in training is an error with advice, in inference it is fine") {
  BatchNorm<float> norm({.width = 2, .name = "norm1"});
  Input<float> x(1, 2);
  Tape<float> tape, inference(Mode::inference);
  CHECK_THROWS_WITH(
      norm(x.on(tape)),
      "batch_norm 'norm1': a training batch of 1 row has no variance, expected at least 2 rows; use "
      "larger batches or leave the incomplete last one out, or set training = false to use the running "
      "statistics");
  const PackedLayout empty(std::vector<std::size_t>{0, 0});
  CHECK_THROWS_WITH(norm(tape.leaf({nullptr, 0, 2}, empty)), ContainsSubstring("a training batch of 0 rows"));
  CHECK_THROWS_AS(norm(x.on(tape)), shape_error);
  CHECK(norm(x.on(inference)).rows() == 1);
  CHECK(norm.num_batches_tracked.values()[0] == 0);
}

TEST_CASE("batch_norm: mistakes are named") {
  Tape<float> tape;
  Input<float> x(2, 3);
  BatchNorm<float> norm(5);
  CHECK_THROWS_WITH(norm(x.on(tape)), "batch_norm: input has 3 columns, weight expects 5");
  CHECK_THROWS_WITH(BatchNorm<float>(0), "batch_norm: width must be at least 1, got 0");
  CHECK_THROWS_WITH(BatchNorm<float>({.width = 1, .momentum = 1.5}),
                    "batch_norm: momentum is 1.5, expected 0 to 1");
  CHECK_THROWS_AS(BatchNorm<float>({.width = 1, .eps = -1}), option_error);
}

TEST_CASE("batch_norm: the same bits for any number of threads") {
  Input<float> x(700, 150);
  check_threads([&] {
    auto norm = shifted<float>(150);
    Tape<float> tape;
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = norm(x.on(tape));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    for (const auto& more : {copy_of(norm.weight.gradient()), copy_of(norm.bias.gradient()), x.gradients})
      result.insert(result.end(), more.begin(), more.end());
    result.insert(result.end(), norm.running_var.values().begin(), norm.running_var.values().end());
    return result;
  });
}

TEST_CASE("batch_norm: steps after the second allocate nothing") {
  auto norm = shifted<float>(20);
  Input<float> x(50, 20);
  check_no_allocation<float>([&](Tape<float>& tape) { tape.backward(probe<float>(norm(x.on(tape)))); });
}

TEST_CASE("batch_norm: copies, moves, assignments and swaps keep weights and statistics") {
  Input<float> x(4, 3);
  check_rule_of_five(shifted<float>(3, 1), shifted<float>(3, 2), [&](BatchNorm<float>& norm) {
    Tape<float> tape(Mode::inference);
    return copy_of(norm(x.on(tape)).value());
  });
}

TEST_CASE("batch_norm: PyTorch's names") {
  BatchNorm<float> norm(3);
  std::vector<std::string> names;
  for_each_parameter(norm, [&](const std::string& name, auto&) { names.push_back(name); });
  for_each_buffer(norm, [&](const std::string& name, auto&) { names.push_back(name); });
  CHECK(names ==
        std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"});
}
