// The floor every result is held against: logistic regression on where letters stand and which short words
// occur, trained with the library's own Dense and fit.
#pragma once

#include <seqlstm/data/features.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/data_source.hpp"

namespace examples {

/// One logit: a weighted sum of the features.
struct LinearModel {
  seqlstm::Dense<float> output;
  explicit LinearModel(std::size_t width) : output(width, 1) {
    for (auto& w : output.weight.edit().row(0)) w = 0;
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
inline seqlstm::Report linear_floor(const Parts& parts, std::size_t positions, std::uint64_t seed) {
  const DnaFeatures features(positions);
  const auto train = features(parts.train), valid = features(parts.valid), test = features(parts.test);
  std::optional<LinearModel> best;
  double best_loss = 0;
  for (const double decay : {0.003, 0.03, 0.3, 3.0}) {
    LinearModel model(features.width());
    seqlstm::fit(model, train, valid,
                 {.optimizer = seqlstm::adamw({.weight_decay = decay}),
                  .schedule = seqlstm::cosine(0.01),
                  .epochs = 25,
                  .seed = seed});
    const double loss = seqlstm::evaluate(model, valid, seqlstm::bce_with_logits())["loss"];
    if (best && !(loss < best_loss)) continue;
    best_loss = loss;
    best.emplace(std::move(model));
  }
  return seqlstm::evaluate(*best, test, seqlstm::bce_with_logits());
}

}  // namespace examples
