#include <seqlstm/kernels/lstm_bf16_backward.hpp>

#include "lstm_checks.hpp"
#include "matrix_units.hpp"

using namespace seqlstm;
using namespace testing;

using Case = LstmCase<float, kernels::TileKernels>;

// As in the forward pass factors may fall to two sides of a rounding, here up to one in 128 of a gate
// gradient, and pass on through the weights of all steps, which are as large as 1.
constexpr double tolerance = 4e-2;

TEST_CASE("lstm_bf16_backward: every gradient is the textbook's with rounded factors") {
  for_each_matrix_unit([] {
    for_each_setup([](const LstmSetup& setup) {
      Case kernel(setup);
      kernel.forward();
      kernel.backward();
      check_gradients(kernel, tolerance);
    });
  });
}

TEST_CASE("lstm_bf16_backward: more tokens than one block of a weight gradient's sum") {
  for (const bool reverse : {false, true}) {
    Case kernel({3, 5, {1500, 1400, 700, 1350, 0, 1}, reverse});
    kernel.forward();
    kernel.backward();
    check_gradients(kernel, tolerance);
  }
}

TEST_CASE("lstm_bf16_backward: same bits for any partition and any unit") {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    Case whole(setup), other(setup);
    whole.forward();
    whole.backward();
    other.forward();
    const auto same = [&] {
      return same_bits(whole.dx, other.dx) && same_bits(whole.dh0, other.dh0) &&
             same_bits(whole.dc0, other.dc0) && same_bits(whole.dw_ih, other.dw_ih) &&
             same_bits(whole.dw_hh, other.dw_hh) && same_bits(whole.db, other.db);
    };
    for_each_matrix_unit([&] {
      for (const std::size_t parts : {1U, 2U, 3U, 8U})
        for (const Cut cut : {Cut::rows, Cut::panels}) {
          other.backward(parts, parts, cut);
          INFO(text(setup) << ", parts " << parts << (cut == Cut::rows ? " of rows, " : " of panels, ")
                           << matrix_unit_name());
          REQUIRE(same());
        }
    });
  });
}

TEST_CASE("lstm_bf16_backward: NaN in one sequence stays in its own gradients and shows in the weights'") {
  for_each_matrix_unit([] {
    LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}};
    setup.nan_record = 3;
    Case dirty(setup);
    dirty.forward();
    dirty.backward();
    for (std::size_t r = 0; r < dirty.batch(); ++r)
      for (std::size_t u = 0; u < setup.hidden; ++u)
        REQUIRE(std::isnan(dirty.dh0[r * dirty.shape.padded_hidden() + u]) == (dirty.layout.record(r) == 3));
    for (const float v : dirty.db) REQUIRE(std::isnan(v));
  });
}
