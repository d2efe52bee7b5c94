#include <seqlstm/kernels/lstm_forward.hpp>

#include "lstm_checks.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> void check_forward(const LstmSetup& setup) {
  const double base = std::is_same_v<T, float> ? 3e-6 : 1e-14;
  const auto terms = static_cast<double>(setup.input + setup.hidden);
  LstmCase<T> kernel(setup);
  kernel.forward();
  check_states(kernel, terms < 100 ? base : terms * std::numeric_limits<T>::epsilon());
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_forward: states and gates are the textbook's", "", float, double) {
  for_each_setup([](const LstmSetup& setup) { check_forward<TestType>(setup); });
}

TEMPLATE_TEST_CASE("lstm_forward: layers so wide that sums wait in memory", "", float, double) {
  std::vector<std::size_t> many(70, 1);  // more rows than wait at once
  many[3] = many[7] = 2;
  for (const auto& lengths : {many, {2}, {3, 2, 2}})
    for (const bool lookup : {false, true}) {
      check_forward<TestType>({530, 300, lengths, false, lookup});  // x alone fills the first stretch
      check_forward<TestType>({3, 1061, lengths, true, lookup});
    }
}

TEMPLATE_TEST_CASE("lstm_forward: wide layers give the same bits alone, in parts and in inference", "", float,
                   double) {
  std::vector<std::size_t> lengths(70, 1);
  lengths[3] = 3;  // one active row at the end: its tiles span panels and are not cut
  for (const bool lookup : {false, true})
    for (const std::size_t input : {3U, 1100U}) {
      LstmCase<TestType> whole({input, 790, lengths, false, lookup}),
          other({input, 790, lengths, false, lookup});
      whole.forward();
      other.forward(50);
      CHECK(same_bits(whole.y, other.y));
      CHECK(same_bits(whole.gates, other.gates));
      other.forward(3, false);
      CHECK(same_bits(whole.y, other.y));
      other.forward(3, false, Cut::panels);
      CHECK(same_bits(whole.y, other.y));
    }
}

TEMPLATE_TEST_CASE("lstm_forward: inference gives the training pass' bits and leaves the last c", "", float,
                   double) {
  for_each_setup([](const LstmSetup& setup) {
    LstmCase<TestType> training(setup), inference(setup);
    training.forward();
    inference.forward(1, false);
    INFO(text(setup));
    REQUIRE(same_bits(training.y, inference.y));
    const std::size_t padded = training.shape.padded_hidden();
    for (std::size_t r = 0; r < training.batch(); ++r) {
      const std::size_t length = training.layout.length(r);
      const auto* last = length == 0
                             ? training.c0.data() + r * padded
                             : training.c.data() + training.token(r, setup.reverse ? 0 : length - 1) * padded;
      REQUIRE(std::memcmp(last, inference.c.data() + r * padded, padded * sizeof(TestType)) == 0);
    }
  });
}

TEMPLATE_TEST_CASE("lstm_forward: same bits for any partition of the rows or the panels", "", float, double) {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    LstmCase<TestType> whole(setup), parted(setup);
    whole.forward();
    for (const std::size_t parts : {2U, 3U, 8U})
      for (const Cut cut : {Cut::rows, Cut::panels}) {
        parted.forward(parts, true, cut);
        INFO(text(setup) << ", parts " << parts << (cut == Cut::rows ? " of rows" : " of panels"));
        REQUIRE(same_bits(whole.y, parted.y));
        REQUIRE(same_bits(whole.c, parted.c));
        REQUIRE(same_bits(whole.gates, parted.gates));
      }
  });
}

TEMPLATE_TEST_CASE("lstm_forward: a sequence's bits do not depend on the batch around it", "", float,
                   double) {
  check_alone_as_in_batch<LstmCase<TestType>>();
}

TEMPLATE_TEST_CASE("lstm_forward: NaN in one sequence stays in it", "", float, double) {
  for (const bool reverse : {false, true}) {
    LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}, reverse};
    LstmCase<TestType> clean(setup);
    setup.nan_record = 3;
    LstmCase<TestType> dirty(setup);
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
