#include <seqlstm/data/resample.hpp>

#include <map>
#include <set>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// `counts[c]` rows of class c, around a centre of its own, so that some neighbours are of other classes.
FeatureDataset clouds(const std::vector<std::size_t>& counts, std::size_t width, std::uint64_t seed) {
  RandomStream random(seed);
  FeatureDataset data;
  data.width = width;
  for (std::size_t c = 0; c < counts.size(); ++c)
    for (std::size_t i = 0; i < counts[c]; ++i) {
      for (std::size_t k = 0; k < width; ++k)
        data.values.push_back(static_cast<float>(random.normal() + static_cast<double>(c)));
      data.labels.push_back(static_cast<double>(c));
    }
  return data;
}

std::map<double, std::size_t> counts_of(const FeatureDataset& data) {
  std::map<double, std::size_t> counts;
  for (const double label : data.labels) ++counts[label];
  return counts;
}

/// Is row `made` on the segment from an original row of its class to one of that row's k nearest of the
/// class?
bool between_neighbours(const FeatureDataset& data, std::size_t originals, std::size_t made, std::size_t k) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < originals; ++i)
    if (data.labels[i] == data.labels[made]) members.push_back(i);
  const auto value = [&](std::size_t row, std::size_t c) {
    return double{data.values[row * data.width + c]};
  };
  for (const std::size_t a : members)
    for (const std::size_t b : seqlstm::detail::nearest(data, a, members, k)) {
      double along = 0, length = 0;
      for (std::size_t c = 0; c < data.width; ++c) {
        along += (value(made, c) - value(a, c)) * (value(b, c) - value(a, c));
        length += (value(b, c) - value(a, c)) * (value(b, c) - value(a, c));
      }
      const double u = length == 0 ? 0 : along / length;
      bool on = u >= -1e-5 && u < 1 + 1e-5;
      for (std::size_t c = 0; c < data.width && on; ++c)
        on = std::abs(value(a, c) + u * (value(b, c) - value(a, c)) - value(made, c)) < 1e-4;
      if (on) return true;
    }
  return false;
}

void check_synthetic(const FeatureDataset& before, const FeatureDataset& after, std::size_t k) {
  REQUIRE(after.size() > before.size());
  CHECK(std::equal(before.values.begin(), before.values.end(), after.values.begin()));
  CHECK(std::equal(before.labels.begin(), before.labels.end(), after.labels.begin()));
  for (std::size_t row = before.size(); row < after.size(); ++row) {
    INFO("row " << row << " of class " << after.labels[row]);
    CHECK(between_neighbours(after, before.size(), row, k));
  }
}

}  // namespace

TEST_CASE("resample: N percent of n rows, halves up") {
  CHECK(extra_rows(7, 200) == 14);
  CHECK(extra_rows(7, 50) == 4);
  CHECK(extra_rows(6, 25) == 2);
  CHECK(extra_rows(3, 10) == 0);
  CHECK_THROWS_AS(extra_rows(3, -1), option_error);
}

TEST_CASE("resample: copies are dealt evenly, behind all rows in order") {
  const std::vector<double> labels = {0, 1, 0, 0, 1, 0, 2}, percent = {0, 250, 100};
  const auto rows = over_sampled_rows(labels, percent, 3);
  REQUIRE(rows.size() == 7 + 5 + 1);
  for (std::size_t i = 0; i < 7; ++i) CHECK(rows[i] == i);
  const auto times = [&](std::size_t row) { return std::count(rows.begin(), rows.end(), row); };
  CHECK(times(1) + times(4) == 7);
  CHECK(std::abs(times(1) - times(4)) == 1);
  CHECK(times(6) == 2);
  CHECK(over_sampled_rows(labels, percent, 3) == rows);
  CHECK_THROWS_WITH(over_sampled_rows(labels, std::vector<double>{0, 1}, 3),
                    "resample: 2 percentages for 3 classes; give each class one, 0 for those to leave alone");
}

TEST_CASE("resample: leaving rows out keeps at most so many of each class, each once") {
  const std::vector<double> labels = {0, 0, 0, 0, 0, 1, 1, 2};
  const auto rows = under_sampled_rows(labels, 2, 1);
  REQUIRE(rows.size() == 5);
  CHECK(std::is_sorted(rows.begin(), rows.end()));
  CHECK(std::set<std::size_t>(rows.begin(), rows.end()).size() == 5);
  CHECK(std::count_if(rows.begin(), rows.end(), [](std::size_t r) { return r < 5; }) == 2);
  std::set<std::vector<std::size_t>> different;
  for (std::uint64_t seed = 0; seed < 20; ++seed) different.insert(under_sampled_rows(labels, 2, seed));
  CHECK(different.size() > 3);
}

TEST_CASE("resample: smote by hand, two rows of a class") {
  FeatureDataset data{1, {0, 10, 100, 101, 102}, {0, 0, 1, 1, 1}, 1};
  const auto grown = smote(data, std::vector<double>{300, 0}, {.k = 1, .seed = 2});
  REQUIRE(grown.size() == 5 + 6);
  for (std::size_t row = 5; row < 11; ++row) {
    CHECK(grown.values[row] >= 0);
    CHECK(grown.values[row] <= 10);
    CHECK(grown.labels[row] == 0);
  }
  CHECK_THROWS_WITH(smote(data, std::vector<double>{100, 0}, {.k = 2}),
                    "smote: class 0 has 2 rows, no more than 2 neighbours; ask for fewer neighbours, or "
                    "copy rows instead");
  CHECK_THROWS_AS(smote(data, std::vector<double>{100, 0}, {.k = 0}), option_error);
}

