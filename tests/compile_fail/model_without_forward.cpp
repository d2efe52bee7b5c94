// expect: seqlstm: a model needs `Var<T> forward(Tape<T>&, const SequenceBatch&)`
#include <seqlstm/infer/predict.hpp>

struct Net {
  template <class V> void fields(V&) {}
};

seqlstm::Predictions judge(Net& net, const seqlstm::SequenceDataset& data) {
  return seqlstm::predict(net, data, seqlstm::mse());
}
