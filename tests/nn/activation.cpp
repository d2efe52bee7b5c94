#include <seqlstm/nn/activation.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class Layer> void check_gradients(Layer layer) {
  Input<double> x(5, 19);
  for (auto& v : x.values) v *= 3;
  const auto rows = check_gradient([&](const Var<double>& v) { return layer(v); }, x.view());
  INFO(rows);
  CHECK(rows);

  Input<double> steps(ragged_tokens, 3);
  const PackedLayout layout(ragged_lengths);
  const auto tokens =
      check_gradient([&](Tape<double>& tape) { return probe<double>(layer(steps.on(tape, layout))); },
                     {{"x", steps.view(), steps.gradient()}});
  INFO(tokens);
  CHECK(tokens);
}

template <class Layer> void check_bits(Layer layer) {
  Input<float> x(500, 300);
  check_threads([&] {
    Tape<float> tape;
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = layer(x.on(tape));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    result.insert(result.end(), x.gradients.begin(), x.gradients.end());
    return result;
  });
}

}  // namespace

TEST_CASE("activation: gradients of sigmoid, tanh, relu and softmax") {
  check_gradients(Sigmoid{});
  check_gradients(Tanh{});
  check_gradients(Relu{});
  check_gradients(Softmax{});
}

TEST_CASE("activation: values") {
  Tape<double> tape;
  std::vector<double> x = {0, 1, -2, 3};
  const auto v = tape.leaf({x.data(), 2, 2});
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(sigmoid(v).value().data()[i] == Approx(1 / (1 + std::exp(-x[i]))).epsilon(1e-14));
    CHECK(tanh(v).value().data()[i] == Approx(std::tanh(x[i])).epsilon(1e-14));
    CHECK(relu(v).value().data()[i] == std::max(x[i], 0.0));
    const double pair = std::exp(x[i / 2 * 2]) + std::exp(x[i / 2 * 2 + 1]);
    CHECK(softmax(v).value().data()[i] == Approx(std::exp(x[i]) / pair).epsilon(1e-14));
  }
}

TEST_CASE("activation: the same bits for any number of threads") {
  check_bits(Sigmoid{});
  check_bits(Tanh{});
  check_bits(Relu{});
  check_bits(Softmax{});
}

TEST_CASE("activation: a result knows what its input knew") {
  Tape<float> tape;
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 4);
  auto v = x.on(tape, layout);
  v.node()->reverse_from = 2;
  CHECK(tanh(v).reverse_from() == 2);
  CHECK(tanh(v).layout() == &layout);
  CHECK_FALSE(relu(tape.leaf(x.view())).needs_gradient());
}

TEST_CASE("activation: NaN passes, and steps after the second allocate nothing") {
  Input<float> x(40, 20);
  x.values[33] = std::numeric_limits<float>::quiet_NaN();
  Tape<float> tape;
  CHECK(std::isnan(sigmoid(x.on(tape)).value().data()[33]));
  CHECK(std::isnan(tanh(x.on(tape)).value().data()[33]));
  CHECK(std::isnan(relu(x.on(tape)).value().data()[33]));
  CHECK(std::isnan(softmax(x.on(tape)).value().data()[33]));
  check_no_allocation<float>(
      [&](Tape<float>& t) { t.backward(probe<float>(softmax(relu(tanh(sigmoid(x.on(t))))))); });
}

TEST_CASE("activation: layers have no state that a copy could lose") {
  const auto check = []<class... Layers>(Layers...) {
    return ((std::is_empty_v<Layers> && std::is_trivially_copyable_v<Layers>)&&...);
  };
  CHECK(check(Sigmoid{}, Tanh{}, Relu{}, Softmax{}));
}
