// The floors every result is held against: logistic (or least-squares) regression on where letters stand and
// which short words occur, trained with the library's own Dense and fit.
#pragma once

#include <seqlstm/data/features.hpp>

#include "support/data_source.hpp"
#include "support/feature_models.hpp"

namespace examples {

namespace detail {
/// A row of features.fill(sequence, row) for every record.
template <class Features>
seqlstm::FeatureDataset features_of(const seqlstm::LabelledRecords& data, const Features& features) {
  seqlstm::FeatureDataset rows;
  rows.width = features.width();
  rows.labels = data.labels;
  rows.label_width = data.label_width;
  rows.values.resize(data.records.size() * rows.width);
  for (std::size_t i = 0; i < data.records.size(); ++i)
    features.fill(data.records[i].sequence, &rows.values[i * rows.width]);
  return rows;
}
}  // namespace detail

/// Features of DNA: one-hot letters by position (0 positions: none), and counts of 3-mers and 4-mers per 100
/// letters.
class DnaFeatures {
 public:
  explicit DnaFeatures(std::size_t positions) : positions_(positions) {}

  [[nodiscard]] std::size_t width() const { return 4 * positions_ + 64 + 256; }
  [[nodiscard]] seqlstm::FeatureDataset operator()(const seqlstm::LabelledRecords& data) const {
    return detail::features_of(data, *this);
  }
  /// One row, from zeros.
  void fill(const std::string& sequence, float* row) const {
    for (std::size_t t = 0; t < std::min(positions_, sequence.size()); ++t)
      if (const auto id = seqlstm::dna4.id(sequence[t]); id >= 0)
        row[4 * t + static_cast<std::size_t>(id)] = 1;
    count_words(sequence, 3, row + 4 * positions_);
    count_words(sequence, 4, row + 4 * positions_ + 64);
  }

 private:
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

/// Features of proteins: the share of each of the 20 amino acids, the length's logarithm, and (pairs) the
/// shares of neighbours.
class ProteinFeatures {
 public:
  explicit ProteinFeatures(bool pairs) : pairs_(pairs) {}

  [[nodiscard]] std::size_t width() const { return pairs_ ? 421 : 21; }
  [[nodiscard]] seqlstm::FeatureDataset operator()(const seqlstm::LabelledRecords& data) const {
    return detail::features_of(data, *this);
  }
  /// Shares in units of 1/20, the length in units of 200, so that weights of one size count alike.
  void fill(const std::string& sequence, float* row) const {
    const float one = 1.0F / static_cast<float>(std::max<std::size_t>(1, sequence.size()));
    row[20] = std::log(static_cast<float>(std::max<std::size_t>(1, sequence.size())) / 200.0F);
    auto before = seqlstm::Alphabet::none;
    for (const char letter : sequence) {
      const auto id = seqlstm::aa20.id(letter);
      if (id != seqlstm::Alphabet::none) row[id] += 20 * one;
      if (pairs_ && id != seqlstm::Alphabet::none && before != seqlstm::Alphabet::none)
        row[21 + 20 * before + id] += 20 * one;  // rare: not 400, which would drown the others
      before = id;
    }
  }

 private:
  bool pairs_;
};

/// Trains the linear model once per strength of weight decay, keeps the best on validation, reports on test.
template <class Features>
Baseline linear_floor(std::string name, const Parts& parts, const TaskPlan& of_network,
                      const Features& features) {
  const TaskPlan plan = of_network.plain();
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
  return baseline_of(std::move(name), plan, *best, test, parts.test.label_names);
}

}  // namespace examples
