#include <cmath>
#include <limits>
#include <seqlstm/core/random.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <sstream>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Numbers = std::vector<double>;
using Classes = std::vector<std::int32_t>;
using Offsets = std::vector<std::size_t>;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Probabilities and labels of some records; every fifth label is not known.
struct Case {
  std::size_t cols;
  Numbers labels, probabilities;
  Offsets offsets = {0};

  Case(std::size_t columns, bool all_known = false) : cols(columns) {
    RandomStream random(columns);
    const std::size_t classes = std::max<std::size_t>(2, cols);
    for (const std::size_t length : {30U, 0U, 1U, 24U}) {
      for (std::size_t i = 0; i < length; ++i) {
        const std::size_t label = i / 4 % classes;
        for (std::size_t c = 0; c < cols; ++c)
          probabilities.push_back((random.uniform() + (label == (cols == 1 ? 1 : c) ? 0.5 : 0)) / 1.5);
        labels.push_back(all_known || i % 5 != 3 ? static_cast<double>(label) : unknown);
      }
      offsets.push_back(labels.size());
    }
  }
  [[nodiscard]] ConstMatrixView<double> view() const { return {probabilities.data(), labels.size(), cols}; }
  [[nodiscard]] PositionResults results() const { return {labels, view(), offsets, {}}; }
};

/// The positions of a case whose label is known, one after the other.
struct Known {
  Numbers labels, probabilities;
  explicit Known(const Case& c) {
    for (std::size_t i = 0; i < c.labels.size(); ++i) {
      if (std::isnan(c.labels[i])) continue;
      labels.push_back(c.labels[i]);
      for (std::size_t k = 0; k < c.cols; ++k) probabilities.push_back(c.probabilities[i * c.cols + k]);
    }
  }
};

/// One-hot probabilities of class indices.
Numbers one_hot(const Classes& classes, std::size_t count) {
  Numbers rows(classes.size() * count);
  for (std::size_t i = 0; i < classes.size(); ++i) rows[i * count + static_cast<std::size_t>(classes[i])] = 1;
  return rows;
}

}  // namespace

TEST_CASE("positions: the report of the positions whose label is known") {
  for (const bool all_known : {false, true})
    for (const std::size_t cols : {1U, 2U, 4U}) {
      INFO(cols << " columns");
      const Case c(cols, all_known);
      const Known known(c);
      const Report expected = classification_report(
          known.labels, {known.probabilities.data(), known.labels.size(), cols}, {"a", "b"});
      const Report report = position_report(c.results(), {"a", "b"});
      CHECK(report.metrics == expected.metrics);
      CHECK(report.label_names == expected.label_names);
      CHECK(report.undefined == expected.undefined);
      CHECK(report.confusion.total() == known.labels.size());
      CHECK(f1(report.confusion, Average::macro) == f1(expected.confusion, Average::macro));
    }
}

TEST_CASE("positions: rows of a wider matrix are read where they are") {
  const Case c(3, true);
  Numbers wide(c.labels.size() * 5, 9.0);
  for (std::size_t i = 0; i < c.labels.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) wide[i * 5 + k] = c.probabilities[i * 3 + k];
  auto results = c.results();
  results.probabilities = {wide.data(), c.labels.size(), 3, 5};
  CHECK(position_report(results).metrics == position_report(c.results()).metrics);
}

TEST_CASE("positions: decoded classes decide, probabilities rank") {
  const Case c(4);
  auto results = c.results();
  Classes decoded;
  for (std::size_t i = 0; i < c.labels.size(); ++i) decoded.push_back(static_cast<std::int32_t>(i / 5 % 4));
  const Report likeliest = position_report(results);
  results.decoded = decoded;
  const Report report = position_report(results, {}, {.sov = true});
  // The same counts as of one-hot probabilities, the same ranking as without decoded classes.
  const auto certain = one_hot(decoded, 4);
  auto of_decoded = c.results();
  of_decoded.probabilities = {certain.data(), decoded.size(), 4};
  const Report expected = position_report(of_decoded, {}, {.sov = true});
  for (const char* name : {"accuracy", "precision", "recall", "f1", "mcc", "sov"})
    CHECK(report[name] == expected[name]);
  for (const char* name : {"roc_auc", "pr_auc"}) CHECK(report[name] == likeliest[name]);
  CHECK(report["accuracy"] != likeliest["accuracy"]);
  const auto classes = position_class_metrics(results), counts = position_class_metrics(of_decoded),
             ranks = position_class_metrics(c.results());
  REQUIRE(classes.size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(classes[k].precision == counts[k].precision);
    CHECK(classes[k].recall == counts[k].recall);
    CHECK(classes[k].f1 == counts[k].f1);
    CHECK(classes[k].roc_auc == ranks[k].roc_auc);
    CHECK(classes[k].recall == recall(report.confusion, k));
    CHECK(classes[k].members == report.confusion.support(k));
  }
}

