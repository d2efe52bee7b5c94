// expect: seqlstm: a backward function lives in the tape's arena and is never destroyed
#include <seqlstm/autograd/tape.hpp>

void record(seqlstm::Tape<float>& tape, const std::vector<float>& numbers) {
  tape.record_always([numbers] { static_cast<void>(numbers); });
}
