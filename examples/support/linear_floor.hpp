// The floor every result is held against: logistic (or least-squares) regression on where letters stand and
// which short words occur, trained with the library's own Dense and fit.
#pragma once

#include <seqlstm/data/features.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/data_source.hpp"

namespace examples {

/// Weighted sums of the features, zero at first.
struct LinearModel {
  seqlstm::Dense<float> output;
  LinearModel(std::size_t width, std::size_t outputs) : output(width, outputs) {
    const auto weights = output.weight.edit();
    std::fill_n(weights.data(), weights.size(), 0.0F);
  }
  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::FeatureBatch& batch) {
    return output(tape.leaf({const_cast<float*>(batch.values.data()), batch.rows, batch.width}));
  }
  template <class V> void fields(V& v) { v("output", output); }
};

/// Features of DNA: one-hot letters by position (0 positions: none), and counts of 3-mers and 4-mers per 100
/// letters.
class DnaFeatures {
 public:
  explicit DnaFeatures(std::size_t positions) : positions_(positions) {}

  [[nodiscard]] std::size_t width() const { return 4 * positions_ + 64 + 256; }
  [[nodiscard]] seqlstm::FeatureDataset operator()(const seqlstm::LabelledRecords& data) const {
    seqlstm::FeatureDataset features;
    features.width = width();
    features.labels = data.labels;
    features.values.resize(data.records.size() * width());
    for (std::size_t i = 0; i < data.records.size(); ++i)
      fill(data.records[i].sequence, &features.values[i * width()]);
    return features;
  }

 private:
  void fill(const std::string& sequence, float* row) const {
    for (std::size_t t = 0; t < std::min(positions_, sequence.size()); ++t)
      if (const auto id = seqlstm::dna4.id(sequence[t]); id >= 0)
        row[4 * t + static_cast<std::size_t>(id)] = 1;
    count_words(sequence, 3, row + 4 * positions_);
    count_words(sequence, 4, row + 4 * positions_ + 64);
  }
  static void count_words(const std::string& sequence, std::size_t k, float* counts) {
    for (std::size_t t = 0; t + k <= sequence.size(); ++t) {
      std::size_t word = 0;
      bool known = true;
      for (std::size_t i = t; i < t + k; ++i) {
        const auto id = seqlstm::dna4.id(sequence[i]);
        known = known && id >= 0;
        word = 4 * word + static_cast<std::size_t>(id >= 0 ? id : 0);
      }
      if (known) counts[word] += 100.0F / static_cast<float>(sequence.size());
    }
  }

  std::size_t positions_;
};

/// Trains the linear model once per strength of weight decay, keeps the best on validation, reports on test.
inline seqlstm::Report linear_floor(const Parts& parts, const TaskPlan& plan, std::size_t positions) {
  const DnaFeatures features(positions);
  const auto train = plan.learned(features(parts.train)), valid = plan.learned(features(parts.valid)),
             test = plan.learned(features(parts.test));
  std::optional<LinearModel> best;
  double best_loss = 0;
  for (const double decay : {0.1, 0.3, 1.0, 3.0}) {
    LinearModel model(features.width(), plan.outputs());
    seqlstm::fit(model, train, valid,
                 {.loss = plan.loss(),
                  .optimizer = seqlstm::adamw({.weight_decay = decay}),
                  .schedule = seqlstm::cosine(0.01),
                  .epochs = 100,  // until the order of the batches hardly matters
                  .seed = parts.seed});
    const double loss = seqlstm::predict_all(model, valid, plan.loss()).loss;
    if (best && !(loss < best_loss)) continue;
    best_loss = loss;
    best.emplace(std::move(model));
  }
  return plan.report(*best, test);
}

}  // namespace examples
