// expect: seqlstm: this layer takes one row per token, but the steps before it were pooled already
#include <seqlstm/lstm.hpp>

void train(const seqlstm::SequenceDataset& data) {
  auto model = seqlstm::sequential(seqlstm::embedding(4), seqlstm::mean(), seqlstm::lstm({.hidden = 8}),
                                   seqlstm::last(), seqlstm::dense(1));
  seqlstm::fit(model, data);
}