TEST_CASE("resample: adasyn by hand, more rows where other classes are near") {
  // Class 1 stands at 0, 1, 2 and, among class 0, at 10: with k = 1 only that one has a neighbour of another
  // class.
  FeatureDataset data{1, {0, 1, 2, 10, 9.5F, 10.5F, 20, 21}, {1, 1, 1, 1, 0, 0, 0, 0}, 1};
  const auto grown = adasyn(data, std::vector<double>{0, 100}, {.k = 1, .seed = 1});
  REQUIRE(grown.size() == 8 + 4);
  for (std::size_t row = 8; row < 12; ++row) {  // from 10 towards its nearest of class 1, at 2
    CHECK(grown.values[row] > 2);
    CHECK(grown.values[row] <= 10);
  }
  FeatureDataset apart{1, {0, 1, 2, 100, 101, 102}, {0, 0, 0, 1, 1, 1}, 1};
  CHECK_THROWS_WITH(adasyn(apart, std::vector<double>{0, 100}, {.k = 1}),
                    ContainsSubstring("none is harder than others"));
}

TEST_CASE("resample: adasyn whose shares all round to zero says so") {
  // One new row, and each of three rows has a third of it.
  FeatureDataset even{1, {0, 10, 20, 0.5F, 10.5F, 20.5F}, {1, 1, 1, 0, 0, 0}, 1};
  CHECK_THROWS_WITH(
      adasyn(even, std::vector<double>{0, 40}, {.k = 1}),
      "adasyn: class 1 is to get 1 new rows, and every row's share of them rounds to 0; ask for a "
      "higher percentage, or use smote");
  CHECK(adasyn(even, std::vector<double>{0, 100}, {.k = 1}).size() == 9);
  CHECK(adasyn(even, std::vector<double>{0, 0}, {.k = 1}).size() == 6);
}

TEST_CASE("resample: every made-up row lies between a row and one of its five neighbours") {
  const auto data = clouds({60, 20, 9}, 4, 5);
  const std::vector<double> percent = {0, 130, 300};
  const auto by_smote = smote(data, percent, {.seed = 3}), by_adasyn = adasyn(data, percent, {.seed = 3});
  CHECK(counts_of(by_smote) == std::map<double, std::size_t>{{0, 60}, {1, 46}, {2, 36}});
  check_synthetic(data, by_smote, 5);
  check_synthetic(data, by_adasyn, 5);
  const auto counts = counts_of(by_adasyn);
  CHECK(counts.at(0) == 60);
  CHECK(std::abs(static_cast<double>(counts.at(1)) - 46) <= 10);
  CHECK(std::abs(static_cast<double>(counts.at(2)) - 36) <= 4.5);
  CHECK(smote(data, percent, {.seed = 3}).values == by_smote.values);
  CHECK(smote(data, percent, {.seed = 4}).values != by_smote.values);
}

TEST_CASE("resample: same bits for any number of threads") {
  const auto data = clouds({200, 40}, 8, 6);
  check_threads([&] { return smote(data, std::vector<double>{0, 200}, {.seed = 1}).values; });
  check_threads([&] { return adasyn(data, std::vector<double>{0, 200}, {.seed = 1}).values; });
}

namespace imbalanced_learn {
/// What a method makes of `rows` with so many percent more of classes 1 and 2.
struct Case {
  const char* method;
  double percent;
  std::vector<double> counts, made, made_labels;
};
#include "data/resample_reference.inc"
}  // namespace imbalanced_learn

TEST_CASE("resample: as many rows as imbalanced-learn makes, and its rows lie where ours may") {
  const FeatureDataset data{3, imbalanced_learn::rows, imbalanced_learn::labels, 1};
  for (const auto& c : imbalanced_learn::cases) {
    INFO(c.method << ", " << c.percent << " %");
    const std::vector<double> percent = {0, c.percent, c.percent};
    const bool is_smote = std::string(c.method) == "smote";
    const auto ours = is_smote ? smote(data, percent, {.seed = 1}) : adasyn(data, percent, {.seed = 1});
    const auto counts = counts_of(ours);
    for (std::size_t label = 0; label < 3; ++label)
      CHECK(static_cast<double>(counts.at(static_cast<double>(label))) == c.counts[label]);
    FeatureDataset theirs = data;
    for (const double value : c.made) theirs.values.push_back(static_cast<float>(value));
    theirs.labels.insert(theirs.labels.end(), c.made_labels.begin(), c.made_labels.end());
    check_synthetic(data, ours, 5);
    check_synthetic(data, theirs, 5);
  }
}

TEST_CASE("resample: token ids are refused, with the reason") {
  CHECK_THROWS_WITH(smote(SequenceDataset{}, std::vector<double>{1}),
                    ContainsSubstring("smote: token ids are names, not quantities"));
  CHECK_THROWS_AS(adasyn(SequenceDataset{}, std::vector<double>{1}), option_error);
}

TEST_CASE("resample: rare classes get the percentage") {
  CHECK(percent_of_rare(std::vector<double>{0, 0, 0, 0, 1, 1, 2}, 200) == std::vector<double>{0, 0, 200});
  CHECK(percent_of_rare(std::vector<double>{0, 0, 0, 0, 1, 1, 2}, 200, 0.6) ==
        std::vector<double>{0, 200, 200});
}
