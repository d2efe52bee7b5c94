#include <seqlstm/kernels/lstm_weight_gradient.hpp>

#include "support/reference.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Sums of outer products of `columns` numbers a token with gate gradients, through the kernel.
template <class T> struct Sums {
  kernels::LstmShape<T> shape{3, 21};
  std::size_t tokens, columns;
  std::vector<T> rows, dgates, sum, bias;
  const std::uint32_t* order = nullptr;
  std::vector<std::size_t> ends;  // of shards

  Sums(std::size_t token_count, std::size_t column_count)
      : tokens(token_count),
        columns(column_count),
        rows(random_values<T>(tokens * (columns + 2), 1)),
        dgates(random_values<T>(tokens * shape.gate_row(), 2)) {}

  void compute(std::size_t parts, bool accumulate = false) {
    std::vector<const T*> pointers(tokens);
    for (std::size_t k = 0; k < tokens; ++k) pointers[k] = rows.data() + k * (columns + 2);
    if (!accumulate) sum.assign(columns * shape.gate_row(), T(99));
    bias.assign(shape.gate_row(), T(0));
    kernels::GradientTokens all{.count = tokens, .order = order};
    if (!ends.empty()) {
      all.shards = ends.size();
      all.ends = ends.data();
    }
    std::vector<T> scratch(kernels::weight_gradient_scratch<T>(1, columns, all));
    const std::array<kernels::GradientOperand<T>, 1> operand = {
        kernels::GradientOperand<T>{pointers.data(), columns, sum.data(), accumulate}};
    for (std::size_t part = 0; part < parts; ++part)
      kernels::lstm_weight_gradient<T>(shape, dgates.data(), all, operand,
                                       part_of(shape.gate_row(), parts, part, shape.wide), bias.data(),
                                       scratch.data());
  }
};

}  // namespace

TEMPLATE_TEST_CASE("lstm_weight_gradient: sums of outer products, any number of tokens and columns", "",
                   float, double) {
  const double unit = std::is_same_v<TestType, float> ? 1e-6 : 2e-15;
  for (const std::size_t tokens : {0U, 1U, 5U, 511U, 512U, 513U, 1100U})
    for (const std::size_t columns : {1U, 5U, 6U, 7U, 17U}) {
      Sums<TestType> sums(tokens, columns);
      sums.compute(1);
      const std::size_t row = sums.shape.gate_row();
      double worst = 0;
      for (std::size_t g = 0; g < row; ++g) {
        double bias = 0;
        for (std::size_t k = 0; k < tokens; ++k) bias += double{sums.dgates[k * row + g]};
        worst = std::max(worst, std::abs(bias - double{sums.bias[g]}));
        for (std::size_t i = 0; i < columns; ++i) {
          double expected = 0;
          for (std::size_t k = 0; k < tokens; ++k)
            expected += double{sums.rows[k * (columns + 2) + i]} * double{sums.dgates[k * row + g]};
          worst = std::max(worst, std::abs(expected - double{sums.sum[i * row + g]}));
        }
      }
      INFO(tokens << " tokens, " << columns << " columns");
      CHECK(worst <= unit * static_cast<double>(tokens));
    }
}

TEMPLATE_TEST_CASE("lstm_weight_gradient: same bits for any split of the gate columns", "", float, double) {
  Sums<TestType> whole(700, 7), split(700, 7);
  whole.compute(1);
  for (const std::size_t parts : {2U, 3U, 8U}) {
    split.compute(parts);
    CHECK(same_bits(whole.sum, split.sum));
    CHECK(same_bits(whole.bias, split.bias));
  }
}

TEMPLATE_TEST_CASE("lstm_weight_gradient: gate gradients in another order than the rows", "", float, double) {
  Sums<TestType> here(600, 7), elsewhere(600, 7);
  here.compute(1);
  std::vector<std::uint32_t> order(600);
  const std::size_t row = here.shape.gate_row();
  for (std::uint32_t k = 0; k < 600; ++k) {
    order[k] = (k * 7 + 3) % 600;
    std::copy_n(here.dgates.data() + k * row, row, elsewhere.dgates.data() + order[k] * row);
  }
  elsewhere.order = order.data();
  elsewhere.compute(3);
  CHECK(same_bits(here.sum, elsewhere.sum));
  CHECK(same_bits(here.bias, elsewhere.bias));
}

