#include <seqlstm/explain/gradient_by_lag.hpp>

#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/rnn.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Rows [tokens, columns] of any numbers.
std::vector<double> numbers(std::size_t count) {
  RandomStream random(5);
  std::vector<double> values(count);
  for (double& value : values) value = random.normal();
  return values;
}

}  // namespace

TEST_CASE("gradient_by_lag: a linear recurrence loses its factor at each step") {
  // h_t = tanh(0 x_t + ...): with inputs of 0 tanh is linear to first order, and d h_T / d x_(T-k) = w^k u.
  constexpr double w = 0.5, u = 2;
  Rnn<double> rnn({.input = 1, .hidden = 1});
  rnn.weights(0).weight_ih.edit()(0, 0) = u;
  rnn.weights(0).weight_hh.edit()(0, 0) = w;
  rnn.weights(0).bias_ih.edit()(0, 0) = rnn.weights(0).bias_hh.edit()(0, 0) = 0;
  const PackedLayout layout(std::vector<std::size_t>{6, 3, 6});
  std::vector<double> rows(layout.tokens());
  Tape<double> tape;
  const auto x = tape.input({rows.data(), rows.size(), 1}, layout);
  const std::vector<double> targets = {-1, -1, -1};  // d mse / d h = 2 for each sequence's own loss
  tape.backward(mse(last(rnn(x)), targets));
  const auto norms = gradient_by_lag(x);
  REQUIRE(norms.size() == 6);
  for (std::size_t back = 0; back < 6; ++back) CHECK(norms[back] == Approx(2 * u * std::pow(w, back)));
}

TEST_CASE(
    "gradient_by_lag: means over the sequences that are long enough, as central differences have them") {
  const std::vector<std::size_t> lengths = {4, 7, 1, 5};
  const PackedLayout layout(lengths);
  auto values = numbers(layout.tokens() * 2);
  Lstm<double> lstm({.input = 2, .hidden = 3});
  Dense<double> head(3, 1);
  const std::vector<double> targets = {0.5, -0.25, 1, 0};
  const auto loss_of = [&](const SeqVar<double>& x) { return mse(head(last(lstm(x))), targets); };
  const auto loss_value = [&] {
    Tape<double> tape;
    return loss_of(tape.input({values.data(), layout.tokens(), 2}, layout)).value()(0, 0);
  };
  std::vector<double> expected(7);
  for (std::size_t back = 0; back < 7; ++back) {
    std::size_t long_enough = 0;
    for (std::size_t r = 0; r < 4; ++r) {
      if (layout.length(r) <= back) continue;
      ++long_enough;
      const std::size_t row = layout.offset(layout.length(r) - 1 - back) + r;
      double squares = 0;
      for (std::size_t c = 0; c < 2; ++c) {
        double& value = values[row * 2 + c];
        const double before = value, step = 1e-5;
        value = before + step;
        const double up = loss_value();
        value = before - step;
        const double down = loss_value();
        value = before;
        squares += std::pow((up - down) / (2 * step), 2);
      }
      expected[back] += 4 * std::sqrt(squares);
    }
    expected[back] /= static_cast<double>(long_enough);
  }
  Tape<double> tape;
  const auto x = tape.input({values.data(), layout.tokens(), 2}, layout);
  tape.backward(loss_of(x));
  const auto norms = gradient_by_lag(x);
  REQUIRE(norms.size() == expected.size());
  for (std::size_t back = 0; back < norms.size(); ++back)
    CHECK(norms[back] == Approx(expected[back]).epsilon(1e-5));
}

TEST_CASE("gradient_by_lag: nothing where nothing flowed back, and no constants") {
  const PackedLayout layout(std::vector<std::size_t>{2, 3});
  std::vector<float> rows(layout.tokens());
  Tape<float> tape;
  const MatrixView<float> view(rows.data(), rows.size(), 1);
  CHECK(gradient_by_lag(tape.input(view, layout)) == std::vector<double>(3, 0.0));
  CHECK_THROWS_WITH(gradient_by_lag(tape.leaf(view, layout)),
                    "gradient_by_lag: nothing flows back to a constant; put the rows on a training tape with "
                    "input(rows, layout)");
}
