#include <seqlstm/io/report_page.hpp>

#include "plot/markup.hpp"
#include "support/catch.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

LabelledRecords labelled(std::vector<double> labels, std::vector<std::string> names) {
  LabelledRecords data;
  data.records.resize(labels.size());
  data.labels = std::move(labels);
  data.label_names = std::move(names);
  return data;
}

}  // namespace

TEST_CASE("report page: a classifier's has its command, its metrics, its audit and its configuration") {
  const auto test = labelled({0, 1, 1, 0}, {"no", "yes"});
  const Predictions predictions{4, 1, {0.2, 0.7, 0.4, 0.1}, 0.5};
  Objective objective;
  const auto report = objective.evaluate(predictions, test.labels, test.label_names);
  FitResult fitted;
  fitted.history.push_back({.epoch = 1, .train_loss = 0.5, .valid = report});
  const nlohmann::json json = {
      {"config", {{"hidden", 64}}},
      {"leakage",
       {{"method", "identity"},
        {"bands",
         {{{"low", 0.0}, {"high", 0.3}, {"sequences", 3}, {"metrics", {{"mcc", 0.25}}}},
          {{"low", 0.3}, {"high", 1.0}, {"sequences", 1}, {"metrics", nullptr}}}}}}};
  const std::string page =
      io::result_page({"promoters", "promoters --data 'a b.csv'"}, objective, predictions, test, report,
                      {{"linear", predictions, report}}, fitted, json);
  CHECK(markup_fault(page, {"meta"}) == "");
  for (const char* text :
       {"promoters: binary", "4 test sequences.", "linear", "Relatives in the training part", "0 to 30 %",
        "0.25", "30 to 100 %", "&quot;hidden&quot;: 64"})
    CHECK_THAT(page, ContainsSubstring(text));
}

TEST_CASE("report page: of numbers it has a scatter, and no audit where there is none") {
  const auto test = labelled({1.5, 2.5, 3.5}, {});
  const Predictions predictions{3, 1, {1, 2, 4}, 0.5};
  Objective objective;
  objective.task = Task::regression;
  const std::string page = io::result_page({"p", "p"}, objective, predictions, test,
                                           objective.evaluate(predictions, test.labels, {}), {}, {},
                                           {{"config", nlohmann::json::object()}});
  CHECK(markup_fault(page, {"meta"}) == "");
  CHECK_THAT(page, !ContainsSubstring("Relatives in the training part"));
}

TEST_CASE("report page: a language model's has its losses and its speed") {
  const nlohmann::json json = {{"metrics", {{"loss", 1.25}, {"bits", nullptr}}},
                               {"epochs",
                                {{{"epoch", 1}, {"train_loss", 2.0}, {"tokens_per_second", 1000}},
                                 {{"epoch", 2}, {"train_loss", 1.5}, {"tokens_per_second", 1100}}}},
                               {"config", {{"layers", 3}}}};
  const std::string page = io::language_page({"lm", "lm --data x.fa"}, json, [](const nlohmann::json& epoch) {
    return epoch.at("train_loss").get<double>() + 0.1;
  });
  CHECK(markup_fault(page, {"meta"}) == "");
  for (const char* text :
       {"lm --data x.fa", "1.25", "validation", "tokens a second", "&quot;layers&quot;: 3"})
    CHECK_THAT(page, ContainsSubstring(text));
}
