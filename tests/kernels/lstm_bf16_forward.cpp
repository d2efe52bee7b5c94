#include <seqlstm/kernels/lstm_bf16_forward.hpp>

#include "lstm_checks.hpp"
#include "matrix_units.hpp"

using namespace seqlstm;
using namespace testing;

using Case = LstmCase<float, kernels::TileKernels>;

namespace {

/// Every step is the textbook's with rounded factors, from the state that the kernels left in the step
/// before: over many steps a state that falls to the other side of a rounding would go its own way.
void check_each_step(const Case& kernel) {
  const LstmSetup& setup = kernel.setup;
  const kernels::PreviousToken previous{kernel.layout.view(), setup.reverse};
  Difference y, c, gates, padding;
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const Matrix in = kernel.inputs(r);
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t), before = previous(t, r),
                        padded = kernel.shape.padded_hidden();
      Matrix x(1, setup.input), h = kernel.state(r, 1), state = kernel.state(r, 2);
      for (std::size_t i = 0; i < setup.input; ++i) x(0, i) = in(t, i);
      for (std::size_t u = 0; before != kernels::PreviousToken::none && u < setup.hidden; ++u) {
        h(0, u) = double{kernel.y[before * kernel.ldy() + u]};
        state(0, u) = double{kernel.c[before * padded + u]};
      }
      reference::LstmSequence expected;
      expected.factor = Case::rounded;
      expected.forward(kernel.weights, x, h, state);
      for (std::size_t u = 0; u < setup.hidden; ++u) {
        y.add(kernel.y[token * kernel.ldy() + u], expected.y(0, u));
        c.add(kernel.c[token * padded + u], expected.c(0, u));
        for (std::size_t g = 0; g < 4; ++g)
          gates.add(kernel.gates[token * kernel.shape.gate_row() + kernel.gate_column(g, u)],
                    expected.gates(0, g * setup.hidden + u));
      }
      for (std::size_t k = setup.hidden; k < kernel.ldy(); ++k)
        padding.add(kernel.y[token * kernel.ldy() + k], 7);
      for (std::size_t u = setup.hidden; u < padded; ++u) padding.add(kernel.c[token * padded + u], 0);
    }
  }
  INFO(text(setup) << ", " << matrix_unit_name());
  // Lookups of two tables round W_ih times each: sums of factors that the reference rounds after adding.
  REQUIRE(y.worst() < (setup.lookup ? 2e-2 : 2e-4));
  REQUIRE(c.worst() < (setup.lookup ? 2e-2 : 2e-4));
  REQUIRE(gates.worst() < (setup.lookup ? 2e-2 : 2.2e-3));  // saved gates are rounded by one in 512
  REQUIRE(padding.worst() == 0);
}

}  // namespace

TEST_CASE("lstm_bf16_forward: every step is the textbook's with rounded factors") {
  for_each_matrix_unit([] {
    for_each_setup_and_wide([](const LstmSetup& setup) {
      Case kernel(setup);
      kernel.forward();
      check_each_step(kernel);
    });
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
        check_each_step(kernel);
      }
  });
}

TEST_CASE("lstm_bf16_forward: inference, any partition and any unit give the same bits") {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    Case whole(setup);
    whole.forward();
    for_each_matrix_unit([&] {
      Case other(setup);  // its weights in the order of the unit
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
  check_alone_as_in_batch<Case>();
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
