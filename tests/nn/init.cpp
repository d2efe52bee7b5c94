#include <seqlstm/nn/init.hpp>

#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/rnn.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

struct Moments {
  double mean = 0, deviation = 0, low = 0, high = 0;
};
Moments moments(const std::vector<double>& values) {
  Moments m{0, 0, values[0], values[0]};
  for (const double v : values) {
    m.mean += v / static_cast<double>(values.size());
    m.low = std::min(m.low, v);
    m.high = std::max(m.high, v);
  }
  for (const double v : values)
    m.deviation += (v - m.mean) * (v - m.mean) / static_cast<double>(values.size());
  m.deviation = std::sqrt(m.deviation);
  return m;
}

template <class Fill> Moments moments_of(std::size_t rows, std::size_t cols, Fill fill) {
  std::vector<double> values(rows * cols);
  RandomStream random(11);
  fill(MatrixView<double>(values.data(), rows, cols), random);
  return moments(values);
}

/// Largest deviation of A A^T (A wide) or A^T A (A tall) from gain^2 times the identity.
double distance_from_orthogonal(const std::vector<double>& a, std::size_t rows, std::size_t cols,
                                double gain) {
  const std::size_t thin = std::min(rows, cols), deep = std::max(rows, cols);
  double worst = 0;
  for (std::size_t i = 0; i < thin; ++i)
    for (std::size_t j = 0; j < thin; ++j) {
      double dot = 0;
      for (std::size_t k = 0; k < deep; ++k)
        dot += cols >= rows ? a[i * cols + k] * a[j * cols + k] : a[k * cols + i] * a[k * cols + j];
      worst = std::max(worst, std::abs(dot - (i == j ? gain * gain : 0.0)));
    }
  return worst;
}

struct Net {
  Dense<float> first{6, 5}, second{6, 5};
  BatchNorm<float> norm{5};
  Rnn<float> rnn{{.input = 3, .hidden = 4}};
  template <class V> void fields(V& v) {
    v("first", first);
    v("second", second);
    v("norm", norm);
    v("rnn", rnn);
  }
};
struct LargerNet {
  Dense<float> before{3, 3};
  Net inner;
  template <class V> void fields(V& v) {
    v("before", before);
    inner.fields(v);
  }
};

template <class Module> std::vector<float> numbers(Module& module, const std::string& prefix) {
  std::vector<float> values;
  for_each_parameter(module, [&](const std::string& name, Parameter<float>& p) {
    if (name.starts_with(prefix)) values.insert(values.end(), p.data(), p.data() + p.size());
  });
  return values;
}

}  // namespace

TEST_CASE("init: distributions have the stated bounds and moments") {
  const auto uniform =
      moments_of(200, 300, [](auto view, auto& random) { init::uniform(view, random, -0.5, 1.5); });
  CHECK(uniform.low >= -0.5);
  CHECK(uniform.high < 1.5);
  CHECK(uniform.mean == Approx(0.5).margin(0.01));
  CHECK(uniform.deviation == Approx(2 / std::sqrt(12.0)).epsilon(0.02));
  const auto normal =
      moments_of(200, 300, [](auto view, auto& random) { init::normal(view, random, 2.0, 3.0); });
  CHECK(normal.mean == Approx(2).margin(0.05));
  CHECK(normal.deviation == Approx(3).epsilon(0.02));
  const double expected = 0.5 * std::sqrt(2.0 / 500.0);
  const auto xavier =
      moments_of(200, 300, [](auto view, auto& random) { init::xavier_uniform(view, random, 0.5); });
  CHECK(xavier.deviation == Approx(expected).epsilon(0.02));
  CHECK(xavier.high <= expected * std::sqrt(3.0));
  CHECK(moments_of(200, 300, [](auto view, auto& random) {
          init::xavier_normal(view, random, 0.5);
        }).deviation == Approx(expected).epsilon(0.02));
}

TEST_CASE("init: orthogonal matrices, tall, wide and square") {
  for (const auto& [rows, cols] :
       {std::pair{7U, 7U}, std::pair{12U, 5U}, std::pair{5U, 12U}, std::pair{1U, 1U}}) {
    std::vector<double> a(rows * cols);
    RandomStream random(3);
    init::orthogonal(MatrixView<double>(a.data(), rows, cols), random, 1.5);
    CHECK(distance_from_orthogonal(a, rows, cols, 1.5) < 1e-13);
  }
  std::vector<float> gates(8 * 2, 9.0F);
  RandomStream random(3);
  init::orthogonal(MatrixView<float>(gates.data(), 8, 2).row_range(2, 2), random);
  CHECK(gates[0] == 9.0F);
  CHECK(gates[15] == 9.0F);
  CHECK(gates[4] * gates[4] + gates[5] * gates[5] == Approx(1.0));
  CHECK(gates[4] * gates[6] + gates[5] * gates[7] == Approx(0.0).margin(1e-6));
  init::orthogonal(MatrixView<float>(gates.data(), 0, 2), random);
}