TEST_CASE("positions: of one column decoded classes decide too") {
  const Numbers labels = {0, 1, unknown, 1}, probabilities = {0.1, 0.2, 0.9, 0.8};
  const Classes decoded = {0, 1, 7, 1};  // 7 is nowhere read
  PositionResults results{labels, {probabilities.data(), 4, 1}};
  CHECK(position_report(results)["accuracy"] == Approx(2 / 3.0).epsilon(1e-15));
  CHECK(position_class_metrics(results)[0].recall == 0.5);
  results.decoded = decoded;
  CHECK(position_report(results)["accuracy"] == 1);
  REQUIRE(position_class_metrics(results, {"no", "yes"}).size() == 1);
  CHECK(position_class_metrics(results, {"no", "yes"})[0].name == "yes");
  CHECK(position_class_metrics(results)[0].recall == 1);
  CHECK(position_class_metrics(results)[0].members == 2);
}

TEST_CASE("positions: metrics of classes are those of the known positions") {
  for (const std::size_t cols : {1U, 3U}) {
    const Case c(cols);
    const Known known(c);
    const auto found = position_class_metrics(c.results(), {"a"}),
               expected = per_class_metrics(known.labels,
                                            {known.probabilities.data(), known.labels.size(), cols}, {"a"});
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      CHECK(found[k].name == expected[k].name);
      CHECK(found[k].members == expected[k].members);
      CHECK(found[k].precision == expected[k].precision);
      CHECK(found[k].f1 == expected[k].f1);
      CHECK(found[k].roc_auc == expected[k].roc_auc);
    }
  }
}

