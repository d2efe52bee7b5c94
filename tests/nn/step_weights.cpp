#include <seqlstm/nn/step_weights.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// The softmax of each column over the rows [length, cols] of one sequence.
std::vector<double> reference_softmax(const std::vector<double>& x, std::size_t cols) {
  const std::size_t length = x.size() / cols;
  std::vector<double> y(x.size());
  for (std::size_t c = 0; c < cols; ++c) {
    double largest = -inf, sum = 0;
    for (std::size_t t = 0; t < length; ++t) largest = std::max(largest, x[t * cols + c]);
    for (std::size_t t = 0; t < length; ++t) sum += std::exp(x[t * cols + c] - largest);
    for (std::size_t t = 0; t < length; ++t) y[t * cols + c] = std::exp(x[t * cols + c] - largest) / sum;
  }
  return y;
}

/// The weighted sums of the rows of one sequence, heads side by side.
std::vector<double> reference_sum(const std::vector<double>& weights, std::size_t heads,
                                  const std::vector<double>& x, std::size_t cols) {
  std::vector<double> y(heads * cols);
  for (std::size_t t = 0; t < x.size() / cols; ++t)
    for (std::size_t h = 0; h < heads; ++h)
      for (std::size_t c = 0; c < cols; ++c) y[h * cols + c] += weights[t * heads + h] * x[t * cols + c];
  return y;
}

/// Both operations on a batch, sequence by sequence, against the equations.
template <class T>
void check_values(const std::vector<std::size_t>& lengths, std::size_t heads, std::size_t cols,
                  double tolerance) {
  INFO(lengths.size() << " sequences, " << heads << " heads, " << cols << " columns");
  const PackedLayout layout(lengths);
  Input<T> scores(layout.tokens(), heads, 1), x(layout.tokens(), cols, 2);
  for (auto& v : scores.values) v *= T(5);
  Tape<T> tape;
  const auto softmaxed = softmax_steps(scores.on(tape, layout));
  const auto sums = weighted_sum(scores.on(tape, layout), x.on(tape, layout));
  REQUIRE(softmaxed.cols() == heads);
  REQUIRE(softmaxed.layout() == &layout);
  REQUIRE(sums.rows() == lengths.size());
  REQUIRE(sums.cols() == heads * cols);
  REQUIRE(sums.layout() == &layout);
  const std::vector<double> found(softmaxed.value().data(),
                                  softmaxed.value().data() + layout.tokens() * heads);
  const std::vector<double> w(scores.values.begin(), scores.values.end()),
      rows(x.values.begin(), x.values.end());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto own = sequence_of(w, heads, layout, i);
    const auto expected = reference_softmax(own, heads), actual = sequence_of(found, heads, layout, i);
    for (std::size_t k = 0; k < expected.size(); ++k)
      REQUIRE(actual[k] == Approx(expected[k]).margin(tolerance));
    const auto sum = reference_sum(own, heads, sequence_of(rows, cols, layout, i), cols);
    for (std::size_t k = 0; k < sum.size(); ++k) {
      if (lengths[i] == 0) REQUIRE(sums.value()(i, k) == 0);
      REQUIRE(double{sums.value()(i, k)} ==
              Approx(sum[k]).margin(10 * tolerance * static_cast<double>(lengths[i])));
    }
  }
}

/// One column, one sequence.
template <class T> std::vector<T> softmax_of(std::vector<T> x) {
  const PackedLayout layout(std::vector<std::size_t>{x.size()});
  Tape<T> tape;
  return copy_of(softmax_steps(tape.leaf({x.data(), x.size(), 1}, layout)).value());
}

const std::vector<std::size_t> many_lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30, 300};

}  // namespace

TEST_CASE("step_weights: softmax and sums over each sequence's own tokens follow the equations") {
  for (const auto& lengths : {ragged_lengths, many_lengths, {7}, {1}, {0}, {0, 1, 0}})
    for (const auto& [heads, cols] :
         {std::pair{1U, 1U}, std::pair{1U, 33U}, std::pair{3U, 16U}, std::pair{5U, 7U}}) {
      check_values<double>(lengths, heads, cols, 1e-14);
      check_values<float>(lengths, heads, cols, 1e-6);
    }
}

TEST_CASE("step_weights: weights under softmax are those of mean() where all scores are equal") {
  const PackedLayout layout(ragged_lengths);
  Tape<double> tape;
  Input<double> x(ragged_tokens, 5);
  std::vector<double> same(ragged_tokens, -3.0);
  const auto y =
      weighted_sum(softmax_steps(tape.leaf({same.data(), ragged_tokens, 1}, layout)), x.on(tape, layout));
  const auto expected = mean(x.on(tape, layout));
  for (std::size_t i = 0; i < y.rows(); ++i)
    for (std::size_t c = 0; c < 5; ++c)
      CHECK(y.value()(i, c) == Approx(expected.value()(i, c)).margin(1e-15));
}

