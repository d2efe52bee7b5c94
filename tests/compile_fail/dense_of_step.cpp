// expect: seqlstm: these numbers are on no tape; write dense(tape.constant(lstm.step(...)))
#include <seqlstm/lstm.hpp>

seqlstm::Var<float> next(seqlstm::Lstm<float>& lstm, seqlstm::Embedding<float>& embedding,
                         seqlstm::Dense<float>& head, seqlstm::LstmStream<float>& stream) {
  const seqlstm::Token letter = 0;
  return head(lstm.step(embedding.at(letter), stream));
}
