#include <seqlstm/kernels/outer_bf16.hpp>
#include <seqlstm/kernels/set.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {
double rounded(float v) {
  return double{static_cast<float>(bfloat16(v))};
}
}  // namespace

TEST_CASE("outer_bf16: a dense layer's weight gradient is added to what is there") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {0U, 1U, 33U, 600U})
      for (const std::size_t outputs : {1U, 17U, 40U})
        for (const std::size_t inputs : {1U, 31U, 65U}) {
          const auto dy = random_values<float>(rows * outputs, 1), x = random_values<float>(rows * inputs, 2);
          std::vector<float> dw(outputs * inputs, 3.0F), parted = dw;
          AlignedBuffer<bfloat16> scratch(kernels::TileProducts::outer_room(outputs));
          const auto add = [&](IndexRange range, std::vector<float>& to) {
            kernels::TileProducts::add_outer({dy.data(), rows, outputs}, {x.data(), rows, inputs}, range,
                                             {to.data(), outputs, inputs}, scratch.data());
          };
          add({0, outputs}, dw);
          add({0, outputs / 2}, parted);
          add({outputs / 2, outputs}, parted);
          INFO(rows << " rows, " << outputs << " x " << inputs);
          CHECK(same_bits(dw, parted));
          for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t i = 0; i < inputs; ++i) {
              double expected = 3;
              for (std::size_t r = 0; r < rows; ++r)
                expected += rounded(dy[r * outputs + o]) * rounded(x[r * inputs + i]);
              REQUIRE(std::abs(double{dw[o * inputs + i]} - expected) < 1e-4);
            }
        }
  });
}

TEST_CASE("outer_bf16: gate gradients times more columns than L2 holds are taken in groups") {
  const kernels::TileGateShape shape{1100, 20};
  const std::size_t tokens = 530, gate_row = shape.gate_row();
  const kernels::OuterGroups groups(2, shape.input + shape.hidden, {.count = tokens});
  REQUIRE(groups.group < groups.blocks);
  REQUIRE(groups.depth < tokens);
  const kernels::OuterGroups narrow(2, 1024, {.count = tokens});
  REQUIRE(narrow.group == narrow.blocks);
  const auto h = random_values<float>(tokens * shape.hidden, 1),
             x = random_values<float>(tokens * shape.input, 2);
  const auto numbers = random_values<float>(tokens * gate_row, 3);
  AlignedBuffer<bfloat16> dgates((tokens + kernels::block_rows) * gate_row);
  for (std::size_t k = 0; k < numbers.size(); ++k) dgates[k] = bfloat16(numbers[k]);
  std::vector<const float*> h_rows(tokens), x_rows(tokens);
  for (std::size_t k = 0; k < tokens; ++k) {
    h_rows[k] = h.data() + k * shape.hidden;
    x_rows[k] = x.data() + k * shape.input;
  }
  struct Sums {
    std::vector<float> h, x, bias;
  };
  AlignedBuffer<bfloat16> elsewhere((tokens + kernels::block_rows) * gate_row);
  std::vector<std::uint32_t> places(tokens);
  for (std::uint32_t k = 0; k < tokens; ++k) {
    places[k] = (k * 7 + 3) % tokens;
    std::copy_n(dgates.data() + k * gate_row, gate_row, elsewhere.data() + places[k] * gate_row);
  }
  const auto summed = [&](std::size_t parts, bool in_order = true) {
    Sums sums{std::vector<float>(kernels::BlockedSums::size(shape, shape.hidden), 3.0F),  // overwritten
              std::vector<float>(kernels::BlockedSums::size(shape, shape.input), 3.0F),   // added to
              std::vector<float>(gate_row)};
    const std::array<kernels::GradientOperand<float>, 2> operands = {
        kernels::GradientOperand<float>{h_rows.data(), shape.hidden, sums.h.data(), false},
        kernels::GradientOperand<float>{x_rows.data(), shape.input, sums.x.data(), true}};
    for (std::size_t part = 0; part < parts; ++part) {
      const IndexRange columns = part_of(gate_row, parts, part, kernels::TileGateShape::wide);
      AlignedBuffer<bfloat16> scratch(
          kernels::TileKernels::gradient_room(shape, columns.end - columns.begin, {.count = tokens}));
      kernels::lstm_weight_gradient<>(shape, in_order ? dgates.data() : elsewhere.data(),
                                      {.count = tokens, .order = in_order ? nullptr : places.data()},
                                      operands, columns, sums.bias.data(), scratch.data());
    }
    return sums;
  };
  for_each_matrix_unit([&] {
    Sums whole = summed(1);
    const Sums parted = summed(2);
    CHECK(same_bits(whole.h, parted.h));
    CHECK(same_bits(whole.x, parted.x));
    CHECK(same_bits(whole.bias, parted.bias));
    const Sums reordered = summed(2, false);
    CHECK(same_bits(whole.h, reordered.h));
    CHECK(same_bits(whole.x, reordered.x));
    CHECK(same_bits(whole.bias, reordered.bias));
    const kernels::BlockedSums sum_h(shape.hidden, whole.h.data()), sum_x(shape.input, whole.x.data());
    const auto expected = [&](const std::vector<float>& rows, std::size_t width, std::size_t i,
                              std::size_t column) {
      double sum = 0;
      for (std::size_t k = 0; k < tokens; ++k)
        sum += rounded(rows[k * width + i]) * rounded(numbers[k * gate_row + column]);
      return sum;
    };
    const std::vector<float> ones(tokens, 1.0F);
    for (std::size_t column = 0; column < gate_row; column += 3) {
      REQUIRE(std::abs(double{whole.bias[column]} - expected(ones, 1, 0, column)) < 1e-4);
      for (std::size_t i = 0; i < shape.hidden; ++i)
        REQUIRE(std::abs(double{sum_h(i, column)} - expected(h, shape.hidden, i, column)) < 1e-4);
      for (std::size_t i = 0; i < shape.input; i += 7)
        REQUIRE(std::abs(double{sum_x(i, column)} - 3 - expected(x, shape.input, i, column)) < 1e-4);
    }
  });
}

