#include <seqlstm/nn/whole_batch.hpp>

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/train/detail/ranked_step.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// The sum of target times row times the row before: no sum over rows on their own.
template <Scalar T> Var<T> chain(const Var<T>& rows, std::span<const double> targets) {
  Tape<T>& tape = rows.tape();
  const Var<T> y = tape.make(1, 1, rows.needs_gradient());
  T sum = 0;
  for (std::size_t r = 1; r < rows.rows(); ++r)
    for (std::size_t c = 0; c < rows.cols(); ++c)
      sum += static_cast<T>(targets[r]) * rows.value()(r, c) * rows.value()(r - 1, c);
  y.node()->value(0, 0) = sum;
  auto* const own = tape.arena().template allocate<double>(targets.size());
  std::copy(targets.begin(), targets.end(), own);
  tape.record(y, [&tape, rows, own](ConstMatrixView<T> dy) {
    const MatrixView<T> to = tape.gradient(rows);
    for (std::size_t r = 1; r < rows.rows(); ++r)
      for (std::size_t c = 0; c < rows.cols(); ++c) {
        to(r, c) += dy(0, 0) * static_cast<T>(own[r]) * rows.value()(r - 1, c);
        to(r - 1, c) += dy(0, 0) * static_cast<T>(own[r]) * rows.value()(r, c);
      }
  });
  return y;
}

/// Rows of a batch of 11, their targets, and what every rank finds: the value, and the gradients of its rows.
struct Batch {
  std::vector<double> rows = testing::random_values<double>(22, 1),
                      targets = testing::random_values<double>(11, 2);
  std::vector<double> found = std::vector<double>(23);

  template <class OfBatch> std::vector<double> on_ranks(std::size_t ranks, OfBatch of_batch) {
    std::vector<double> values(ranks);
    run_as_ranks(ranks, [&](Communicator& communicator) {
      detail::RankedStep<double> step(communicator, 8, Precision::f32);
      Tape<double> tape;
      tape.set_shards(&step);
      const std::vector<std::size_t> lengths(11, 1);
      const auto own = step.deal(lengths);
      std::vector<double> x, t;
      for (const std::size_t i : own) {
        x.insert(x.end(), {rows[2 * i], rows[2 * i + 1]});
        t.push_back(targets[i]);
      }
      tape.reset();
      const Var<double> input = tape.input({x.data(), own.size(), 2});
      const Var<double> loss = of_whole_batch(2.0 * input, std::span<const double>(t), of_batch);
      tape.backward(loss);
      values[communicator.rank()] = loss.value()(0, 0);
      for (std::size_t i = 0; i < own.size(); ++i)
        for (std::size_t c = 0; c < 2; ++c) found[2 * own[i] + c] = tape.gradient(input)(i, c);
    });
    for (const double value : values) CHECK(value == values[0]);
    found[22] = values[0];
    return found;
  }

  template <class OfBatch> std::vector<double> alone(OfBatch of_batch) {
    Tape<double> tape;
    const Var<double> input = tape.input({rows.data(), 11, 2});
    const Var<double> loss = of_whole_batch(2.0 * input, std::span<const double>(targets), of_batch);
    tape.backward(loss);
    for (std::size_t i = 0; i < 22; ++i) found[i] = tape.gradient(input)(i / 2, i % 2);
    found[22] = loss.value()(0, 0);
    return found;
  }
};

}  // namespace

TEST_CASE("whole_batch: every rank sees all rows in their order, and gets the gradient of its own") {
  const auto of_batch = [](const Var<double>& rows, std::span<const double> targets) {
    return chain(rows, targets);
  };
  const auto alone = Batch().alone(of_batch);
  for (const std::size_t ranks : {1U, 2U, 3U, 8U}) {
    INFO(ranks << " ranks");
    CHECK(testing::same_bits(Batch().on_ranks(ranks, of_batch), alone));
  }
}

TEST_CASE("whole_batch: operations inside sum over all rows once") {
  const auto of_batch = [](const Var<double>& rows, std::span<const double> targets) {
    std::vector<double> both;
    for (const double target : targets) both.insert(both.end(), {target, target});
    return mse(rows, std::span<const double>(both));
  };
  const auto alone = Batch().alone(of_batch);
  CHECK(testing::same_bits(Batch().on_ranks(4, of_batch), alone));
}

TEST_CASE("whole_batch: minus zero and NaN travel as they are") {
  const auto of_batch = [](const Var<double>& rows, std::span<const double> targets) {
    CHECK(std::signbit(rows.value()(3, 0)));
    CHECK(std::isnan(targets[4]));
    return mse(rows, std::vector<double>(2 * targets.size()));
  };
  Batch batch;
  batch.rows[6] = -0.0;
  batch.targets[4] = std::numeric_limits<double>::quiet_NaN();
  batch.alone(of_batch);
  const auto again = [](const Var<double>& rows, std::span<const double> targets) {
    if (!std::signbit(rows.value()(3, 0)) || !std::isnan(targets[4])) throw option_error("a number changed");
    return mse(rows, std::vector<double>(2 * targets.size()));
  };
  batch.on_ranks(3, again);
}

TEST_CASE("whole_batch: rows of something else than the batch's sequences are refused") {
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            detail::RankedStep<double> step(communicator, 2, Precision::f32);
            Tape<double> tape;
            tape.set_shards(&step);
            step.deal(std::vector<std::size_t>(6, 1));
            tape.reset();
            std::vector<double> x(8);
            of_whole_batch(tape.input({x.data(), 4, 2}), {},
                           [](const Var<double>& rows, auto) { return rows; });
          });
        }).find("a value has rows of 4 sequences, the batch has 3") != std::string::npos);
}

TEST_CASE("whole_batch: a result that is no term of a loss, and targets without a row, are refused") {
  std::vector<double> x(8), targets(5);
  const auto refused = [&](std::size_t rows, std::span<const double> of, auto of_batch) {
    return message_of<Error>([&] {
      run_as_ranks(1, [&](Communicator& communicator) {
        detail::RankedStep<double> step(communicator, 2, Precision::f32);
        Tape<double> tape;
        tape.set_shards(&step);
        step.deal(std::vector<std::size_t>(rows, 1));
        tape.reset();
        of_whole_batch(tape.input({x.data(), rows, 2}), of, of_batch);
      });
    });
  };
  const auto itself = [](const Var<double>& rows, auto) { return rows; };
  CHECK(refused(4, {}, itself).find("of_whole_batch: the result is 4x2, expected 1x1: a term of the loss") !=
        std::string::npos);
  CHECK(refused(4, targets, itself).find("of_whole_batch: 5 targets for 4 rows, expected as many for each") !=
        std::string::npos);
  Tape<double> alone;
  CHECK_THROWS_WITH(of_whole_batch(alone.input({x.data(), 4, 2}), {}, itself),
                    "of_whole_batch: the result is 4x2, expected 1x1: a term of the loss");
}