TEST_CASE("positions: segments are of records, and end where a label is not known") {
  const Case c(3);
  Classes observed, predicted;
  for (std::size_t i = 0; i < c.labels.size(); ++i) {
    const auto row = c.view().row(i);
    observed.push_back(std::isnan(c.labels[i]) ? -1 : static_cast<std::int32_t>(c.labels[i]));
    predicted.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  const auto expected = segment_overlap(observed, predicted, 3, c.offsets);
  const auto found = position_overlap(c.results());
  CHECK(found.by_class == expected.by_class);
  CHECK(found.all == expected.all);
  CHECK(found.mean_of_records == expected.mean_of_records);
  CHECK(position_report(c.results(), {}, {.sov = true})["sov"] == expected.all);
  CHECK_THROWS_AS(position_report(c.results())["sov"], option_error);
  const auto scores = position_segment_f1(c.results(), {.min_overlap = 1});
  CHECK(scores.by_class == segment_f1(observed, predicted, 3, c.offsets, {.min_overlap = 1}).by_class);
  auto one_record = c.results();
  one_record.offsets = {};
  CHECK(position_overlap(one_record).all == segment_overlap(observed, predicted, 3).all);
}

TEST_CASE("positions: without curves nothing is said of them") {
  const Numbers labels = {0, 0, 2, unknown},
                probabilities = {0.8, 0.1, 0.1, 0.7, 0.2, 0.1, 0.6, 0.2, 0.2, 1, 0, 0};
  const PositionResults results{labels, {probabilities.data(), 4, 3}};
  const Report with = position_report(results), without = position_report(results, {}, {.curves = false});
  REQUIRE(without.metrics.size() == 5);
  for (const auto& [name, value] : without.metrics) CHECK(value == with[name]);
  CHECK(without.undefined ==
        std::vector<std::string>{
            "class 1 has no members and was never predicted: precision, recall and f1 leave it out",
            "class 2 was never predicted: precision counts as 0",
            "one class only was predicted: mcc counts as 0"});
  CHECK(with.undefined[0] ==
        "class 1 has no members and was never predicted: precision, recall and f1 leave it out, pr_auc "
        "counts as 0, "
        "roc_auc is not defined");
  const Numbers none = {0, 0}, one_column = {0.1, 0.7}, low = {0.1, 0.2};
  CHECK(position_report({none, {one_column.data(), 2, 1}}, {}, {.curves = false}).undefined ==
        std::vector<std::string>{"class 1 has no members: recall counts as 0",
                                 "one class only is present: mcc counts as 0"});
  CHECK(position_report({none, {low.data(), 2, 1}}, {}, {.curves = false}).undefined ==
        std::vector<std::string>{
            "class 1 has no members and was never predicted: precision, recall and f1 count as 0",
            "one class only is present: mcc counts as 0"});
  const Numbers ones = {1, 1};
  CHECK(position_report({ones, {low.data(), 2, 1}}, {}, {.curves = false}).undefined ==
        std::vector<std::string>{"class 1 was never predicted: precision counts as 0",
                                 "one class only is present: mcc counts as 0"});
}

TEST_CASE("positions: the report is printed with its SOV") {
  const Numbers labels = {0, 0, 1, 1}, probabilities = {0.1, 0.6, 0.7, 0.8};
  std::ostringstream out;
  out << position_report({labels, {probabilities.data(), 4, 1}}, {"loop", "helix"},
                         {.sov = true, .curves = false});
  CHECK_THAT(out.str(), ContainsSubstring("mcc            0.5774\nsov            0.7500\n"));
  CHECK_THAT(out.str(), ContainsSubstring("precision, recall and f1 are of class 'helix'"));
}

TEST_CASE("positions: numbers where there is one to compare with") {
  const Numbers labels = {1, unknown, 2, 4, unknown}, predicted = {1.5, 7, 2, unknown, unknown};
  const Numbers known = {1, 2}, said = {1.5, 2};
  CHECK(position_regression_report(std::span(labels).first(3), std::span(predicted).first(3)).metrics ==
        regression_report(known, said).metrics);
  CHECK(std::isnan(position_regression_report(labels, predicted)["mse"]));  // a prediction that is no number
  CHECK(message_of<shape_error>([&] { (void)position_regression_report(labels, known); }) ==
        "position report: 5 labels and 2 predictions, expected as many of each");
  CHECK(message_of<shape_error>([&] {
          (void)position_regression_report(Numbers{unknown, unknown}, Numbers{1, 2});
        }) == "position report: none of 2 labels counts, expected at least one that is not NaN");
}

TEST_CASE("positions: what does not fit is named, with its position") {
  const Numbers labels = {unknown, 0, 2}, probabilities = {0.5, 0.5, 0.9, 0.1, 0.2, 0.8};
  const ConstMatrixView<double> two(probabilities.data(), 3, 2);
  CHECK(
      message_of<option_error>([&] {
        (void)position_report({labels, two});
      }) ==
      "position report: the label of position 2 is 2, expected a whole number from 0 to 1, or NaN where the "
      "position does not count");
  for (const double wrong : {-1.0, 0.5, 1e300, -std::numeric_limits<double>::infinity()}) {
    const Numbers some = {0, 1, wrong};
    CHECK_THROWS_AS(position_report({some, two}), option_error);
    CHECK_THROWS_AS(position_overlap({some, two}), option_error);
  }
  const Numbers known = {unknown, 0, 1};
  const Classes decoded = {0, 2, 1}, negative = {0, 0, -1}, few = {0, 1};
  CHECK(message_of<option_error>([&] {
          (void)position_report({known, two, {}, decoded});
        }) == "position report: the decoded class of position 1 is 2, expected a whole number from 0 to 1");
  CHECK_THROWS_AS(position_report({known, two, {}, negative}), option_error);
  CHECK(message_of<shape_error>([&] {
          (void)position_report({known, two, {}, few});
        }) ==
        "position report: 3 labels, probabilities 3x2 and 2 decoded classes, expected a row for each label, "
        "and as many decoded classes or none");
  CHECK_THROWS_AS(position_report({std::span(known).first(2), two}), shape_error);
  CHECK_THROWS_AS(position_report({known, {probabilities.data(), 3, 0}}), shape_error);
  const Offsets offsets = {0, 2};
  CHECK(
      message_of<shape_error>([&] {
        (void)position_report({known, two, offsets});
      }) ==
      "position report: 2 offsets from 0 to 2, expected numbers that rise from 0 to 3, the number of labels, "
      "or none for one record");
  const Numbers nothing(3, unknown);
  CHECK(message_of<shape_error>([&] {
          (void)position_report({nothing, two});
        }) == "position report: none of 3 labels counts, expected at least one that is not NaN");
  CHECK_THROWS_AS(position_report({}), shape_error);
  const Numbers broken = {0.5, 0.5, 0.9, 0.1, unknown, 0.8};
  CHECK(message_of<numeric_error>([&] {
          (void)position_report({known, {broken.data(), 3, 2}});
        }) ==
        "classification report: the probability in row 2, column 0 is NaN; look for NaN in the model's "
        "weights");
}
