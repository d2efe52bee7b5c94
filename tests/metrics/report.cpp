#include <ctime>
#include <seqlstm/core/random.hpp>
#include <seqlstm/metrics/report.hpp>

#include "metrics/reference.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace metrics_reference;
using support::message_of;

namespace {

using Numbers = std::vector<double>;
using Notes = std::vector<std::string>;

Report report_of(const Numbers& truth, const Numbers& probabilities, std::size_t columns,
                 std::vector<std::string> names = {}) {
  return classification_report(truth, {probabilities.data(), probabilities.size() / columns, columns},
                               std::move(names));
}
std::vector<std::string> names_of(const Report& report) {
  std::vector<std::string> names;
  for (const auto& entry : report.metrics) names.push_back(entry.first);
  return names;
}
std::string text_of(const Report& report) {
  std::ostringstream out;
  out << report;
  return out.str();
}

const std::vector<std::string> classification_names = {"accuracy", "precision", "recall", "f1",
                                                       "mcc",      "roc_auc",   "pr_auc"};

}  // namespace

TEST_CASE("report: scikit-learn's metrics of probabilities, in a fixed order") {
  for (const auto& c : report_cases) {
    INFO(c.name);
    const Report report = report_of(c.truth, c.probabilities, c.columns);
    REQUIRE(names_of(report) == classification_names);
    for (std::size_t i = 0; i < c.metrics.size(); ++i)
      check_same(report.metrics[i].first, report.metrics[i].second, c.metrics[i]);
    CHECK(report.confusion.classes() == std::max<std::size_t>(2, c.columns));
    CHECK(report.confusion.total() == c.truth.size());
  }
}

TEST_CASE("report: scikit-learn's metrics of numbers, in a fixed order") {
  for (const auto& c : regression_cases) {
    INFO(c.name);
    const Report report = regression_report(c.truth, c.predicted);
    REQUIRE(names_of(report) == std::vector<std::string>{"mse", "mae", "r2", "spearman"});
    check_same("mse", report["mse"], c.mse);
    check_same("mae", report["mae"], c.mae);
    check_same("r2", report["r2"], c.r2);
    check_same("spearman", report["spearman"], c.spearman);
    CHECK(report.confusion.classes() == 0);
  }
}

TEST_CASE("report: a metric by name, and which of two values is better") {
  const Report report = report_of({0, 1, 1, 1}, {0.1, 0.2, 0.9, 0.8}, 1);
  CHECK(report["accuracy"] == 0.75);
  CHECK(report["recall"] == Approx(2.0 / 3).epsilon(1e-15));
  CHECK(message_of<option_error>([&] { (void)report["auc"]; }) ==
        "metric 'auc' is not known here; expected one of accuracy, precision, recall, f1, mcc, roc_auc, "
        "pr_auc");
  CHECK(message_of<option_error>([&] { (void)report["acuracy"]; }) ==
        "metric 'acuracy' is not known here; did you mean 'accuracy'? expected one of accuracy, precision, "
        "recall, f1, mcc, roc_auc, pr_auc");
  for (const char* name : {"loss", "mse", "mae"}) CHECK(smaller_is_better(name));
  for (const auto& name : classification_names) CHECK_FALSE(smaller_is_better(name));
  CHECK_FALSE(smaller_is_better("r2"));
  CHECK_FALSE(smaller_is_better("spearman"));
}