TEST_CASE("outer_bf16: several shards at once have the bits of one after the other") {
  struct Case {
    std::size_t input, hidden;
    std::vector<std::size_t> ends;
  };
  const std::vector<Case> cases = {{20, 37, {1, 70, 70, 700}},
                                   {1100, 20, {1000, 1600}},  // in groups, a shard longer than a block
                                   {3, 16, {33, 34, 100, 140, 141, 200, 530, 531}}};
  for (const Case& c : cases)
    for_each_matrix_unit([&] {
      const kernels::TileGateShape shape{c.input, c.hidden};
      const std::size_t tokens = c.ends.back(), gate_row = shape.gate_row();
      const auto x = random_values<float>(tokens * c.input, 1),
                 h = random_values<float>(tokens * c.hidden, 2),
                 numbers = random_values<float>(tokens * gate_row, 3);
      AlignedBuffer<bfloat16> dgates((tokens + kernels::block_rows) * gate_row);
      for (std::size_t k = 0; k < numbers.size(); ++k) dgates[k] = bfloat16(numbers[k]);
      std::vector<const float*> h_rows(tokens), x_rows(tokens);
      std::vector<std::uint32_t> order(tokens);
      for (std::uint32_t k = 0; k < tokens; ++k) {
        h_rows[k] = h.data() + k * c.hidden;
        x_rows[k] = x.data() + k * c.input;
        order[k] = static_cast<std::uint32_t>((k * 11 + 5) % tokens);
      }
      struct Sums {
        std::vector<float> h, x, bias;
      };
      const auto summed = [&](const kernels::GradientTokens& of, std::size_t first, std::size_t parts) {
        Sums sums{std::vector<float>(kernels::BlockedSums::size(shape, c.hidden), 3.0F),
                  std::vector<float>(kernels::BlockedSums::size(shape, c.input), 3.0F),
                  std::vector<float>(gate_row)};
        const std::array<kernels::GradientOperand<float>, 2> operands = {
            kernels::GradientOperand<float>{h_rows.data() + first, c.hidden, sums.h.data(), false},
            kernels::GradientOperand<float>{x_rows.data() + first, c.input, sums.x.data(), false}};
        for (std::size_t part = 0; part < parts; ++part) {
          const IndexRange columns = part_of(gate_row, parts, part, kernels::TileGateShape::wide);
          AlignedBuffer<bfloat16> scratch(
              kernels::TileKernels::gradient_room(shape, columns.end - columns.begin, of));
          kernels::lstm_weight_gradient<>(shape, dgates.data(), of, operands, columns, sums.bias.data(),
                                          scratch.data());
        }
        return sums;
      };
      const Sums together = summed(
          {.count = tokens, .order = order.data(), .shards = c.ends.size(), .ends = c.ends.data()}, 0, 2);
      std::vector<Sums> own;
      for (std::size_t s = 0, first = 0; s < c.ends.size(); first = c.ends[s++])
        own.push_back(summed({.count = c.ends[s] - first, .order = order.data() + first}, first, 1));
      const auto add_up = [&](std::vector<float> Sums::*sums) {
        for (std::size_t step = 1; step < own.size(); step *= 2)
          for (std::size_t s = 0; s < own.size(); s += 2 * step)
            for (std::size_t i = 0; i < (own[s].*sums).size(); ++i)
              (own[s].*sums)[i] += (own[s + step].*sums)[i];
        return own.front().*sums;
      };
      INFO(c.ends.size() << " shards of " << c.input << ", " << c.hidden);
      CHECK(same_bits(together.h, add_up(&Sums::h)));
      CHECK(same_bits(together.x, add_up(&Sums::x)));
      CHECK(same_bits(together.bias, add_up(&Sums::bias)));
    });
}

TEST_CASE("outer_bf16: blocks of sums hold every row and column once") {
  const kernels::TileGateShape shape{1, 37};
  const std::size_t rows = 45;
  std::vector<float> memory(kernels::BlockedSums::size(shape, rows), 0.0F);
  const kernels::BlockedSums sums(rows, memory.data());
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t column = 0; column < shape.gate_row(); ++column) sums(k, column) += 1;
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t column = 0; column < shape.gate_row(); ++column) REQUIRE(sums(k, column) == 1);
  sums.clear({64, 128});
  CHECK(sums(44, 63) == 1);
  CHECK(sums(0, 64) == 0);
  CHECK(sums(44, 127) == 0);
  CHECK(sums(0, 128) == 1);
}

TEST_CASE("outer_bf16: as many rows at once as leave room in the cache, a multiple of a tile's terms") {
  for (const std::size_t columns : {1U, 100U, 384U, 2000U}) {
    CHECK(kernels::outer_depth(columns) % kernels::tile_depth == 0);
    CHECK(kernels::outer_depth(columns) >= 512);
    CHECK(kernels::outer_depth(columns) <= 4096);
  }
}
