// What is special about a kind of classifier, and what is told of a trained one.
#pragma once

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <seqlstm/infer/sites.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/train/baseline.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <seqlstm/train/labelled_parts.hpp>
#include <string>
#include <utility>
#include <vector>

namespace examples {

using seqlstm::EncodedParts;
using seqlstm::LabelledParts;

/// What a trained network says of its test part, beside simpler models; or what those of all folds say.
struct Answers {
  LabelledParts parts;
  EncodedParts data;
  seqlstm::Predictions predictions;           ///< of the test part, in the data's own units
  std::vector<seqlstm::PredictedSite> sites;  ///< of the test part, where sites are learned
  std::vector<seqlstm::Baseline> baselines;   ///< the first is the floor; none without a training part
  std::optional<seqlstm::io::Audit> audit;    ///< of relatives in the training part
  seqlstm::Overlap shared;
  nlohmann::json config;  ///< of the network
  std::size_t folds = 1;

  /// Takes the test part of a further fold, whose training and validation parts are of no use any more. What
  /// was chosen differently there is no configuration of all.
  void append(const Answers& fold) {
    ++folds;
    for (auto item = config.begin(); item != config.end();) {
      const auto other = fold.config.find(item.key());
      item = other != fold.config.end() && *other == *item ? std::next(item) : config.erase(item);
    }
    auto& with_sites = data.objective.site_classes;
    for (const std::size_t c : fold.data.objective.site_classes)
      if (!data.objective.has_site(c)) with_sites.push_back(c);
    std::sort(with_sites.begin(), with_sites.end());
    parts.train = parts.valid = {};
    parts.test = parts.test + fold.parts.test;
    data.test.append(fold.data.test);
    predictions.append(fold.predictions);
    sites.insert(sites.end(), fold.sites.begin(), fold.sites.end());
    for (std::size_t b = 0; b < baselines.size(); ++b) {
      auto& baseline = baselines[b];
      baseline.predictions.append(fold.baselines[b].predictions);
      baseline.report =
          data.objective.plain().evaluate(baseline.predictions, parts.test.labels, parts.test.label_names);
    }
    if (audit) {
      audit->relatives.insert(audit->relatives.end(), fold.audit->relatives.begin(),
                              fold.audit->relatives.end());
      audit->repetitive += fold.audit->repetitive;
      audit->copies += fold.audit->copies;
    }
    shared.test_in_train += fold.shared.test_in_train;
  }
};

/// A result about to be told.
struct Evaluated {
  const LabelledParts& parts;
  const EncodedParts& data;
  const seqlstm::Predictions& predictions;  ///< of the test part, in the data's own units
  const seqlstm::Report& report;
  const std::vector<seqlstm::Baseline>& baselines;   ///< the first is the floor; none without a training part
  const std::optional<seqlstm::io::Audit>& audit;    ///< of relatives in the training part
  const std::vector<seqlstm::PredictedSite>& sites;  ///< where sites are learned
  std::size_t folds;  ///< whose test parts these are; their temperatures are applied
};

/// seqlstm::linear_baseline on features of the parts' letters, with `refit` also of validation's.
template <class Features>
seqlstm::Baseline linear_baseline(std::string name, const LabelledParts& parts,
                                  const seqlstm::Objective& objective, const Features& features, bool refit) {
  return seqlstm::linear_baseline(std::move(name), objective,
                                  {features(parts.train), features(parts.valid), features(parts.test)},
                                  parts.test.label_names, parts.seed, refit);
}

/// What is special about a kind of classifier.
class ClassifierKind {
 public:
  explicit ClassifierKind(const char* program) : name(program) {}
  ClassifierKind(const ClassifierKind&) = delete;
  ClassifierKind& operator=(const ClassifierKind&) = delete;
  virtual ~ClassifierKind() = default;

  /// Letters and k-mers.
  [[nodiscard]] virtual seqlstm::Tokenizer tokenizer() const = 0;
  /// Data to run on without files.
  [[nodiscard]] virtual seqlstm::LabelledRecords simulated(std::uint64_t seed) const = 0;
  /// A trained network, chosen on validation; where the fits have ended, the best so far.
  [[nodiscard]] virtual seqlstm::TrainedClassifier train(const EncodedParts& data,
                                                         const seqlstm::FitSeries& fits) const = 0;
  /// How long that is.
  [[nodiscard]] virtual seqlstm::ClassifierPlan plan(const EncodedParts& data) const = 0;
  /// What the JSON says besides the network.
  [[nodiscard]] virtual nlohmann::json config(const EncodedParts& data,
                                              const seqlstm::ClassifierPlan& plan) const = 0;
  /// Models that cannot read in order, on the same test part: the first is the floor. With `refit` they learn
  /// from validation too, as the network did.
  [[nodiscard]] virtual std::vector<seqlstm::Baseline> baselines(const LabelledParts& parts,
                                                                 const EncodedParts& data,
                                                                 bool refit) const = 0;
  /// How the task is learned.
  [[nodiscard]] virtual seqlstm::Objective objective(const LabelledParts& parts) const {
    return seqlstm::objective_for(parts.task, parts.train);
  }
  /// Relatives of the test part, looked for before hours of training.
  [[nodiscard]] virtual std::optional<seqlstm::io::Audit> audit(const LabelledParts& /*parts*/) const {
    return {};
  }
  /// What is said before and after the metrics of the test part, and added to the JSON.
  virtual void report_before(const Evaluated& /*result*/, nlohmann::json& /*json*/) const {}
  virtual void report_after(const Evaluated& /*result*/, nlohmann::json& /*json*/) const {}
  /// Are rows that --train-rows left out of use?
  [[nodiscard]] virtual bool reads_unlabelled() const { return false; }
  /// Is a temperature fitted on validation?
  [[nodiscard]] virtual bool calibrates() const { return false; }

  const char* const name;  ///< the program's, which its model files bear
};

}  // namespace examples
