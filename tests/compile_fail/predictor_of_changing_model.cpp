// expect: seqlstm: threads share a Predictor's model, so its forward() must be const
#include <seqlstm/infer/predictor.hpp>

struct Net {
  template <class V> void fields(V&) {}
  seqlstm::Var<float> forward(seqlstm::Tape<float>&, const seqlstm::SequenceBatch&);
};

void serve(Net& net) {
  seqlstm::Predictor<Net> predictor(net, seqlstm::mse());
}
