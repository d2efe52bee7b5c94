// expect: seqlstm: this layer takes one row per sequence; pool the steps first: last(), mean() or max()
#include <seqlstm/nn/loss.hpp>

seqlstm::Var<float> loss(const seqlstm::SeqVar<float>& steps, const seqlstm::TokenBatch& batch) {
  return seqlstm::bce_with_logits(steps, batch.labels);
}
