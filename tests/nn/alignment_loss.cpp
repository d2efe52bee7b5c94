#include <seqlstm/nn/alignment_loss.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<std::size_t> other_lengths = {4, 0, 6, 2};
const std::vector<SequencePair> some_pairs = {{1, 0}, {4, 2}, {1, 2}, {0, 1}};
/// Of the 18 rows of these pairs: positions, none and rows that do not count. The last pair has no position.
const std::vector<std::int32_t> some_targets = {0, 1,         unaligned, 3,         ignored_position, 2, 3,
                                                5, 5,         5,         unaligned, ignored_position, 0, 4,
                                                5, unaligned, unaligned, unaligned};

struct Case {
  PackedLayout rows{ragged_lengths}, cols{other_lengths};
  Input<double> x{ragged_tokens, 3}, y{12, 3, 2}, gap{ragged_tokens, 1, 3};

  PairScores<double> scores(Tape<double>& tape) {
    return pair_products<double>(x.on(tape, rows), y.on(tape, cols), some_pairs);
  }
  Var<double> loss(Tape<double>& tape, const std::vector<std::int32_t>& targets = some_targets) {
    return alignment_loss<double>(scores(tape), gap.on(tape, rows), targets);
  }
};

}  // namespace

TEST_CASE("alignment_loss: -log P of the targets, by the equation and by alignment_log_probabilities") {
  Case c;
  Tape<double> tape;
  const auto scores = c.scores(tape);
  const auto gap = c.gap.on(tape, c.rows);
  double sum = 0;
  std::size_t counted = 0;
  for (std::size_t p = 0; p < some_pairs.size(); ++p) {
    const auto s = scores.of(p);
    std::vector<double> log_p(s.rows() * (s.cols() + 1));
    const MatrixView<double> out(log_p.data(), s.rows(), s.cols() + 1);
    alignment_log_probabilities<double>(scores, gap, p, out);
    for (std::size_t i = 0; i < s.rows(); ++i) {
      const double none = gap.value()(scores.token(p, i), 0);
      double z = std::exp(none);
      for (std::size_t j = 0; j < s.cols(); ++j) z += std::exp(s(i, j));
      for (std::size_t j = 0; j < s.cols(); ++j) CHECK(out(i, j) == Approx(s(i, j) - std::log(z)));
      CHECK(out(i, s.cols()) == Approx(none - std::log(z)).margin(1e-14));
      const std::int32_t target = some_targets[scores.blocks[p].first_row + i];
      if (target == ignored_position) continue;
      sum -= out(i, target == unaligned ? s.cols() : static_cast<std::size_t>(target));
      ++counted;
    }
  }
  CHECK(counted == 16);
  CHECK(alignment_loss<double>(scores, gap, some_targets).value()(0, 0) == Approx(sum / 16));
}

TEST_CASE("alignment_loss: gradients of both sequences and of the gap") {
  Case c;
  const auto report = check_gradient([&](Tape<double>& tape) { return c.loss(tape); },
                                     {{"x", c.x.view(), c.x.gradient()},
                                      {"y", c.y.view(), c.y.gradient()},
                                      {"gap", c.gap.view(), c.gap.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("alignment_loss: the same bits where no gradient is needed") {
  Case c;
  Tape<double> tape, inference(Mode::inference);
  CHECK(c.loss(tape).value()(0, 0) == c.loss(inference).value()(0, 0));
}

TEST_CASE("alignment_loss: where no row counts it is 0 and has no gradient") {
  Case c;
  Tape<double> tape;
  const auto loss = c.loss(tape, std::vector<std::int32_t>(18, ignored_position));
  CHECK(loss.value()(0, 0) == 0);
  tape.backward(loss);
  CHECK(c.x.gradients == std::vector<double>(c.x.gradients.size()));
}

TEST_CASE("alignment_loss: the same bits for any threads, and steps after the second allocate nothing") {
  const std::vector<std::size_t> lengths = {100, 300, 80, 90};
  const PackedLayout layout(lengths);
  const std::vector<SequencePair> pairs = {{0, 1}, {2, 1}, {3, 0}};
  std::vector<std::int32_t> targets(270);
  for (std::size_t k = 0; k < targets.size(); ++k) targets[k] = static_cast<std::int32_t>(k % 93) - 2;
  Input<float> x(layout.tokens(), 20), gap(layout.tokens(), 1, 2);
  const auto loss = [&](const SeqVar<float>& states) {
    return alignment_loss<float>(pair_products<float>(states, states, pairs), gap.on(states.tape(), layout),
                                 targets);
  };
  check_threads([&] { return values_and_gradients(loss, x, layout); });
  check_no_allocation<float>([&](Tape<float>& tape) { tape.backward(loss(x.on(tape, layout))); });
}

TEST_CASE("alignment_loss: mistakes are named") {
  Case c;
  Tape<double> tape;
  const auto scores = c.scores(tape);
  const auto gap = c.gap.on(tape, c.rows);
  auto targets = some_targets;
  CHECK_THROWS_WITH(alignment_loss<double>(scores, gap, std::span(targets).first(17)),
                    "alignment_loss: got 17 targets, expected 18, one for each row of all pairs");
  targets[6] = 6;
  CHECK_THROWS_WITH(alignment_loss<double>(scores, gap, targets),
                    "alignment_loss: pair 1, row 1: target 6, expected one of the 6 positions, -1 (none) or "
                    "-2 (ignored)");
  CHECK_THROWS_AS(alignment_loss<double>(scores, gap, targets), token_error);
  CHECK_THROWS_WITH(alignment_loss<double>(scores, c.x.on(tape, c.rows), some_targets),
                    "alignment_loss: the gap is 16x3, expected a number for each token of the batch that the "
                    "rows are of, 16x1");
  const PackedLayout other(ragged_lengths);
  CHECK_THROWS_WITH(
      alignment_loss<double>(scores, c.gap.on(tape, other), some_targets),
      "alignment_loss: the gap is of another batch than the rows of the pairs, expected one of the "
      "same");
  std::vector<double> room(25);
  CHECK_THROWS_WITH(alignment_log_probabilities<double>(scores, gap, 4, {room.data(), 5, 5}),
                    "alignment_log_probabilities: pair 4 of 4 pairs, which are counted from 0");
  CHECK_THROWS_AS(alignment_log_probabilities<double>(scores, gap, 4, {room.data(), 5, 5}), option_error);
  CHECK_THROWS_WITH(alignment_log_probabilities<double>(scores, gap, 0, {room.data(), 5, 4}),
                    "alignment_log_probabilities: the result is 5x4, expected 5x5");
}
