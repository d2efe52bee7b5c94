// What a network makes of a sequence: one row of numbers, for models and plots of other kinds.
#pragma once

#include <seqlstm/data/features.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A network whose output is the mean of its states over the sequence.
template <class States> struct MeanOfStates {
  States states;
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
    return mean(states(tape, batch));
  }
};

}  // namespace detail

/// For every row the mean of its tokens' states. `states(tape, batch)` is the SeqVar of a network's, as in
/// `mean_states([&](auto& tape, const auto& batch) { return net.states(tape, batch); }, data)`. Labels stay
/// with the data, which is copied without them where it has some.
template <class States> FeatureDataset mean_states(States states, const SequenceDataset& data) {
  if (data.label_width > 0) {
    SequenceDataset unlabelled = data;
    unlabelled.labels.clear();
    unlabelled.label_width = 0;
    return mean_states(std::move(states), unlabelled);
  }
  const detail::MeanOfStates<States> model{std::move(states)};
  const auto rows = predict(model, data, mse(), {.max_tokens = std::size_t{1} << 15U, .shuffle = false});
  FeatureDataset features;
  features.width = rows.cols;
  features.values.reserve(rows.values.size());
  for (const double value : rows.values) features.values.push_back(static_cast<float>(value));
  return features;
}

SEQLSTM_NAMESPACE_END
