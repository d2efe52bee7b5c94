#include <seqlstm/kernels/lstm_backward.hpp>

#include "lstm_case.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> void check_results(LstmCase<T>& kernel, double tolerance) {
  const LstmSetup& setup = kernel.setup;
  auto gradient = reference::LstmWeights::zero(setup.input, setup.hidden);
  Difference dgates, dx, states, weights, padding;
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const auto expected = kernel.expected(r, gradient);
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t);
      for (std::size_t k = 0; k < 4 * setup.hidden; ++k)
        dgates.add(kernel.dgates[token * kernel.shape.gate_row() +
                                 kernel.gate_column(k / setup.hidden, k % setup.hidden)],
                   expected.dgates(t, k));
      for (std::size_t i = 0; i < setup.input; ++i)
        dx.add(kernel.dx[token * kernel.ldx() + i], expected.dx(t, i));
    }
    const std::size_t padded = kernel.shape.padded_hidden();
    for (std::size_t u = 0; u < setup.hidden; ++u) {
      states.add(kernel.dh0[r * padded + u], expected.dh0(0, u));
      states.add(kernel.dc0[r * padded + u], expected.dc0(0, u));
    }
    for (std::size_t u = setup.hidden; u < padded; ++u) {
      padding.add(kernel.dh0[r * padded + u], 0);
      padding.add(kernel.dc0[r * padded + u], 0);
    }
  }
  for (std::size_t k = 0; k < kernel.dw_ih.size(); ++k) weights.add(kernel.dw_ih[k], gradient.ih.data[k]);
  for (std::size_t k = 0; k < kernel.dw_hh.size(); ++k) weights.add(kernel.dw_hh[k], gradient.hh.data[k]);
  for (std::size_t k = 0; k < kernel.db.size(); ++k) weights.add(kernel.db[k], gradient.bias_ih.data[k]);
  INFO(text(setup));
  REQUIRE(dgates.worst() <= tolerance);
  REQUIRE(dx.worst() <= tolerance);
  REQUIRE(states.worst() <= tolerance);
  REQUIRE(weights.worst() <= tolerance);
  REQUIRE(padding.worst() == 0);
}

template <class T> bool same_results(const LstmCase<T>& a, const LstmCase<T>& b) {
  return same_bits(a.dgates, b.dgates) && same_bits(a.dx, b.dx) && same_bits(a.dh0, b.dh0) &&
         same_bits(a.dc0, b.dc0) && same_bits(a.dw_ih, b.dw_ih) && same_bits(a.dw_hh, b.dw_hh) &&
         same_bits(a.db, b.db);
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_backward: every gradient is the textbook's", "", float, double) {
  for_each_setup([](const LstmSetup& setup) {
    LstmCase<TestType> kernel(setup);
    kernel.forward();
    kernel.backward();
    check_results(kernel, std::is_same_v<TestType, float> ? 1e-5 : 3e-14);
  });
}

TEMPLATE_TEST_CASE("lstm_backward: more tokens than one block of a weight gradient's sum", "", float,
                   double) {
  for (const bool reverse : {false, true}) {
    LstmCase<TestType> kernel({3, 5, {300, 280, 7, 270, 0, 1}, reverse});
    kernel.forward();
    kernel.backward();
    check_results(kernel, std::is_same_v<TestType, float> ? 1e-5 : 3e-14);
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
        REQUIRE(same_results(whole, parted));
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
