#include <seqlstm/kernels/arguments.hpp>

#include <seqlstm/core/random.hpp>

#include "support/values.hpp"

using namespace seqlstm;

TEST_CASE("arguments: the step before, in both directions") {
  const std::vector<std::size_t> lengths = {3, 1, 2};
  const PackedLayout layout{lengths};  // rows of lengths 3, 2, 1
  const kernels::PreviousToken forward{layout.view(), false}, reverse{layout.view(), true};
  CHECK(forward(0, 2) == kernels::PreviousToken::none);
  CHECK(forward(1, 1) == 1);
  CHECK(forward(2, 0) == 3);
  CHECK(reverse(2, 0) == kernels::PreviousToken::none);
  CHECK(reverse(1, 1) == kernels::PreviousToken::none);
  CHECK(reverse(1, 0) == 5);
  CHECK(reverse(0, 1) == 4);
  CHECK(reverse(0, 2) == kernels::PreviousToken::none);
}

TEST_CASE("arguments: parts are consecutive, cover every row once and share the tokens") {
  RandomStream random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> lengths(random.below(40));
    for (auto& n : lengths) n = random.below(4) == 0 ? 0 : random.below(50);
    const PackedLayout layout(lengths);
    for (const std::size_t parts : {1U, 2U, 3U, 8U, 50U}) {
      std::size_t next = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        const IndexRange rows = kernels::rows_of_part(layout.view(), parts, part);
        REQUIRE(rows.begin == next);
        REQUIRE(rows.end >= rows.begin);
        next = rows.end;
        std::size_t tokens = 0;
        for (std::size_t r = rows.begin; r < rows.end; ++r) tokens += layout.length(r);
        REQUIRE(tokens <= layout.tokens() / parts + layout.steps() + 1);
      }
      REQUIRE(next == layout.sequences());
    }
  }
}

TEST_CASE("arguments: every gate of every unit has a place of its own, and kernels' structs hold no code") {
  const kernels::GateShape shape{3, 11, 4, 3};
  CHECK(shape.padded_hidden() == 12);
  CHECK(shape.panel_row() == 16);
  CHECK(shape.gate_row() == 48);
  std::vector<int> seen(shape.gate_row());
  std::size_t next = 0;
  shape.for_each_gate([&](std::size_t column, std::size_t row) {
    ++seen[column];
    CHECK(row % 11 == next++ / 4);
    CHECK(column % 16 / 4 == row / 11);
  });
  CHECK(std::count(seen.begin(), seen.end(), 1) == 44);
  CHECK(std::count(seen.begin(), seen.end(), 0) == 4);
  static_assert(std::is_trivially_copyable_v<kernels::LstmForwardArguments<float, bfloat16>>);
  static_assert(std::is_trivially_default_constructible_v<kernels::LstmForwardArguments<float, bfloat16>>);
  static_assert(std::is_trivially_default_constructible_v<kernels::LstmBackwardArguments<double, double>>);
  static_assert(std::is_trivially_default_constructible_v<kernels::LstmPart>);
}

TEST_CASE("arguments: a GRU's gates have four places a unit, of which each matrix has three that run on") {
  const kernels::GateShape input(3, 11, 4, 3, kernels::Gates::gru_input), hidden = input.of_hidden();
  CHECK(input.gate_row() == 48);
  CHECK(input.product_row() == 36);
  const auto columns = [](const kernels::GateShape& shape) {
    std::vector<std::size_t> of_row(33);  // of gates r, z, n
    shape.for_each_gate([&](std::size_t column, std::size_t row) {
      CHECK(column >= shape.columns().begin);
      CHECK(column < shape.columns().end);
      CHECK(column == shape.gate_column(row / 11, row % 11));
      of_row[row] = column;
    });
    return of_row;
  };
  const auto of_input = columns(input), of_hidden = columns(hidden);
  for (std::size_t u = 0; u < 11; ++u) {
    CHECK(of_input[u] == 12 + u);
    CHECK(of_input[11 + u] == 24 + u);
    CHECK(of_input[22 + u] == u);
    CHECK(of_hidden[u] == of_input[u]);
    CHECK(of_hidden[11 + u] == of_input[11 + u]);
    CHECK(of_hidden[22 + u] == 36 + u);
  }
  // Products: panel by panel, the matrix's gates in the order of their places.
  CHECK(input.product_column(2, 5) == 12 + 0 + 1);
  CHECK(input.product_column(0, 5) == 12 + 4 + 1);
  CHECK(hidden.product_column(0, 5) == 12 + 0 + 1);
  CHECK(hidden.product_column(2, 5) == 12 + 8 + 1);
  const kernels::GateShape lstm(3, 11, 4, 3);
  CHECK(lstm.product_row() == lstm.gate_row());
  for (std::size_t g = 0; g < 4; ++g)
    for (std::size_t u = 0; u < 11; ++u) CHECK(lstm.product_column(g, u) == lstm.gate_column(g, u));
  CHECK(lstm.of_hidden().gates == kernels::Gates::lstm);
}
