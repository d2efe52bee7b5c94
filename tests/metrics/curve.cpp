#include <seqlstm/core/random.hpp>
#include <seqlstm/metrics/curve.hpp>

#include <cmath>

#include "metrics/reference.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace metrics_reference;
using support::message_of;

namespace {

using Labels = std::vector<int>;
using Scores = std::vector<double>;

}  // namespace

TEST_CASE("curve: scikit-learn's ROC curve, area under it and average precision") {
  for (const auto& c : ranking_cases) {
    INFO(c.name);
    check_same("roc_auc", roc_auc(c.truth, c.scores), c.roc_auc);
    check_same("pr_auc", pr_auc(c.truth, c.scores), c.pr_auc);
    const auto points = roc_curve(c.truth, c.scores);
    REQUIRE(points.size() == c.threshold.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      check_same("false positive rate", points[i].false_positive_rate, c.false_positive_rate[i]);
      check_same("true positive rate", points[i].true_positive_rate, c.true_positive_rate[i]);
      check_same("threshold", points[i].threshold, c.threshold[i]);
    }
  }
}

TEST_CASE("curve: scikit-learn's macro means of one class against the rest") {
  for (const auto& c : report_cases) {
    if (c.columns < 3) continue;
    INFO(c.name);
    const Labels truth(c.truth.begin(), c.truth.end());
    const ConstMatrixView<double> scores(c.probabilities.data(), truth.size(), c.columns);
    check_same("roc_auc", roc_auc(truth, scores), c.metrics[5]);
    check_same("pr_auc", pr_auc(truth, scores), c.metrics[6]);
  }
}

TEST_CASE("curve: areas are, to the bit, those of a walk over all thresholds") {
  RandomStream random(11);
  for (const std::size_t distinct : {1U, 3U, 40U, 100000U})
    for (const double share : {0.02, 0.5, 0.9}) {
      Labels truth(500);
      Scores scores(500);
      for (std::size_t i = 0; i < truth.size(); ++i) {
        truth[i] = i == 0 || (i > 1 && random.uniform() < share) ? 1 : 0;
        scores[i] = static_cast<double>(random.below(distinct)) / 7 - 1;
      }
      const auto positives = static_cast<double>(std::count(truth.begin(), truth.end(), 1));
      double pairs = 0, area = 0, tp = 0, called = 0;
      detail::for_each_threshold(truth, scores, [&](double, std::size_t p, std::size_t n) {
        pairs += static_cast<double>(n) * (tp + static_cast<double>(p) / 2);
        tp += static_cast<double>(p);
        called += static_cast<double>(p + n);
        area = std::fma(static_cast<double>(p) / positives, tp / called, area);
      });
      CHECK(roc_auc(truth, scores) == pairs / (positives * (500 - positives)));
      CHECK(pr_auc(truth, scores) == area);
    }
}

TEST_CASE("curve: only the order of scores counts") {
  const auto& c = ranking_cases.back();
  Scores bent, turned;
  for (const double s : c.scores) {
    bent.push_back(std::exp(3 * s));
    turned.push_back(-s);
  }
  CHECK(roc_auc(c.truth, bent) == roc_auc(c.truth, c.scores));
  CHECK(pr_auc(c.truth, bent) == pr_auc(c.truth, c.scores));
  CHECK(roc_auc(c.truth, turned) == Approx(1 - roc_auc(c.truth, c.scores)).epsilon(1e-14));
  CHECK(roc_auc(Labels{1, 0, 1}, Scores{inf, 2, -inf}) == 0.5);
}

TEST_CASE("curve: the scores of a window into a wider matrix") {
  const Scores wide = {9, 0.7, 0.2, 0.1, 9, 9, 0.2, 0.6, 0.2, 9, 9, 0.3, 0.3, 0.4, 9, 9, 0.25, 0.5, 0.1, 9};
  Scores tight;
  for (std::size_t r = 0; r < 4; ++r) tight.insert(tight.end(), &wide[5 * r + 1], &wide[5 * r + 4]);
  const Labels truth = {0, 1, 2, 0};
  const ConstMatrixView<double> window(wide.data() + 1, 4, 3, 5), whole(tight.data(), 4, 3);
  CHECK(roc_auc(truth, window) == roc_auc(truth, whole));
  CHECK(pr_auc(truth, window) == pr_auc(truth, whole));
  CHECK(roc_auc(truth, whole) < 1);
}

TEST_CASE("curve: what does not fit is named") {
  CHECK(message_of<shape_error>([] {
          (void)roc_auc(Labels{0, 1}, Scores{1});
        }) == "roc_auc: 2 labels and 1 scores, expected as many of each, at least one");
  CHECK(message_of<shape_error>([] { (void)pr_auc(Labels{}, Scores{}); }) ==
        "pr_auc: 0 labels and 0 scores, expected as many of each, at least one");
  CHECK(message_of<option_error>([] {
          (void)roc_curve(Labels{0, 1, 2}, Scores{1, 2, 3});
        }) == "roc_curve: the label of row 2 is 2, expected 0 or 1");
  CHECK(message_of<option_error>([] {
          (void)roc_auc(Labels{-1, 1}, Scores{1, 2});
        }) == "roc_auc: the label of row 0 is -1, expected 0 or 1");
  CHECK(message_of<numeric_error>([] {
          (void)pr_auc(Labels{0, 1}, Scores{1, not_a_number});
        }) == "pr_auc: the score of row 1 is NaN and has no place in a ranking");
  const Scores scores(6);
  CHECK(message_of<shape_error>([&] {
          (void)roc_auc(Labels{0, 1, 2}, {scores.data(), 2, 3});
        }) == "roc_auc: 3 labels and scores 2x3, expected a row for each label and a column for each class");
  CHECK(message_of<option_error>([&] {
          (void)pr_auc(Labels{0, 3}, {scores.data(), 2, 3});
        }) == "pr_auc: the class of row 1 is 3, expected 0 or more and less than 3");
}
