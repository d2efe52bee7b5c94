#include <seqlstm/io/report_json.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("report json: what a training and its test part gave") {
  const std::vector<double> labels = {0, 1, 1}, probabilities = {0.2, 0.7, 0.4};
  const auto test = classification_report(labels, {probabilities.data(), 3, 1}, {"no", "yes"});
  FitResult fitted;
  fitted.history.push_back(
      {.epoch = 1, .train_loss = 0.5, .learning_rate = 0.01, .seconds = 2, .valid = test});
  fitted.tokens_per_second = 100;
  fitted.seconds_per_epoch = 2;
  const auto json = io::result_json(test, {}, fitted);
  CHECK(json["metrics"]["accuracy"] == test["accuracy"]);
  CHECK(json["floor"].is_null());
  CHECK(json["positive_class"] == "yes");
  CHECK(json["confusion"] == nlohmann::json::parse("[[1,0],[1,1]]"));
  CHECK(json["tokens_per_second"] == 100);
  REQUIRE(json["epochs"].size() == 1);
  CHECK(json["epochs"][0]["train_loss"] == 0.5);
  CHECK(json["epochs"][0]["valid"]["mcc"] == test["mcc"]);
  const auto loaded = io::result_json(test, test, {});
  CHECK(loaded["seconds_per_epoch"].is_null());
  CHECK(loaded["epochs"].empty());
  CHECK(loaded["floor"]["accuracy"] == test["accuracy"]);
}

TEST_CASE("report json: metrics that are no numbers are null, and what was undefined is noted") {
  const std::vector<double> labels = {1, 1}, probabilities = {0.7, 0.4};
  const auto one_class = classification_report(labels, {probabilities.data(), 2, 1}, {"no", "yes"});
  const auto json = io::result_json(one_class, {}, {});
  CHECK(std::isnan(one_class["roc_auc"]));
  CHECK(nlohmann::json::parse(json.dump())["metrics"]["roc_auc"].is_null());
  CHECK(json["notes"].size() == one_class.undefined.size());
}

TEST_CASE("report json: classes, audits and language models") {
  const std::vector<ClassMetrics> classes = {{"a", 3, 0.5, 0.25, 0.75, 1}};
  CHECK(nlohmann::json(classes) ==
        nlohmann::json::parse(
            R"([{"class":"a","members":3,"precision":0.5,"recall":0.25,"f1":0.75,"roc_auc":1.0}])"));
  io::Audit audit;
  audit.relatives = {{0.2, 0, 1}, {0.9, 0.5, 2}};
  const nlohmann::json json = audit;
  CHECK(json["sequences"] == 2);
  CHECK(json["kmers_above_30_percent"] == 1);
  CHECK(json["bands"].size() == audit.bands().size());
  LanguageScore score;
  score.loss = std::log(2.0);
  score.tokens = 10;
  const auto language = io::score_json(score, Tokenizer(dna4, {.k = 3, .stride = 2}));
  CHECK(language["bits_per_base"] == 0.5);
  CHECK(language["baseline_bits_per_base"] == 2);
  CHECK(language["perplexity"] == Approx(2));
}
