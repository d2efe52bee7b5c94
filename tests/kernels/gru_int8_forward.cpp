#include <seqlstm/kernels/gru_int8_forward.hpp>

#include "int8_case.hpp"

using namespace testing;

TEST_CASE("gru_int8_forward: every step is the textbook's with quantised factors") {
  check_int8_steps<true>();
}

TEST_CASE("gru_int8_forward: any partition and any unit give the same bits") {
  check_int8_parts<true>();
}

TEST_CASE("gru_int8_forward: a sequence's bits do not depend on the batch around it, not on NaN beside it") {
  check_int8_batches<true>();
}
