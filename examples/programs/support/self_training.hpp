// Self-training: what a network says of sequences without a label is what another one learns, as
// probabilities and while its input varies (Xie et al. 2020, noisy student; Lee 2013, pseudo-labels).
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/infer/predict.hpp>

#include "support/task.hpp"

namespace examples {

/// Some of `pool`, drawn by `key`, labelled with the model's probabilities of class 1, and `labelled` behind
/// them. More rows of guessed labels take longer and tell little more.
template <class Model>
seqlstm::TokenDataset self_labelled(Model& model, const seqlstm::TokenDataset& pool,
                                    const seqlstm::TokenDataset& labelled, const seqlstm::Loss& loss,
                                    const seqlstm::RandomKey& key, std::size_t most = 1500) {
  std::vector<std::size_t> rows(pool.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  seqlstm::RandomStream(key).shuffle(rows);
  rows.resize(std::min(rows.size(), most));
  auto guessed = pool.subset(rows);
  guessed.labels = seqlstm::predict_all(model, guessed, loss, batches_to_judge(guessed)).values;
  guessed.label_width = 1;
  guessed.label_names = labelled.label_names;
  return concat(std::move(guessed), labelled);
}

}  // namespace examples
