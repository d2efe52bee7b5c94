#include <seqlstm/kernels/lstm_backward.hpp>

#include "lstm_checks.hpp"

using namespace seqlstm;
using namespace testing;

TEMPLATE_TEST_CASE("lstm_backward: every gradient is the textbook's", "", float, double) {
  for_each_setup([](const LstmSetup& setup) {
    LstmCase<TestType> kernel(setup);
    kernel.forward();
    kernel.backward();
    check_gradients(kernel, std::is_same_v<TestType, float> ? 1e-5 : 3e-14);
  });
}

TEMPLATE_TEST_CASE("lstm_backward: more tokens than one block of a weight gradient's sum", "", float,
                   double) {
  for (const bool reverse : {false, true}) {
    LstmCase<TestType> kernel({3, 5, {300, 280, 7, 270, 0, 1}, reverse});
    kernel.forward();
    kernel.backward();
    check_gradients(kernel, std::is_same_v<TestType, float> ? 1e-5 : 3e-14);
  }
}

TEMPLATE_TEST_CASE("lstm_backward: same bits for any partition of rows, of panels and of gate columns", "",
                   float, double) {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    LstmCase<TestType> whole(setup), parted(setup);
    whole.forward();
    whole.backward();
    parted.forward();
    for (const std::size_t parts : {2U, 3U, 8U})
      for (const Cut cut : {Cut::rows, Cut::panels}) {
        parted.backward(parts, parts, cut);
        INFO(text(setup) << ", parts " << parts << (cut == Cut::rows ? " of rows" : " of panels"));
        REQUIRE(same_gradients(whole, parted));
      }
  });
}

TEMPLATE_TEST_CASE("lstm_backward: a sequence's gradients do not depend on the batch around it", "", float,
                   double) {
  for (const bool reverse : {false, true}) {
    const LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, reverse};
    LstmCase<TestType> batch(setup);
    batch.forward();
    batch.backward();
    for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
      LstmSetup single = setup;
      single.lengths = {setup.lengths[i]};
      single.records = {i};
      LstmCase<TestType> alone(single);
      alone.forward();
      alone.backward();
      const std::size_t row = batch.layout.rank(i), padded = batch.shape.padded_hidden();
      for (std::size_t t = 0; t < single.lengths[0]; ++t)
        REQUIRE(std::memcmp(alone.dx.data() + t * alone.ldx(),
                            batch.dx.data() + batch.token(row, t) * batch.ldx(),
                            setup.input * sizeof(TestType)) == 0);
      REQUIRE(std::memcmp(alone.dh0.data(), batch.dh0.data() + row * padded, padded * sizeof(TestType)) == 0);
      REQUIRE(std::memcmp(alone.dc0.data(), batch.dc0.data() + row * padded, padded * sizeof(TestType)) == 0);
    }
  }
}

TEMPLATE_TEST_CASE("lstm_backward: NaN in one sequence stays in its own gradients and shows in the weights'",
                   "", float, double) {
  for (const bool reverse : {false, true}) {
    LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}, reverse};
    LstmCase<TestType> clean(setup);
    setup.nan_record = 3;
    LstmCase<TestType> dirty(setup);
    for (auto* kernel : {&clean, &dirty}) {
      kernel->forward();
      kernel->backward();
    }
    for (std::size_t r = 0; r < clean.batch(); ++r) {
      const bool bad = clean.layout.record(r) == 3;
      for (std::size_t u = 0; u < setup.hidden; ++u) {
        const std::size_t k = r * clean.shape.padded_hidden() + u;
        REQUIRE(std::isnan(dirty.dh0[k]) == bad);
        if (!bad) REQUIRE(dirty.dh0[k] == clean.dh0[k]);
      }
      for (std::size_t t = 0; t < clean.layout.length(r); ++t) {
        const std::size_t k = clean.token(r, t) * clean.ldx();
        REQUIRE(std::isnan(dirty.dx[k]) == bad);
      }
    }
    for (const TestType v : dirty.db) REQUIRE(std::isnan(v));
  }
}
