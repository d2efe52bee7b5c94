#include <seqlstm/nn/row_sums.hpp>

#include <numeric>

#include "support/lone_rank.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// Sums the columns of `x`, and its rows' `weights` beside, into a parameter's gradient.
struct ColumnSums {
  Parameter<double> parameter{4};
  void add(const Variable<double>& rows, ConstMatrixView<double> x, const double* weights) {
    add_row_sums(rows, parameter, [&](auto&& own, MatrixView<double> sums) {
      const ConstMatrixView<double> own_x = own(x);
      const double* own_weights = own(weights);
      for (std::size_t r = 0; r < own_x.rows(); ++r) {
        for (std::size_t c = 0; c < 3; ++c) sums(0, c) += own_x(r, c);
        sums(0, 3) += own_weights[r];
      }
    });
  }
};

}  // namespace

TEST_CASE("row_sums: shards are summed in their rows' order and added up as a tree") {
  const std::vector<std::uint32_t> of_sequence = {2, 0, 3, 1, 0, 2, 1, 3, 3};
  const std::size_t rows = of_sequence.size();
  auto x = testing::random_values<double>(rows * 3, 1), weights = testing::random_values<double>(rows, 2);
  const ConstMatrixView<double> view(x.data(), rows, 3);
  testing::LoneRank<double> shards;
  shards.assign(of_sequence, 4);
  Tape<double> tape;
  tape.set_shards(&shards);
  tape.reset();
  ColumnSums layer;
  layer.parameter.gradient()(0, 3) = 1;
  layer.add(tape.constant(view), view, weights.data());
  CHECK(layer.parameter.gradient()(0, 0) == 0);
  shards.add_gradients();
  std::vector<std::vector<double>> own(4, std::vector<double>(4));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < 3; ++c) own[of_sequence[r]][c] += view(r, c);
    own[of_sequence[r]][3] += weights[r];
  }
  for (std::size_t c = 0; c < 4; ++c) {
    INFO("column " << c);
    CHECK(layer.parameter.gradient()(0, c) ==
          (c == 3 ? 1 : 0) + ((own[0][c] + own[1][c]) + (own[2][c] + own[3][c])));
  }
  RowTotal<double> total(tape.constant(view));
  for (std::size_t r = 0; r < rows; ++r) total.of(r) += weights[r];
  CHECK(total.sum() == (own[0][3] + own[1][3]) + (own[2][3] + own[3][3]));
}

TEST_CASE("row_sums: without ranks all rows in their order, a frozen parameter gets nothing") {
  auto x = testing::random_values<double>(15, 1), weights = testing::random_values<double>(5, 2);
  const ConstMatrixView<double> view(x.data(), 5, 3);
  Tape<double> tape;
  ColumnSums layer;
  layer.add(tape.constant(view), view, weights.data());
  CHECK(layer.parameter.gradient()(0, 1) == x[1] + x[4] + x[7] + x[10] + x[13]);
  CHECK(layer.parameter.gradient()(0, 3) == std::accumulate(weights.begin(), weights.end(), 0.0));
  RowTotal<double> total(tape.constant(view));
  for (const double weight : weights) total.of(0) += weight;
  CHECK(total.sum() == std::accumulate(weights.begin(), weights.end(), 0.0));
  ColumnSums frozen;
  frozen.parameter.trainable = false;
  frozen.add(tape.constant(view), view, weights.data());
  CHECK(frozen.parameter.gradient()(0, 1) == 0);
}

TEST_CASE("row_sums: sums of which something becomes before they are added") {
  struct Twice {
    void add_gradient(ConstMatrixView<double> sums, MatrixView<double> gradient) const {
      for (std::size_t c = 0; c < sums.cols(); ++c) gradient(0, c) += 2 * sums(0, c);
    }
  };
  std::vector<double> x = {1, 2, 3, 4};
  const ConstMatrixView<double> view(x.data(), 4, 1);
  const Twice twice;
  const auto body = [&](auto&& own, MatrixView<double> sums) {
    const ConstMatrixView<double> own_x = own(view);
    for (std::size_t r = 0; r < own_x.rows(); ++r) sums(0, 0) += own_x(r, 0);
  };
  Tape<double> tape;
  Parameter<double> parameter(1);
  add_row_sums(tape.constant(view), parameter, body, twice);
  CHECK(parameter.gradient()(0, 0) == 20);
  testing::LoneRank<double> shards;
  shards.assign(std::vector<std::uint32_t>{0, 1, 1, 0}, 2);
  tape.set_shards(&shards);
  tape.reset();
  add_row_sums(tape.constant(view), parameter, body, twice);
  shards.add_gradients();
  CHECK(parameter.gradient()(0, 0) == 40);
}
