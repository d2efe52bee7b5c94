#include <seqlstm/metrics/retrieval.hpp>

#include <cmath>
#include <limits>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Rows = std::vector<std::size_t>;

struct Scores {
  std::vector<double> values;
  std::size_t rows;
  [[nodiscard]] ConstMatrixView<double> view() const { return {values.data(), rows, rows}; }
};

const Rows groups = {7, 7, 7, 3, 3, 9};
/// The diagonal would win, were it read.
const Scores scores = {{99, 5,  1,  4,  0,  0,  //
                        5,  99, 6,  1,  1,  1,  //
                        3,  3,  99, 3,  3,  3,  //
                        1,  2,  3,  99, 4,  5,  //
                        0,  0,  0,  9,  99, 0,  //
                        1,  1,  1,  1,  1,  99},
                       6};

RetrievalScore of(const Rows& queries) {
  return retrieval_score(scores.view(), groups, queries);
}

}  // namespace

TEST_CASE("retrieval: each query's average precision and best target") {
  CHECK(rows_with_relatives(groups) == Rows{0, 1, 2, 3, 4});
  // 0: right at places 1 and 3. 3: right at place 2. 2: all five equal, two of them right.
  CHECK(of({0}).mean_average_precision == Approx((1 + 2.0 / 3) / 2));
  CHECK(of({0}).top_1 == 1);
  CHECK(of({1}).mean_average_precision == 1);
  CHECK(of({3}).mean_average_precision == 0.5);
  CHECK(of({3}).top_1 == 0);
  CHECK(of({2}).mean_average_precision == Approx(0.4));
  CHECK(of({2}).top_1 == Approx(0.4));
  CHECK(of({2}).roc_auc == 0.5);
  const auto all = of({0, 1, 2, 3, 4});
  CHECK(all.queries == 5);
  CHECK(all.mean_average_precision == Approx((5.0 / 6 + 1 + 0.4 + 0.5 + 1) / 5));
  CHECK(all.top_1 == Approx((1 + 1 + 0.4 + 0 + 1) / 5));
}

TEST_CASE("retrieval: the area under the ROC curve is that of all pairs together") {
  // Right: 5 1 | 9. Wrong: 4 0 0 | 0 0 0 0: one wrong one is above 1.
  CHECK(of({0, 4}).roc_auc == Approx((7 + 6 + 7) / 21.0));
}

TEST_CASE("retrieval: without queries, without others, and mistakes") {
  CHECK(of({}).queries == 0);
  CHECK(std::isnan(of({}).mean_average_precision));
  CHECK(std::isnan(of({}).roc_auc));
  CHECK(rows_with_relatives({}).empty());
  const Scores two = {{0, 1, 1, 0}, 2};
  const auto found = retrieval_score(two.view(), Rows{1, 1}, Rows{0});
  CHECK(found.mean_average_precision == 1);
  CHECK(std::isnan(found.roc_auc));
  CHECK(message_of<Error>([] { of({6}); }) == "retrieval_score: query 6 is none of 6 rows");
  CHECK(message_of<Error>([] { of({5}); }) ==
        "retrieval_score: query 5 is alone in its group and can find nothing; ask rows_with_relatives()");
  CHECK(message_of<Error>([&] { retrieval_score(two.view(), groups, Rows{0}); }) ==
        "retrieval_score: scores are 2 x 2, expected a row and a column for each of 6 groups");
  const Scores nan = {{0, std::numeric_limits<double>::quiet_NaN(), 1, 0}, 2};
  CHECK_THROWS_AS(retrieval_score(nan.view(), Rows{1, 1}, Rows{0}), numeric_error);
}
