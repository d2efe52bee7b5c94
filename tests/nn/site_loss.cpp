#include <seqlstm/nn/site_loss.hpp>

#include <limits>
#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/loss.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const double nowhere = std::nan("");
/// Lengths 1 and 3, packed: the longer one first, step by step.
const std::vector<std::size_t> lengths = {1, 3};
const std::vector<double> labels = {0, nowhere, nowhere, 1};  // (1, 0), (0, 0), (1, 1), (1, 2)

}  // namespace

TEST_CASE("site loss: minus the logarithm of the site's softmax, mean over all sequences") {
  const PackedLayout layout(lengths);
  std::vector<double> scores = {std::log(2.0), 7, 100, std::log(6.0)};
  Tape<double> tape;
  const auto loss = [&](std::span<const double> at, std::span<const double> weights = {}) {
    return site_loss(tape.leaf({scores.data(), 4, 1}, layout), at, weights).value()(0, 0);
  };
  CHECK(loss(labels) == Approx(-std::log(6.0 / 8) / 2));  // position 1 cannot be, sequence 0 has no site
  CHECK(loss(labels, std::vector<double>{1, 3}) == Approx(-std::log(6.0 / 8) * 3 / 4));
  CHECK(loss(std::vector<double>{1, 1, 0, 0}) > 49);
  CHECK(loss(std::vector<double>(4, nowhere)) == 0);
  CHECK(loss(std::vector<double>(4, 0)) == 0);
  CHECK_THROWS_AS(loss(std::vector<double>(3)), shape_error);
  for (const std::vector<double>& wrong : {std::vector<double>{2, 0, 0, 0}, {-1, 0, 0, 1}, {1, 0, 1, 0}})
    CHECK_THROWS_AS(loss(wrong), option_error);
  for (const double weight : {nowhere, -1.0, std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(loss(labels, std::vector<double>{1, weight}), option_error);
  scores[2] = -std::numeric_limits<double>::infinity();  // a score that is masked
  CHECK(loss(std::vector<double>{0, 0, 0, 1}) == Approx(-std::log(6.0 / 8) / 2));
  CHECK_THROWS_AS(loss(labels, std::vector<double>{1}), shape_error);
}

TEST_CASE("site loss: its gradient, alone and beside the loss of classes with weights") {
  const PackedLayout layout(lengths);
  Input<double> scores(4, 1), rows(2, 3);
  const auto alone = check_gradient(
      [&](Tape<double>& tape) {
        return site_loss(scores.on(tape, layout), labels, std::vector<double>{2, 3});
      },
      {{"scores", scores.view(), scores.gradient()}});
  INFO(alone);
  CHECK(alone);
  const std::vector<double> classes = {2, 0};
  const Loss both = cross_entropy({.class_weights = {1, 2, 4}}).with_sites(0.5);
  const BatchTargets targets{.labels = classes, .position_labels = labels};
  const auto joined = check_gradient(
      [&](Tape<double>& tape) {
        return both(ModelOutput<double>(RowsAndSites<double>(rows.on(tape), scores.on(tape, layout))),
                    targets);
      },
      {{"scores", scores.view(), scores.gradient()}, {"rows", rows.view(), rows.gradient()}});
  INFO(joined);
  CHECK(joined);
}

TEST_CASE("site loss: a loss with sites is the weighted sum, and says what is missing") {
  const PackedLayout layout(lengths);
  Input<double> scores(4, 1), rows(2, 3);
  Tape<double> tape;
  const RowsAndSites<double> output(rows.on(tape), scores.on(tape, layout));
  const std::vector<double> classes = {2, 0};
  const BatchTargets targets{.labels = classes, .position_labels = labels};
  const Loss plain = cross_entropy({.class_weights = {1, 2, 4}}), both = plain.with_sites(0.5);
  CHECK(both.site_weight() == 0.5);
  const auto value = [&](const Loss& loss, const ModelOutput<double>& of) {
    return loss(of, targets).value()(0, 0);
  };
  CHECK(value(both, output) ==
        Approx(value(plain, output) +
               0.5 * site_loss(output.sites, labels, std::vector<double>{4, 1}).value()(0, 0)));
  CHECK(value(plain, output) == value(plain, output.rows));
  // Of two classes the positive one's weight is that of its sites too.
  Input<double> logits(2, 1);
  const RowsAndSites<double> of_two(logits.on(tape), output.sites);
  const std::vector<double> yes_no = {1, 0};
  const Loss two = bce_with_logits({.pos_weight = {3}});
  const BatchTargets both_kinds{.labels = yes_no, .position_labels = labels};
  CHECK(two.with_sites(0.5)(ModelOutput<double>(of_two), both_kinds).value()(0, 0) ==
        Approx(two(ModelOutput<double>(of_two), both_kinds).value()(0, 0) +
               0.5 * site_loss(output.sites, labels, std::vector<double>{3, 1}).value()(0, 0)));
  CHECK(value(plain.with_sites(0), output.rows) == value(plain, output.rows));
  CHECK_THROWS_WITH(value(both, output.rows),
                    ContainsSubstring("cross_entropy with sites: the model scores no sites"));
  CHECK_THROWS_WITH(both(ModelOutput<double>(output), BatchTargets{.labels = classes}),
                    ContainsSubstring("the data has no labels by position"));
  CHECK_THROWS_WITH(plain.with_sites(-1), ContainsSubstring("the weight of sites is -1"));
}