TEST_CASE("report: what is not defined is said") {
  CHECK(report_of({0, 1}, {0.1, 0.8}, 1).undefined.empty());
  CHECK(report_of({0, 1, 0}, {0.1, 0.2, 0.3}, 1, {"other", "promoter"}).undefined ==
        Notes{"class promoter was never predicted: precision counts as 0",
              "one class only was predicted: mcc counts as 0"});
  CHECK(report_of({0, 1}, {0.7, 0.8}, 1).undefined == Notes{"one class only was predicted: mcc counts as 0"});
  CHECK(report_of({0, 0}, {0.1, 0.2}, 1).undefined ==
        Notes{"class 1 has no members and was never predicted: precision, recall, f1 and pr_auc count as 0, "
              "roc_auc is not defined",
              "one class only is present: mcc counts as 0"});
  CHECK(report_of({0, 0}, {0.1, 0.7}, 1).undefined ==
        Notes{"class 1 has no members: recall and pr_auc count as 0, roc_auc is not defined",
              "one class only is present: mcc counts as 0"});
  CHECK(report_of({1, 1}, {0.1, 0.7}, 1).undefined ==
        Notes{"every row is class 1: roc_auc is not defined", "one class only is present: mcc counts as 0"});
  CHECK(report_of({0, 2, 2}, {0.6, 0.3, 0.1, 0.1, 0.2, 0.7, 0.5, 0.1, 0.4}, 3).undefined ==
        Notes{"class 1 has no members and was never predicted: precision, recall and f1 leave it out, pr_auc "
              "counts as 0, roc_auc is not defined"});
}

TEST_CASE("report: what is not defined of numbers is said") {
  CHECK(regression_report(Numbers{1, 2}, Numbers{2, 3}).undefined.empty());
  CHECK(regression_report(Numbers{1}, Numbers{2}).undefined ==
        Notes{"one row only: r2 and spearman are not defined"});
  CHECK(regression_report(Numbers{1, 1}, Numbers{2, 2}).undefined ==
        Notes{"every target is the same: r2 counts as 1 if every prediction is exact, else as 0; spearman is "
              "not defined"});
  CHECK(regression_report(Numbers{1, 2}, Numbers{2, 2}).undefined ==
        Notes{"every prediction is the same: spearman is not defined"});
  CHECK(regression_report(Numbers{1, 2}, Numbers{2, not_a_number}).undefined ==
        Notes{"a target or prediction is NaN: so is every metric"});
}

TEST_CASE("report: text for classes") {
  CHECK(text_of(report_of({0, 0, 1, 1}, {0.1, 0.6, 0.7, 0.8}, 1, {"other", "promoter"})) ==
        "accuracy       0.7500\n"
        "precision      0.6667\n"
        "recall         1.0000\n"
        "f1             0.8000\n"
        "mcc            0.5774\n"
        "roc_auc        1.0000\n"
        "pr_auc         1.0000\n"
        "precision, recall, f1 and pr_auc are of class 'promoter'\n"
        "confusion (row: true, column: predicted)\n"
        "             other  promoter\n"
        "other            1         1\n"
        "promoter         0         2\n");
  CHECK(text_of(report_of({1, 1}, {0.1, 0.7}, 1)) ==
        "accuracy       0.5000\n"
        "precision      1.0000\n"
        "recall         0.5000\n"
        "f1             0.6667\n"
        "mcc            0.0000\n"
        "roc_auc           nan\n"
        "pr_auc         1.0000\n"
        "precision, recall, f1 and pr_auc are of class '1'\n"
        "confusion (row: true, column: predicted)\n"
        "   0  1\n"
        "0  0  0\n"
        "1  1  1\n"
        "note: every row is class 1: roc_auc is not defined\n"
        "note: one class only is present: mcc counts as 0\n");
}

TEST_CASE("report: the positive class of two has its name, and names are shown without control characters") {
  CHECK(report_of({0, 1}, {0.1, 0.8}, 1, {"-", "+"}).positive_class() == "+");
  CHECK(report_of({0, 1}, {0.1, 0.8}, 1).positive_class() == "1");
  CHECK(report_of({0, 1}, {0.9, 0.1, 0.1, 0.9}, 2, {"a", "b"}).positive_class() == "b");
  CHECK(report_of({0, 2}, {0.6, 0.3, 0.1, 0.1, 0.2, 0.7}, 3, {"a", "b", "c"}).positive_class().empty());
  CHECK(regression_report(Numbers{1, 2}, Numbers{1, 2}).positive_class().empty());
  const std::string text = text_of(report_of({0, 1}, {0.1, 0.2}, 1, {"a\nb", "\x1B[31mred"}));
  CHECK_THAT(text, ContainsSubstring("class '\\x1B[31mred'"));
  CHECK_THAT(text, ContainsSubstring("a\\nb"));
  CHECK(text.find('\x1B') == std::string::npos);
}

