#include <seqlstm/kernels/lstm_bf16_forward.hpp>

#include "lstm_checks.hpp"
#include "matrix_units.hpp"

using namespace seqlstm;
using namespace testing;

using Case = LstmCase<float, kernels::TileKernels>;

// Both sums round alike, but where they fall to two sides of a number between two bfloat16 ones, h differs by
// one in 256, here times weights as large as 1; saved gates are rounded by one in 512. The rough gate
// functions' errors are far below that.
constexpr double tolerance = 2e-2;

TEST_CASE("lstm_bf16_forward: states and gates are the textbook's with rounded factors") {
  for_each_matrix_unit([] {
    for_each_setup_and_wide([](const LstmSetup& setup) {
      Case kernel(setup);
      kernel.forward();
      check_states(kernel, tolerance);
    });
  });
}

TEST_CASE(
    "lstm_bf16_forward: one step, where nothing can fall to two sides: factors are rounded, sums are not") {
  for_each_matrix_unit([] {
    for (const std::size_t hidden : {1U, 16U, 21U, 33U})
      for (const std::size_t input : {1U, 17U, 40U})
        for (const bool reverse : {false, true}) {
          Case kernel({input, hidden, {1, 0, 1, 1, 1}, reverse});
          kernel.forward();
          check_states(kernel, 2.1e-3);  // of saved gates, which are rounded by one in 512
          Difference y, c, exact;
          auto unused = reference::LstmWeights::zero(input, hidden);
          for (std::size_t r = 0; r < kernel.layout.active(0); ++r) {
            const auto expected = kernel.expected(r, unused);
            for (std::size_t u = 0; u < hidden; ++u) {
              y.add(kernel.y[kernel.token(r, 0) * kernel.ldy() + u], expected.y(0, u));
              c.add(kernel.c[kernel.token(r, 0) * kernel.shape.padded_hidden() + u], expected.c(0, u));
            }
          }
          REQUIRE(y.worst() < 1e-4);
          REQUIRE(c.worst() < 1e-4);
        }
  });
}

TEST_CASE("lstm_bf16_forward: blocks of 32 rows, whole and not") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {15U, 16U, 17U, 31U, 32U, 33U, 49U, 64U, 70U})
      for (const bool reverse : {false, true}) {
        std::vector<std::size_t> lengths(rows, 3);
        for (std::size_t r = 0; r < rows; r += 3) lengths[r] = r % 5;
        Case kernel({37, 40, lengths, reverse});
        kernel.forward();
        check_states(kernel, tolerance);
      }
  });
}

TEST_CASE("lstm_bf16_forward: inference, any partition and any unit give the same bits") {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    Case whole(setup), other(setup);
    whole.forward();
    for_each_matrix_unit([&] {
      INFO(text(setup) << ", " << matrix_unit_name());
      other.forward(1, false);
      REQUIRE(same_bits(whole.y, other.y));
      for (const std::size_t parts : {2U, 3U, 8U})
        for (const Cut cut : {Cut::rows, Cut::panels}) {
          other.forward(parts, true, cut);
          REQUIRE(same_bits(whole.y, other.y));
          REQUIRE(same_bits(whole.c, other.c));
          REQUIRE(std::memcmp(whole.gates.data(), other.gates.data(),
                              whole.tokens() * whole.shape.gate_row() * sizeof(bfloat16)) == 0);
          other.forward(parts, false, cut);
          REQUIRE(same_bits(whole.y, other.y));
        }
    });
  });
}

TEST_CASE("lstm_bf16_forward: a sequence's bits do not depend on the batch around it") {
  for (const bool reverse : {false, true})
    for (const bool lookup : {false, true}) {
      const LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, reverse, lookup};
      Case batch(setup);
      batch.forward();
      for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
        LstmSetup single = setup;
        single.lengths = {setup.lengths[i]};
        single.records = {i};
        Case alone(single);
        alone.forward(1, i % 2 == 0);
        const std::size_t row = batch.layout.rank(i);
        for (std::size_t t = 0; t < single.lengths[0]; ++t)
          REQUIRE(std::memcmp(alone.y.data() + t * alone.ldy(),
                              batch.y.data() + batch.token(row, t) * batch.ldy(),
                              setup.hidden * sizeof(float)) == 0);
      }
    }
}

TEST_CASE("lstm_bf16_forward: NaN and infinity stay in their sequence, denormal numbers are zero") {
  for_each_matrix_unit([] {
    LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}};
    Case clean(setup);
    setup.nan_record = 3;
    Case dirty(setup);
    clean.forward();
    dirty.forward();
    for (std::size_t r = 0; r < clean.batch(); ++r)
      for (std::size_t t = 0; t < clean.layout.length(r); ++t)
        for (std::size_t u = 0; u < setup.hidden; ++u) {
          const std::size_t k = clean.token(r, t) * clean.ldy() + u;
          REQUIRE(std::isnan(dirty.y[k]) == (clean.layout.record(r) == 3));
          if (clean.layout.record(r) != 3) REQUIRE(dirty.y[k] == clean.y[k]);
        }
    setup.nan_record = 99999;
    Case infinite(setup), tiny(setup), zero(setup);
    infinite.x[0] = std::numeric_limits<float>::infinity();
    tiny.x[0] = std::numeric_limits<float>::denorm_min() * 1000;
    zero.x[0] = 0;
    for (auto* kernel : {&infinite, &tiny, &zero}) kernel->forward();
    for (std::size_t k = 0; k < infinite.tokens(); ++k)
      for (std::size_t u = 0; u < setup.hidden; ++u)  // gates saturate, in every step
        REQUIRE(std::abs(infinite.y[k * infinite.ldy() + u]) <= 1);
    CHECK(same_bits(tiny.y, zero.y));
  });
}