TEST_CASE("init: orthogonal matrices have no preferred sign") {
  // Without the correction Householder's Q of a 1x1 matrix is always +1 or always -1.
  int positive = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    double value = 0;
    RandomStream random(seed);
    init::orthogonal(MatrixView<double>(&value, 1, 1), random);
    REQUIRE(std::abs(value) == 1.0);
    positive += value > 0 ? 1 : 0;
  }
  CHECK(positive > 70);
  CHECK(positive < 130);
}

TEST_CASE("init: a seed gives a model, another seed another") {
  Net a, b, c;
  initialize(a, 42);
  initialize(b, 42);
  initialize(c, 43);
  CHECK(numbers(a, "") == numbers(b, ""));
  CHECK(numbers(a, "first") != numbers(c, "first"));
  CHECK(numbers(a, "rnn") != numbers(c, "rnn"));
  CHECK(numbers(a, "norm") == numbers(c, "norm"));
}

TEST_CASE("init: initialize_untouched draws what nobody drew, set or loaded") {
  Net drawn, fresh;
  initialize(drawn, 42);
  initialize_untouched(fresh, 42);
  CHECK(numbers(fresh, "") == numbers(drawn, ""));
  initialize_untouched(fresh, 43);  // all drawn already
  CHECK(numbers(fresh, "") == numbers(drawn, ""));

  Net set;
  set.first.weight.edit()(0, 0) = 5;
  const auto first_weight = numbers(set, "first.weight");
  for_each_parameter(set, [](const std::string& name, auto& p) {
    if (name.starts_with("rnn")) p.edit()(0, 0) = 7;
  });
  const auto rnn = numbers(set, "rnn");
  initialize_untouched(set, 42);
  CHECK(numbers(set, "first.weight") == first_weight);
  CHECK(numbers(set, "first.bias") == numbers(drawn, "first.bias"));
  CHECK(numbers(set, "second") == numbers(drawn, "second"));
  CHECK(numbers(set, "rnn") == rnn);
  CHECK(set.second.name == "second");

  Net frozen;  // what others may have been trained beside it
  set_trainable(frozen, "first", false);
  const auto before = numbers(frozen, "first");
  initialize_untouched(frozen, 42);
  CHECK(numbers(frozen, "first") == before);
  CHECK(numbers(frozen, "second") == numbers(drawn, "second"));
}

TEST_CASE("init: layers of one shape differ, and a layer's numbers follow from its path alone") {
  Net net;
  initialize(net, 42);
  CHECK(numbers(net, "first") != numbers(net, "second"));
  LargerNet larger;
  initialize(larger, 42);
  CHECK(numbers(larger, "second") == numbers(net, "second"));
  CHECK(numbers(larger, "rnn") == numbers(net, "rnn"));
}

TEST_CASE("init: the stream of a path is its FNV-1a hash") {
  // Fowler, Noll, Vo: test vectors of the 32-bit FNV-1a reference implementation.
  CHECK(init::stream_of("") == 0x811c9dc5U);
  CHECK(init::stream_of("a") == 0xe40c292cU);
  CHECK(init::stream_of("foobar") == 0xbf9cf968U);
}

TEST_CASE("init: an Lstm's recurrent weights can be drawn orthogonal") {
  Lstm<double> layer({.input = 3, .hidden = 4, .layers = 2, .bidirectional = true});
  RandomStream random(1);
  init::orthogonal(layer.weights(1, 1).weight_hh.edit(), random);
  const auto w = layer.weights(1, 1).weight_hh.view();
  for (std::size_t a = 0; a < w.cols(); ++a)
    for (std::size_t b = 0; b < w.cols(); ++b) {
      double product = 0;
      for (std::size_t r = 0; r < w.rows(); ++r) product += w(r, a) * w(r, b);
      CHECK(product == Approx(a == b ? 1.0 : 0.0).margin(1e-12));
    }
  CHECK_THROWS_WITH(layer.weights(2),
                    "weights: layer 2, direction 0 do not exist; there are 2 layers of 2 directions");
}
