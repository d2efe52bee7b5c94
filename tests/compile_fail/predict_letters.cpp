// expect: seqlstm: a model reads tokens; write predict(model, tokenizer.encode(sequence))
#include <seqlstm/lstm.hpp>

struct Net {
  seqlstm::Embedding<float> embedding{{.vocabulary = 4, .dim = 8}};
  seqlstm::Lstm<float> lstm{{.input = 8, .hidden = 16}};
  seqlstm::Dense<float> head{16, 1};
  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) const {
    return head(last(lstm(tape, embedding(batch))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
};

void answer(Net& net) {
  seqlstm::predict(net, "TTGACA");
}
