#include <seqlstm/core/float_env.hpp>

#include "support/values.hpp"

using namespace seqlstm;

namespace {

/// Whether a denormal result becomes zero now; volatile, so that the compiler cannot know.
bool results_flush() {
  volatile float small = std::numeric_limits<float>::min();
  volatile float half = small * 0.5F;
  return half == 0.0F;
}
bool operands_flush() {
  volatile float denormal = 1e-41F;
  volatile float large = denormal * 1e30F;
  return large == 0.0F;
}

}  // namespace

TEST_CASE("float_env: denormals are flushed while the guard lives and not after") {
  REQUIRE_FALSE(FloatControl::current().flushes());
  CHECK_FALSE(results_flush());
  CHECK_FALSE(operands_flush());
  {
    const FlushDenormals guard;
    CHECK(FloatControl::current().flushes());
    CHECK(results_flush());
    CHECK(operands_flush());
    {
      const FlushDenormals inner;
      CHECK(results_flush());
    }
    CHECK(results_flush());
  }
  CHECK_FALSE(FloatControl::current().flushes());
  CHECK_FALSE(results_flush());
  CHECK_FALSE(operands_flush());
}

TEST_CASE("float_env: an exception restores what was set") {
  const auto fail = [] {
    const FlushDenormals guard;
    throw std::runtime_error("stop");
  };
  CHECK_THROWS(fail());
  CHECK_FALSE(results_flush());
}