TEST_CASE("report: a thousand classes take no time of a training, and are no table of a million cells") {
  constexpr std::size_t classes = 1000, rows = 5000;
  RandomStream random(7);
  Numbers truth(rows), probabilities(rows * classes);
  for (std::size_t r = 0; r < rows; ++r) {
    truth[r] = static_cast<double>(r % classes);
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += probabilities[r * classes + c] = random.uniform();
    probabilities[r * classes + r % classes] += r % 3 == 0 ? 1 : 0;
    for (std::size_t c = 0; c < classes; ++c) probabilities[r * classes + c] /= sum;
  }
  const auto start = std::clock();
  const Report report = report_of(truth, probabilities, classes);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  INFO(seconds << " s");
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(seconds < 2);
#endif
  CHECK(report["accuracy"] == Approx(1667 / 5000.0).epsilon(0.01));
  CHECK(report.confusion.total() == rows);
  const std::string text = text_of(report);
  CHECK_THAT(text, ContainsSubstring("confusion of 1000 classes: "));
  CHECK(text.size() < 2000);
  truth.assign(rows, 0);
  const Report one = report_of(truth, probabilities, classes);
  CHECK(one.undefined.size() > 900);
  CHECK_THAT(text_of(one), ContainsSubstring("note: and " + std::to_string(one.undefined.size() - 19) +
                                             " more of this kind\n"));
}

TEST_CASE("report: text for numbers keeps the small and the large ones readable") {
  CHECK(text_of(regression_report(Numbers{1, 2, 3}, Numbers{1, 2.01, 2.99})) ==
        "mse         6.667e-05\n"
        "mae            0.0067\n"
        "r2             0.9999\n"
        "spearman       1.0000\n");
  CHECK(text_of(regression_report(Numbers{1, 2}, Numbers{3e4, 2e4})) ==
        "mse         6.499e+08\n"
        "mae        24998.5000\n"
        "r2         -2.600e+09\n"
        "spearman      -1.0000\n");
}

TEST_CASE("report: printing leaves the stream's format alone") {
  std::ostringstream out;
  out << report_of({0, 1}, {0.1, 0.8}, 1);
  out.str("");
  out << 0.123456789;
  CHECK(out.str() == "0.123457");
}

TEST_CASE("report: what does not fit is named") {
  CHECK(message_of<shape_error>([] {
          (void)report_of({0, 1, 1}, {0.5, 0.5, 0.5, 0.5}, 2);
        }) ==
        "classification report: 3 labels and probabilities 2x2, expected a row for each label, at least one, "
        "and a "
        "column for each class");
  CHECK(message_of<shape_error>([] { (void)report_of({}, {}, 1); }) ==
        "classification report: 0 labels and probabilities 0x1, expected a row for each label, at least one, "
        "and a "
        "column for each class");
  CHECK(message_of<option_error>([] {
          (void)report_of({0, 2}, {0.5, 0.5}, 1);
        }) == "classification report: the label of row 1 is 2, expected a whole number from 0 to 1");
  CHECK(message_of<option_error>([] {
          (void)report_of({0.5, 1}, {0.5, 0.5}, 1);
        }) == "classification report: the label of row 0 is 0.5, expected a whole number from 0 to 1");
  CHECK(message_of<option_error>([] {
          (void)report_of({0, -1}, {0, 0, 1, 1, 0, 0}, 3);
        }) == "classification report: the label of row 1 is -1, expected a whole number from 0 to 2");
  CHECK(message_of<option_error>([] { (void)report_of({not_a_number}, {0.5}, 1); }) ==
        "classification report: the label of row 0 is nan, expected a whole number from 0 to 1");
  CHECK(message_of<numeric_error>([] {
          (void)report_of({0, 1}, {0, 1, not_a_number, 0}, 2);
        }) ==
        "classification report: the probability in row 1, column 0 is NaN; look for NaN in the model's "
        "weights");
  CHECK(message_of<shape_error>([] { (void)regression_report(Numbers{1}, Numbers{}); }) ==
        "mse: 1 targets and 0 predictions, expected as many of each, at least one");
}
