#include <seqlstm/kernels/gru_forward.hpp>

#include "gru_case.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> void check_forward(const LstmSetup& setup, bool reset_after, double tolerance) {
  GruCase<T> kernel(setup, reset_after);
  kernel.forward();
  Difference y, gates, padding;
  auto unused = reference::GruSequence::zero(setup.input, setup.hidden);
  const std::size_t padded = kernel.shape.padded_hidden();
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const auto expected = kernel.expected(r, unused);
    const Matrix* places[] = {&expected.n, &expected.r, &expected.z, &expected.m};
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t);
      for (std::size_t u = 0; u < setup.hidden; ++u) {
        y.add(kernel.y[token * kernel.ldy() + u], expected.y(t, u));
        for (std::size_t g = 0; g < 4; ++g)
          gates.add(kernel.gates[token * kernel.shape.gate_row() + g * padded + u], (*places[g])(t, u));
      }
      for (std::size_t k = setup.hidden; k < kernel.ldy(); ++k)
        padding.add(kernel.y[token * kernel.ldy() + k], 7);
    }
  }
  INFO(text(setup, reset_after));
  REQUIRE(y.worst() <= tolerance);
  REQUIRE(gates.worst() <= tolerance);
  REQUIRE(padding.worst() == 0);
}

/// A pass that computes the same bits of y as a whole one, and of the gates where it is a training's.
template <class T> void check_bits(const LstmSetup& setup, bool reset_after) {
  GruCase<T> whole(setup, reset_after), other(setup, reset_after);
  whole.forward();
  for (const std::size_t parts : {1U, 2U, 3U, 8U})
    for (const bool projects : {false, true})
      for (const Cut cut : {Cut::rows, Cut::panels}) {
        INFO(text(setup, reset_after) << ", projects " << projects << ", parts " << parts
                                      << (cut == Cut::rows ? " of rows" : " of panels"));
        other.projects = projects;
        other.forward(parts, true, cut);
        REQUIRE(same_bits(whole.y, other.y));
        REQUIRE(same_bits(whole.gates, other.gates));
        other.forward(parts, false, cut);
        REQUIRE(same_bits(whole.y, other.y));
      }
}

}  // namespace

TEMPLATE_TEST_CASE("gru_forward: states and gates are the textbook's", "", float, double) {
  for_each_gru([](const LstmSetup& setup, bool reset_after) {
    check_forward<TestType>(setup, reset_after, std::is_same_v<TestType, float> ? 3e-6 : 1e-14);
  });
}

TEMPLATE_TEST_CASE("gru_forward: layers so wide that sums wait in memory", "", float, double) {
  std::vector<std::size_t> many(70, 1);  // more rows than wait at once
  many[3] = many[7] = 2;
  for (const auto& lengths : {many, {2}, {3, 2, 2}})
    for (const bool lookup : {false, true})
      for (const LstmSetup& setup :
           {LstmSetup{700, 400, lengths, false, lookup},  // x fills the first stretch
            LstmSetup{3, 1061, lengths, true, lookup}}) {
        for (const bool reset_after : {true, false}) {
          const std::size_t products = reset_after ? 1 : 2;  // one after the other in a step
          const auto terms = static_cast<double>(setup.input + products * setup.hidden);
          check_forward<TestType>(setup, reset_after, terms * std::numeric_limits<TestType>::epsilon());
          check_bits<TestType>(setup, reset_after);
        }
      }
}

TEMPLATE_TEST_CASE("gru_forward: same bits in parts of rows or panels, in inference, with projected inputs",
                   "", float, double) {
  for_each_gru_and_wide(check_bits<TestType>);
}

TEMPLATE_TEST_CASE("gru_forward: more tokens than are projected at once", "", float, double) {
  for (const bool reverse : {false, true})
    check_bits<TestType>({3, 5, {700, 480, 7, 470, 0, 1}, reverse}, true);
}

TEMPLATE_TEST_CASE("gru_forward: a sequence's bits do not depend on the batch around it", "", float, double) {
  for (const bool reset_after : {true, false})
    for (const bool reverse : {false, true})
      for (const bool lookup : {false, true}) {
        const LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, reverse, lookup};
        GruCase<TestType> batch(setup, reset_after);
        batch.forward();
        for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
          LstmSetup single = setup;
          single.lengths = {setup.lengths[i]};
          single.records = {i};
          GruCase<TestType> alone(single, reset_after);
          alone.forward(1, i % 2 == 0);
          for (std::size_t t = 0; t < single.lengths[0]; ++t)
            REQUIRE(std::memcmp(alone.y.data() + t * alone.ldy(),
                                batch.y.data() + batch.token(batch.layout.rank(i), t) * batch.ldy(),
                                setup.hidden * sizeof(TestType)) == 0);
        }
      }
}

TEMPLATE_TEST_CASE("gru_forward: NaN in one sequence stays in it", "", float, double) {
  for (const bool reset_after : {true, false})
    for (const bool reverse : {false, true}) {
      LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}, reverse};
      GruCase<TestType> clean(setup, reset_after);
      setup.nan_record = 3;
      GruCase<TestType> dirty(setup, reset_after);
      clean.forward();
      dirty.forward();
      for (std::size_t r = 0; r < clean.batch(); ++r)
        for (std::size_t t = 0; t < clean.layout.length(r); ++t)
          for (std::size_t u = 0; u < setup.hidden; ++u) {
            const std::size_t k = clean.token(r, t) * clean.ldy() + u;
            // The NaN is at token 0: the last step of the reverse direction.
            if (clean.layout.record(r) == 3 && (!reverse || t == 0)) {
              REQUIRE(std::isnan(dirty.y[k]));
            } else {
              REQUIRE(dirty.y[k] == clean.y[k]);
            }
          }
    }
}
