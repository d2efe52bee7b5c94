// What a network is held against: a simpler model's result on the same test part.
#pragma once

#include <cstdint>
#include <seqlstm/data/features.hpp>
#include <seqlstm/models/feature_models.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/objective.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A simpler model's result.
struct Baseline {
  std::string name;         ///< as a table of results shows it
  Predictions predictions;  ///< of the test part, in the data's own units
  Report report;            ///< on the test part, in the same units
};

/// What a trained model says of a test part that went through objective.learned().
template <class Model, class Dataset>
Baseline baseline_of(std::string name, const Objective& objective, Model& model, const Dataset& test,
                     const std::vector<std::string>& label_names) {
  auto predictions = objective.predict(model, test);
  auto report = objective.evaluate(predictions, objective.original(test.labels), label_names);
  return {std::move(name), std::move(predictions), std::move(report)};
}

/// Three parts as rows of numbers, with labels in the data's own units.
struct FeatureParts {
  FeatureDataset train,  ///< what is learned
      valid,             ///< what chooses among trainings
      test;              ///< what the result is of

  /// Brings each feature to mean 0 and deviation 1 of the training part: for features of several scales.
  void standardize();
};

/// Logistic (or least-squares) regression on rows of numbers, once for each strength of weight decay (0.1 to
/// 3); the one of the lowest validation loss reports on test. With `refit` its decay then learns once more,
/// from training and validation together: beside a network that learned from both. Of the objective its
/// plain() form is learned. Deterministic: a function of the parts and the seed.
Baseline linear_baseline(std::string name, const Objective& objective, const FeatureParts& parts,
                         const std::vector<std::string>& label_names, std::uint64_t seed, bool refit = false);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/baseline.ipp>
#endif
