#include <seqlstm/kernels/gru_backward.hpp>

#include "gru_case.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> void check_backward(const LstmSetup& setup, bool reset_after) {
  GruCase<T> kernel(setup, reset_after);
  kernel.forward();
  kernel.backward();
  auto gradient = reference::GruSequence::zero(setup.input, setup.hidden);
  Difference gates, dx, states, weights, padding;
  const std::size_t padded = kernel.shape.padded_hidden(), hidden = setup.hidden;
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const auto expected = kernel.expected(r, gradient);
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t);
      const auto found = [&](std::size_t place, std::size_t u) {
        return kernel.dgates[token * kernel.shape.gate_row() + place * padded + u];
      };
      for (std::size_t u = 0; u < hidden; ++u) {
        gates.add(found(kernels::gru_r, u), expected.dinput(t, u));
        gates.add(found(kernels::gru_z, u), expected.dinput(t, hidden + u));
        gates.add(found(kernels::gru_n, u), expected.dinput(t, 2 * hidden + u));
        gates.add(found(kernels::gru_m, u),
                  reset_after ? expected.dhidden(t, 2 * hidden + u) : expected.m(t, u));
      }
      for (std::size_t u = hidden; u < padded; ++u)
        for (std::size_t place = 0; place < 4; ++place) padding.add(found(place, u), 0);
      for (std::size_t i = 0; i < setup.input; ++i)
        dx.add(kernel.dx[token * kernel.ldx() + i], expected.dx(t, i));
    }
    for (std::size_t u = 0; u < hidden; ++u) states.add(kernel.dh0[r * padded + u], expected.dh0(0, u));
    for (std::size_t u = hidden; u < padded; ++u) padding.add(kernel.dh0[r * padded + u], 0);
  }
  const auto add = [&](const std::vector<T>& found, const Matrix& expected) {
    REQUIRE(found.size() == expected.data.size());
    for (std::size_t k = 0; k < found.size(); ++k) weights.add(found[k], expected.data[k]);
  };
  INFO(text(setup, reset_after));
  add(kernel.dw_ih, gradient.ih);
  add(kernel.dw_hh, gradient.hh);
  add(kernel.db_ih, gradient.bias_ih);
  add(kernel.db_hh, gradient.bias_hh);
  const double terms = static_cast<double>(setup.input + hidden);
  const double tolerance =
      std::max(std::is_same_v<T, float> ? 1e-5 : 3e-14, 4 * terms * std::numeric_limits<T>::epsilon());
  REQUIRE(gates.worst() <= tolerance);
  REQUIRE(dx.worst() <= tolerance);
  REQUIRE(states.worst() <= tolerance);
  REQUIRE(weights.worst() <= tolerance);
  REQUIRE(padding.worst() == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("gru_backward: every gradient is the textbook's", "", float, double) {
  for_each_gru(check_backward<TestType>);
}

TEMPLATE_TEST_CASE("gru_backward: more tokens than one block of a weight gradient's sum, wide layers", "",
                   float, double) {
  for (const bool reset_after : {true, false}) {
    check_backward<TestType>({3, 5, {300, 280, 7, 270, 0, 1}, true}, reset_after);
    check_backward<TestType>({17, 150, {4, 0, 7, 1, 7, 3, 2, 5, 5}}, reset_after);
  }
}

TEMPLATE_TEST_CASE("gru_backward: same bits for any partition of rows, of panels and of gate columns", "",
                   float, double) {
  for_each_gru_and_wide([](const LstmSetup& setup, bool reset_after) {
    GruCase<TestType> whole(setup, reset_after), parted(setup, reset_after);
    whole.forward();
    whole.backward();
    parted.forward();
    for (const std::size_t parts : {2U, 3U, 8U})
      for (const Cut cut : {Cut::rows, Cut::panels}) {
        parted.backward(parts, parts, cut);
        INFO(text(setup, reset_after)
             << ", parts " << parts << (cut == Cut::rows ? " of rows" : " of panels"));
        REQUIRE(same_bits(whole.dgates, parted.dgates));
        REQUIRE(same_bits(whole.dx, parted.dx));
        REQUIRE(same_bits(whole.dh0, parted.dh0));
        REQUIRE(same_bits(whole.dw_ih, parted.dw_ih));
        REQUIRE(same_bits(whole.dw_hh, parted.dw_hh));
        REQUIRE(same_bits(whole.db_ih, parted.db_ih));
        REQUIRE(same_bits(whole.db_hh, parted.db_hh));
      }
  });
}

TEMPLATE_TEST_CASE("gru_backward: a sequence's gradients do not depend on the batch around it", "", float,
                   double) {
  for (const bool reset_after : {true, false})
    for (const bool reverse : {false, true}) {
      const LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, reverse};
      GruCase<TestType> batch(setup, reset_after);
      batch.forward();
      batch.backward();
      for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
        LstmSetup single = setup;
        single.lengths = {setup.lengths[i]};
        single.records = {i};
        GruCase<TestType> alone(single, reset_after);
        alone.forward();
        alone.backward();
        const std::size_t row = batch.layout.rank(i), padded = batch.shape.padded_hidden();
        for (std::size_t t = 0; t < single.lengths[0]; ++t)
          REQUIRE(std::memcmp(alone.dx.data() + t * alone.ldx(),
                              batch.dx.data() + batch.token(row, t) * batch.ldx(),
                              setup.input * sizeof(TestType)) == 0);
        REQUIRE(std::memcmp(alone.dh0.data(), batch.dh0.data() + row * padded, padded * sizeof(TestType)) ==
                0);
      }
    }
}

TEMPLATE_TEST_CASE("gru_backward: NaN in one sequence stays in its own gradients and shows in the weights'",
                   "", float, double) {
  for (const bool reset_after : {true, false})
    for (const bool reverse : {false, true}) {
      LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}, reverse};
      GruCase<TestType> clean(setup, reset_after);
      setup.nan_record = 3;
      GruCase<TestType> dirty(setup, reset_after);
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
        for (std::size_t t = 0; t < clean.layout.length(r); ++t)
          REQUIRE(std::isnan(dirty.dx[clean.token(r, t) * clean.ldx()]) == bad);
      }
      for (const TestType v : dirty.db_ih) REQUIRE(std::isnan(v));
    }
}
