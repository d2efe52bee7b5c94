// What an application compiles for newer CPUs and isolates: one function in plain types.
#include <seqlstm/nn/dense.hpp>

#include "score.hpp"

double score(const float* values, unsigned long count) {
  using namespace seqlstm;
  std::vector<unsigned long> sizes;  // a function of the standard library that main.cpp holds too
  sizes.resize(count);
  Dense<float> dense(sizes.size(), 1);
  initialize(dense, 1);
  Tape<float> tape(Mode::inference);
  std::vector<float> copy(values, values + count);
  try {
    static_cast<void>(Dense<float>(0, 1));
  } catch (const Error&) {  // errors thrown and caught inside
    return static_cast<double>(dense(tape.leaf({copy.data(), 1, count})).value()(0, 0));
  }
  return 0;
}
