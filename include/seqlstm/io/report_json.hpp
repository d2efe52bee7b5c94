// Results as JSON: metrics, confusion, classes, baselines, epochs, audits, language models.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/language_model.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Metrics by name; null for one that is no number.
inline void to_json(nlohmann::json& j, const Report& report) {
  j = nullptr;
  for (const auto& [name, value] : report.metrics) j[name] = value;
}
/// Rows of counts: truth by prediction.
inline void to_json(nlohmann::json& j, const ConfusionMatrix& matrix) {
  j = nlohmann::json::array();
  for (std::size_t r = 0; r < matrix.classes(); ++r) {
    auto row = nlohmann::json::array();
    for (std::size_t c = 0; c < matrix.classes(); ++c) row.push_back(matrix(r, c));
    j.push_back(row);
  }
}
/// "class", "members", "precision", "recall", "f1", "roc_auc".
inline void to_json(nlohmann::json& j, const ClassMetrics& one) {
  j = {{"class", one.name},    {"members", one.members}, {"precision", one.precision},
       {"recall", one.recall}, {"f1", one.f1},           {"roc_auc", one.roc_auc}};
}
/// "epoch", "train_loss", "valid", "learning_rate", "seconds".
inline void to_json(nlohmann::json& j, const EpochReport& epoch) {
  j = {{"epoch", epoch.epoch},
       {"train_loss", epoch.train_loss},
       {"valid", epoch.valid},
       {"learning_rate", epoch.learning_rate},
       {"seconds", epoch.seconds}};
}

namespace io {

/// What a training and its test part gave: "metrics", "floor" (the first baseline's, or an empty report's),
/// "positive_class" (that precision, recall, f1 and pr_auc are of), "confusion", "seconds_per_epoch",
/// "tokens_per_second", "epochs" and, of undefined metrics, "notes". Without history the speed is null.
inline nlohmann::json result_json(const Report& test, const Report& baseline, const FitResult& fitted) {
  nlohmann::json out = {{"metrics", test},
                        {"floor", baseline},
                        {"positive_class", nullptr},
                        {"confusion", test.confusion},
                        {"seconds_per_epoch", nullptr},
                        {"tokens_per_second", nullptr},
                        {"epochs", nlohmann::json::array()}};
  if (const std::string positive = test.positive_class(); !positive.empty()) out["positive_class"] = positive;
  if (!test.undefined.empty()) out["notes"] = test.undefined;
  if (fitted.history.empty()) return out;  // of a loaded model
  out["seconds_per_epoch"] = fitted.seconds_per_epoch;
  out["tokens_per_second"] = fitted.tokens_per_second;
  out["epochs"] = fitted.history;
  return out;
}

#if !defined(_WIN32)
/// Keys name the threshold, and identity only where sequences were aligned.
inline void to_json(nlohmann::json& j, const Audit& audit) {
  j = {{"method", audit.method()},
       {"sequences", audit.relatives.size()},
       {"copies_not_found", audit.copies},
       {"found_only_unmasked", audit.repetitive},
       {"threshold", audit.threshold},
       {(audit.aligned ? "above_" : "kmers_above_") + audit.percent() + "_percent", audit.leaks()}};
  for (const auto& band : audit.bands())
    j["bands"].push_back({{"low", band.low},
                          {"high", band.high},
                          {"sequences", band.rows.size()},
                          {"coverage", mean_coverage(audit, band.rows)}});
}
#endif

/// Of a language model of sequences, beside someone who guesses.
inline nlohmann::json score_json(const LanguageScore& score, const Tokenizer& tokenizer) {
  return {{"loss", score.loss},
          {"bits_per_base", score.bits_per_letter(tokenizer.new_letters())},
          {"baseline_bits_per_base", informed_random_bits(tokenizer)},
          {"perplexity", score.perplexity()},
          {"accuracy", score.accuracy},
          {"tokens", score.tokens}};
}

}  // namespace io

SEQLSTM_NAMESPACE_END
