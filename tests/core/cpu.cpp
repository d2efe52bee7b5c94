#include <seqlstm/core/cpu.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("cpu: this one has what the tests were compiled for") {
  CHECK_NOTHROW(require_cpu());
  CHECK(detail::missing_instructions() == nullptr);
}

TEST_CASE("cpu: another gets the first set that it lacks, and what to do") {
  const auto refuse = [] { detail::refuse_cpu("AVX2", true); };
  CHECK(message_of<cpu_error>(refuse).starts_with(
      "this program was compiled for CPUs with AVX2 (" + std::string(arch_name()) +
      "), which this one lacks; compile it on this machine with -march=native"));
}