TEMPLATE_TEST_CASE("lstm_weight_gradient: several shards at once have the bits of one after the other", "",
                   float, double) {
  const std::vector<std::vector<std::size_t>> all_ends = {
      {300, 700}, {0, 513, 513, 700}, {1, 2, 3, 40, 600, 680, 690, 700}};
  for (const auto& ends : all_ends)
    for (const bool ordered : {false, true}) {
      Sums<TestType> together(700, 7);
      std::vector<std::uint32_t> order(700);
      for (std::uint32_t k = 0; k < 700; ++k) order[k] = (k * 11 + 5) % 700;
      if (ordered) together.order = order.data();
      together.ends = ends;
      together.compute(2);
      const std::size_t row = together.shape.gate_row();
      std::vector<std::vector<TestType>> sums, biases;
      for (std::size_t s = 0, first = 0; s < ends.size(); first = ends[s++]) {
        Sums<TestType> own(ends[s] - first, 7);
        for (std::size_t k = first; k < ends[s]; ++k) {
          const std::size_t gates = ordered ? order[k] : k;
          std::copy_n(together.rows.data() + k * 9, 9, own.rows.data() + (k - first) * 9);
          std::copy_n(together.dgates.data() + gates * row, row, own.dgates.data() + (k - first) * row);
        }
        own.compute(1);
        sums.push_back(own.sum);
        biases.push_back(own.bias);
      }
      const auto add_up = [](std::vector<std::vector<TestType>>& of_shards) {
        for (std::size_t step = 1; step < of_shards.size(); step *= 2)
          for (std::size_t s = 0; s < of_shards.size(); s += 2 * step)
            for (std::size_t i = 0; i < of_shards[s].size(); ++i) of_shards[s][i] += of_shards[s + step][i];
        return of_shards.front();
      };
      INFO(ends.size() << " shards");
      CHECK(same_bits(together.sum, add_up(sums)));
      CHECK(same_bits(together.bias, add_up(biases)));
    }
}

TEMPLATE_TEST_CASE("lstm_weight_gradient: adds to a sum where asked", "", float, double) {
  Sums<TestType> sums(30, 5);
  sums.compute(1);
  const auto once = sums.sum;
  sums.compute(1, true);
  for (std::size_t k = 0; k < once.size(); ++k) CHECK(sums.sum[k] == once[k] + once[k]);
}

TEMPLATE_TEST_CASE("lstm_weight_gradient: an operand's sums are of its own gate columns, others stay", "",
                   float, double) {
  constexpr std::size_t lanes = kernels::LstmShape<TestType>::lanes;
  for (const std::size_t tokens : {0U, 7U, 600U}) {
    Sums<TestType> whole(tokens, 7);
    whole.compute(1);
    const std::size_t row = whole.shape.gate_row();
    std::vector<const TestType*> pointers(tokens);
    for (std::size_t k = 0; k < tokens; ++k) pointers[k] = whole.rows.data() + k * 9;
    for (const IndexRange own :
         {IndexRange{0, 3 * lanes}, {lanes, row}, {2 * lanes, row - lanes}, {lanes, lanes}}) {
      std::vector<TestType> sum(7 * row, TestType(99)), bias(row),
          scratch(kernels::weight_gradient_scratch<TestType>(1, 7, {.count = tokens}));
      const std::array<kernels::GradientOperand<TestType>, 1> operand = {
          kernels::GradientOperand<TestType>{pointers.data(), 7, sum.data(), false, own}};
      for (std::size_t part = 0; part < 2; ++part)
        kernels::lstm_weight_gradient<TestType>(whole.shape, whole.dgates.data(), {.count = tokens}, operand,
                                                part_of(row, 2, part, whole.shape.wide), bias.data(),
                                                scratch.data());
      CHECK(same_bits(bias, whole.bias));
      for (std::size_t k = 0; k < sum.size(); ++k) {
        const std::size_t column = k % row;
        const bool is_own = column >= own.begin && column < own.end;
        REQUIRE(sum[k] == (is_own ? whole.sum[k] : TestType(99)));
      }
    }
  }
}