TEST_CASE("step_weights: gradients over ragged rows") {
  const PackedLayout layout(ragged_lengths);
  for (const auto& [heads, cols] : {std::pair{1U, 1U}, std::pair{2U, 5U}, std::pair{3U, 17U}}) {
    Input<double> scores(ragged_tokens, heads, 1), x(ragged_tokens, cols, 2);
    const CheckedValue of_scores{"scores", scores.view(), scores.gradient()},
        of_x{"x", x.view(), x.gradient()};
    const auto check = [](const auto& loss, const std::vector<CheckedValue>& values) {
      const auto report = check_gradient(loss, values);
      INFO(report);
      CHECK(report);
    };
    check([&](Tape<double>& tape) { return probe<double>(softmax_steps(scores.on(tape, layout))); },
          {of_scores});
    check(
        [&](Tape<double>& tape) {
          return probe<double>(weighted_sum(scores.on(tape, layout), x.on(tape, layout)));
        },
        {of_scores, of_x});
    check(
        [&](Tape<double>& tape) {
          return probe<double>(weighted_sum(softmax_steps(scores.on(tape, layout)), x.on(tape, layout)));
        },
        {of_scores, of_x});
    // One of the two is a constant.
    check(
        [&](Tape<double>& tape) {
          return probe<double>(weighted_sum(tape.leaf(scores.view(), layout), x.on(tape, layout)));
        },
        {of_x});
    check(
        [&](Tape<double>& tape) {
          return probe<double>(weighted_sum(scores.on(tape, layout), tape.leaf(x.view(), layout)));
        },
        {of_scores});
  }
}

