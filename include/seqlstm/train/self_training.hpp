// Self-training: what a network says of sequences without a label is what another one learns, as
// probabilities and while its input varies (Xie et al. 2020, noisy student; Lee 2013, pseudo-labels).
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/train/objective.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// At most `most` rows of `unlabelled`, drawn by `key`, with the model's probabilities of class 1 as labels,
/// and `labelled` behind them. More rows of guessed labels take longer and tell little more. Throws
/// option_error for a model of more than one output.
template <class Model>
SequenceDataset pseudo_labelled(Model& model, const SequenceDataset& unlabelled,
                                const SequenceDataset& labelled, const Loss& loss, const RandomKey& key,
                                std::size_t most = 1500) {
  std::vector<std::size_t> rows(unlabelled.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  RandomStream(key).shuffle(rows);
  rows.resize(std::min(rows.size(), most));
  auto guessed = unlabelled.subset(rows);
  auto predictions = predict(model, guessed, loss, prediction_batches(guessed));
  if (predictions.rows > 0 && predictions.cols != 1)
    throw option_error("pseudo_labelled: the model has " + std::to_string(predictions.cols) +
                       " outputs, expected the probability of class 1");
  guessed.labels = std::move(predictions.values);
  guessed.label_width = 1;
  guessed.label_names = labelled.label_names;
  return concat(std::move(guessed), labelled);
}

SEQLSTM_NAMESPACE_END
