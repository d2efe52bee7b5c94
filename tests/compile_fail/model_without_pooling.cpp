// expect: seqlstm: the model's result has a row per token; pool the steps first: last(), mean() or max()
#include <seqlstm/lstm.hpp>

void train(const seqlstm::TokenDataset& data) {
  auto model = seqlstm::sequential(seqlstm::embedding(4), seqlstm::lstm({.hidden = 8}), seqlstm::dense(1));
  seqlstm::fit(model, data);
}