TEST_CASE("step_weights: a gradient is added where x has one already, and where x weighs itself") {
  const PackedLayout layout(ragged_lengths);
  Input<double> scores(ragged_tokens, 2, 1), x(ragged_tokens, 4, 2);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto v = x.on(tape, layout);
        const auto w = scores.on(tape, layout);
        return probe<double>(concat(weighted_sum(w, v), mean(v), weighted_sum(softmax_steps(w), v)));
      },
      {{"scores", scores.view(), scores.gradient()}, {"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
  const auto itself = check_gradient(
      [&](Tape<double>& tape) {
        const auto v = x.on(tape, layout);
        return probe<double>(weighted_sum(v, v));
      },
      {{"x", x.view(), x.gradient()}});
  INFO(itself);
  CHECK(itself);
  // The same where x is no leaf, so that the first gradient is to overwrite.
  const auto inner = check_gradient(
      [&](Tape<double>& tape) {
        const auto v = softmax_steps(x.on(tape, layout)), u = softmax_steps(x.on(tape, layout));
        return probe<double>(concat(weighted_sum(v, v), weighted_sum(scores.on(tape, layout), u)));
      },
      {{"scores", scores.view(), scores.gradient()}, {"x", x.view(), x.gradient()}});
  INFO(inner);
  CHECK(inner);
}

TEST_CASE("step_weights: a gradient is needed where an argument needs one") {
  const PackedLayout layout(ragged_lengths);
  Tape<double> tape, inference(Mode::inference);
  Input<double> w(ragged_tokens, 2, 1), x(ragged_tokens, 4, 2);
  const auto constant_w = tape.leaf(w.view(), layout), constant_x = tape.leaf(x.view(), layout);
  CHECK_FALSE(softmax_steps(constant_w).needs_gradient());
  CHECK(softmax_steps(w.on(tape, layout)).needs_gradient());
  CHECK_FALSE(weighted_sum(constant_w, constant_x).needs_gradient());
  CHECK(weighted_sum(w.on(tape, layout), constant_x).needs_gradient());
  CHECK(weighted_sum(constant_w, x.on(tape, layout)).needs_gradient());
  CHECK_FALSE(weighted_sum(w.on(inference, layout), x.on(inference, layout)).needs_gradient());
}

TEST_CASE("step_weights: huge scores do not overflow, columns without a distribution are NaN") {
  CHECK(softmax_of<double>({1000, 1000, -1000}) == std::vector<double>{0.5, 0.5, 0});
  CHECK(softmax_of<float>({-1e38F, -1e38F}) == std::vector<float>{0.5F, 0.5F});
  CHECK(softmax_of<double>({-inf, 0, -inf}) == std::vector<double>{0, 1, 0});
  for (const auto& x : {std::vector<double>{inf, 0, 1}, {-inf, -inf}, {0, std::nan(""), 1}})
    for (const double v : softmax_of<double>(x)) CHECK(std::isnan(v));
}

TEST_CASE("step_weights: a NaN stays in its sequence and its column") {
  const PackedLayout layout(ragged_lengths);
  Input<float> scores(ragged_tokens, 2, 1), x(ragged_tokens, 3, 2);
  scores.view()(layout.offset(2) + layout.rank(4), 1) = std::numeric_limits<float>::quiet_NaN();
  Tape<float> tape;
  const auto y = weighted_sum(softmax_steps(scores.on(tape, layout)), x.on(tape, layout));
  for (std::size_t i = 0; i < ragged_lengths.size(); ++i)
    for (std::size_t k = 0; k < 6; ++k) CHECK(std::isnan(y.value()(i, k)) == (i == 4 && k >= 3));
}

TEST_CASE("step_weights: a NaN that has no weight is not lost") {
  const PackedLayout layout(std::vector<std::size_t>{2});
  std::vector<float> w = {1, 0}, x = {3, std::numeric_limits<float>::quiet_NaN()};
  Tape<float> tape;
  CHECK(std::isnan(
      weighted_sum(tape.leaf({w.data(), 2, 1}, layout), tape.leaf({x.data(), 2, 1}, layout)).value()(0, 0)));
}

TEST_CASE("step_weights: a sequence's bits depend neither on its batch nor on threads") {
  const PackedLayout layout(many_lengths);
  constexpr std::size_t heads = 3, cols = 70;
  Input<float> scores(layout.tokens(), heads, 1), x(layout.tokens(), cols, 2);
  const auto all = [&] {
    Tape<float> tape;
    for (auto* v : {&scores, &x}) std::fill(v->gradients.begin(), v->gradients.end(), 0.0F);
    const auto weights = softmax_steps(scores.on(tape, layout));
    const auto y = weighted_sum(weights, x.on(tape, layout));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    for (const auto& more : {copy_of(weights.value()), scores.gradients, x.gradients})
      result.insert(result.end(), more.begin(), more.end());
    return result;
  };
  check_threads(all);
  const auto together = all();
  for (std::size_t i = 0; i < many_lengths.size(); ++i) {
    auto own_scores = sequence_of(scores.values, heads, layout, i),
         own_x = sequence_of(x.values, cols, layout, i);
    const PackedLayout alone(std::vector<std::size_t>{many_lengths[i]});
    Tape<float> tape(Mode::inference);
    const auto y = weighted_sum(softmax_steps(tape.leaf({own_scores.data(), many_lengths[i], heads}, alone)),
                                tape.leaf({own_x.data(), many_lengths[i], cols}, alone));
    REQUIRE(std::memcmp(y.value().data(), &together[i * heads * cols], heads * cols * sizeof(float)) == 0);
  }
}

TEST_CASE("step_weights: the softmax alone has the same bits for any number of threads") {
  const PackedLayout layout(many_lengths);
  Input<float> scores(layout.tokens(), 40, 1);
  check_threads([&] {
    Tape<float> tape;
    std::fill(scores.gradients.begin(), scores.gradients.end(), 0.0F);
    const auto y = softmax_steps(scores.on(tape, layout));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    result.insert(result.end(), scores.gradients.begin(), scores.gradients.end());
    return result;
  });
}

TEST_CASE("step_weights: batches without any token") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  Tape<float> tape;
  const auto w = tape.leaf({nullptr, 0, 2}, layout, {nullptr, 0, 2}), x = tape.leaf({nullptr, 0, 3}, layout);
  const auto y = weighted_sum(softmax_steps(w), x);
  CHECK(copy_of(y.value()) == std::vector<float>(12));
  tape.backward(probe<float>(y));
}

TEST_CASE("step_weights: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Input<float> scores(ragged_tokens, 2, 1), x(ragged_tokens, 9, 2);
  check_no_allocation<float>([&](Tape<float>& tape) {
    tape.backward(probe<float>(weighted_sum(softmax_steps(scores.on(tape, layout)), x.on(tape, layout))));
  });
}

TEST_CASE("step_weights: weights of other tokens are refused") {
  const PackedLayout layout(ragged_lengths), equal(ragged_lengths);
  const PackedLayout fewer(std::vector<std::size_t>{3, 5, 8}),
      shuffled(std::vector<std::size_t>{5, 3, 0, 1, 5, 2});
  Tape<float> tape;
  Input<float> w(ragged_tokens, 2, 1), x(ragged_tokens, 3, 2);
  CHECK(weighted_sum(w.on(tape, equal), x.on(tape, layout)).cols() == 6);
  CHECK_THROWS_WITH(weighted_sum(w.on(tape, fewer), x.on(tape, layout)),
                    "weighted_sum: number of sequences: 3 in weights and 6 in x, expected values of the same "
                    "tokens of one batch");
  CHECK_THROWS_WITH(
      weighted_sum(w.on(tape, shuffled), x.on(tape, layout)),
      "weighted_sum: tokens of sequence 0: 5 in weights and 3 in x, expected values of the same "
      "tokens of one batch");
  CHECK_THROWS_AS(weighted_sum(w.on(tape, fewer), x.on(tape, layout)), shape_error);
}
