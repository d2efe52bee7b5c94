#include <seqlstm/infer/monotone_path.hpp>

#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

using Path = std::vector<std::int32_t>;

struct Matrix {
  std::vector<double> values;
  std::size_t rows, cols;
  [[nodiscard]] ConstMatrixView<double> view() const { return {values.data(), rows, cols}; }
};
Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  RandomStream random(seed);
  Matrix made{std::vector<double>(rows * cols), rows, cols};
  for (double& x : made.values) x = 3 * random.normal();
  return made;
}

double score_of(const Matrix& m, const Path& path, const SkipScores& skips) {
  double score = 0;
  std::int32_t before = -1;
  for (std::size_t i = 0; i < m.rows; ++i) {
    score += m.view()(i, path[i] < 0 ? m.cols - 1 : static_cast<std::size_t>(path[i]));
    if (path[i] < 0) continue;
    if (before >= 0)
      score += path[i] == before + 1 ? skips.none : skips.first + skips.more * (path[i] - before - 2);
    before = path[i];
  }
  return score;
}

/// The best score of all rising paths.
double best_score(const Matrix& m, const SkipScores& skips, Path& path, std::int32_t before) {
  if (path.size() == m.rows) return score_of(m, path, skips);
  double best = -1e300;
  for (auto position = -1; position < static_cast<std::int32_t>(m.cols) - 1; ++position) {
    if (position >= 0 && position <= before) continue;
    path.push_back(position);
    best = std::max(best, best_score(m, skips, path, std::max(before, position)));
    path.pop_back();
  }
  return best;
}

}  // namespace

TEST_CASE("monotone_path: the best of all paths") {
  const SkipScores skips{-0.1, -2, -0.5};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto m = random_matrix(1 + seed % 5, 1 + seed % 7, seed);
    INFO(m.rows << " rows, " << m.cols << " columns");
    Path none;
    const auto path = monotone_path(m.view(), skips);
    REQUIRE(path.size() == m.rows);
    std::int32_t before = -1;
    for (const std::int32_t position : path) {
      if (position < 0) continue;
      CHECK(position > before);
      before = position;
    }
    CHECK(score_of(m, path, skips) == Approx(best_score(m, skips, none, -1)));
  }
}

TEST_CASE("monotone_path: examples by hand") {
  const double none = -9;
  // Position 1 is as likely as 0 for the second row, and order decides; the third row is an insertion.
  const Matrix m{
      {-1, -5, -5, -5, none, -1, -1, -5, -5, none, -8, -8, -8, -8, -1, -5, -5, -1, -5, none}, 4, 5};
  CHECK(monotone_path(m.view()) == Path{0, 1, -1, 2});
  CHECK(monotone_path(Matrix{{-1, -2}, 2, 1}.view()) == Path{-1, -1});
  CHECK(monotone_path(Matrix{{}, 0, 4}.view()).empty());
  CHECK_THROWS_WITH(monotone_path(Matrix{{}, 3, 0}.view()),
                    "monotone_path: no columns, expected one for each position and one for none");
}

TEST_CASE("monotone_path: a skip that costs much is not taken") {
  const Matrix m{{0, -9, -9, -3, -9, -2, 0, -3}, 2, 4};
  CHECK(monotone_path(m.view(), {0, -1, 0}) == Path{0, 2});
  CHECK(monotone_path(m.view(), {0, -4, 0}) == Path{0, 1});
}

TEST_CASE("monotone_path: skips are counted from alignments that are known") {
  // Follow: 3 steps of 5; of 2 skips 3 positions are passed over, 1 more than one each.
  const std::vector<Path> known = {{0, 1, -1, 2, 5}, {-1, 3, 4, 6}, {}};
  const auto skips = counted_skips(known);
  CHECK(std::exp(skips.none) == Approx(4.0 / 7));
  CHECK(std::exp(skips.first) == Approx(3.0 / 7 * 3 / 5));
  CHECK(std::exp(skips.more) == Approx(2.0 / 5));
}
