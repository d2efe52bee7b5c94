#include <seqlstm/nn/soft_alignment.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<SequencePair> some_pairs = {{0, 1}, {1, 4}, {2, 1}, {3, 3}, {5, 0}, {1, 5}};

/// The paper's equations, of distances d [rows, cols].
double reference(const std::vector<double>& d, std::size_t rows, std::size_t cols) {
  const auto weight = [&](std::size_t i, std::size_t j) { return std::exp(-d[i * cols + j]); };
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) {
      double of_row = 0, of_col = 0;
      for (std::size_t k = 0; k < cols; ++k) of_row += weight(i, k);
      for (std::size_t k = 0; k < rows; ++k) of_col += weight(k, j);
      const double alpha = weight(i, j) / of_row, beta = weight(i, j) / of_col;
      const double w = alpha + beta - alpha * beta;
      total += w;
      sum += w * d[i * cols + j];
    }
  return -sum / total;
}

template <class T> Var<T> align(const SeqVar<T>& x) {
  return soft_symmetric_alignment(pair_distances<T>(x, x, some_pairs));
}

}  // namespace

TEST_CASE("soft_alignment: the paper's equations") {
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 3);
  Tape<double> tape;
  const auto distances = pair_distances<double>(x.on(tape, layout), x.on(tape, layout), some_pairs);
  const auto scores = soft_symmetric_alignment(distances);
  REQUIRE(scores.rows() == some_pairs.size());
  REQUIRE(scores.cols() == 1);
  for (std::size_t p = 0; p < some_pairs.size(); ++p) {
    const auto d = distances.of(p);
    if (d.size() == 0)
      CHECK(scores.value()(p, 0) == 0);
    else
      CHECK(scores.value()(p, 0) == Approx(reference(copy_of(d), d.rows(), d.cols())).epsilon(1e-12));
  }
}

TEST_CASE("soft_alignment: a sequence of one position scores minus its distance, with itself 0") {
  const PackedLayout layout(std::vector<std::size_t>{1, 1});
  std::vector<double> states = {1, 2, 4, 0};
  Tape<double> tape;
  const auto x = tape.leaf({states.data(), 2, 2}, layout);
  const std::vector<SequencePair> pairs = {{0, 1}, {1, 1}};
  const auto scores = soft_symmetric_alignment(pair_distances<double>(x, x, pairs));
  CHECK(scores.value()(0, 0) == -5);
  CHECK(scores.value()(1, 0) == 0);
}

TEST_CASE("soft_alignment: the same for a with b as for b with a") {
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 3);
  Tape<double> tape;
  const auto states = x.on(tape, layout);
  const std::vector<SequencePair> pairs = {{1, 5}, {5, 1}};
  const auto scores = soft_symmetric_alignment(pair_distances<double>(states, states, pairs));
  CHECK(scores.value()(0, 0) == Approx(scores.value()(1, 0)).epsilon(1e-14));
}

TEST_CASE("soft_alignment: gradients, also of an LSTM below it") {
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 3);
  const auto direct =
      check_gradient([&](Tape<double>& tape) { return probe<double>(align<double>(x.on(tape, layout))); },
                     {{"x", x.view(), x.gradient()}});
  INFO(direct);
  CHECK(direct);
  Lstm<double> lstm({.input = 3, .hidden = 2, .bidirectional = true});
  auto values = checked_values(lstm);
  values.push_back({"x", x.view(), x.gradient()});
  const auto below = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(align<double>(lstm(x.on(tape, layout)))); }, values);
  INFO(below);
  CHECK(below);
}

TEST_CASE("soft_alignment: far states neither overflow nor lose their gradient") {
  const PackedLayout layout(std::vector<std::size_t>{3, 2});
  std::vector<float> states = {0, 500, 1000, 1500, 2000}, gradients(5);
  Tape<float> tape;
  const auto x = tape.leaf({states.data(), 5, 1}, layout, {gradients.data(), 5, 1});
  const std::vector<SequencePair> pairs = {{0, 1}};
  const auto scores = soft_symmetric_alignment(pair_distances<float>(x, x, pairs));
  tape.backward(probe<float>(scores));
  CHECK(std::isfinite(scores.value()(0, 0)));
  for (const float g : gradients) CHECK(std::isfinite(g));
}

TEST_CASE("soft_alignment: the same bits for any threads, and steps after the second allocate nothing") {
  const std::vector<std::size_t> lengths = {170, 200, 31, 90, 3, 44};
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 17);
  check_threads([&] { return values_and_gradients(align<float>, x, layout); });
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(align<float>(x.on(tape, layout)))); });
}
