#include <seqlstm/core/random.hpp>
#include <seqlstm/data/clusters.hpp>

#include <numeric>
#include <set>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

// Cluster sizes 4, 3, 2, then `singles` rows alone; two classes that alternate.
Clusters some_clusters(std::size_t singles) {
  std::vector<std::string> names = {"a", "a", "b", "a", "b", "a", "c", "b", "c"};
  for (std::size_t i = 0; i < singles; ++i) names.push_back("s" + std::to_string(i));
  return Clusters(names);
}
std::vector<double> alternating(std::size_t rows) {
  std::vector<double> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<double>(i % 2);
  return labels;
}

}  // namespace

TEST_CASE("clusters: rows of one name are one cluster, in the order of first rows") {
  const Clusters clusters = some_clusters(2);
  CHECK(clusters.of_row == std::vector<std::size_t>{0, 0, 1, 0, 1, 0, 2, 1, 2, 3, 4});
  CHECK(clusters.sizes == std::vector<std::size_t>{4, 3, 2, 1, 1});
  CHECK(clusters.representatives == std::vector<std::size_t>{0, 2, 6, 9, 10});
  CHECK_FALSE(clusters.singleton(8));
  CHECK(clusters.singleton(9));
}

TEST_CASE("sequences that share a word are one cluster, through others too") {
  const std::vector<std::string> windows = {"AACCGGTTAA", "TTTTTTTTTT", "GGTTAACCAC", "CACATATGAG",
                                            "GAGAGAGAGA"};
  const auto of_row = [&](std::size_t k) { return clusters_by_shared_words(windows, k).of_row; };
  CHECK(of_row(6) == std::vector<std::size_t>{0, 1, 0, 2, 3});  // GGTTAA
  CHECK(of_row(3) == std::vector<std::size_t>{0, 1, 0, 0, 0});  // CAC and GAG lead on
  CHECK(of_row(7) == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK_THROWS_AS(clusters_by_shared_words(windows, 0), option_error);
  CHECK(clusters_by_shared_words({}, 5).size() == 0);
}

TEST_CASE("windows of both strands, unknown letters and short copies") {
  const std::string window = "AACCGTACGTTCAGG";
  const std::vector<std::string> strands = {window, reverse_complement(window), "GGGGGGGGGGGGGGG"};
  CHECK(clusters_by_shared_words(strands, 12).size() == 3);
  CHECK(clusters_by_shared_words(strands, 12, true).of_row == std::vector<std::size_t>{0, 0, 1});
  const std::vector<std::string> masked = {"ACGNNNNNNCATG", "TTTNNNNNNGGGG"};
  CHECK(clusters_by_shared_words(masked, 6).size() == 1);
  CHECK(clusters_by_shared_words(masked, 6, false, "N").size() == 2);
  CHECK(clusters_by_shared_words(std::vector<std::string>{"ACG", "ACT", "ACG"}, 6).of_row ==
        std::vector<std::size_t>{0, 1, 0});
}

TEST_CASE("shared words agree with a comparison of every pair") {
  RandomStream random(5, 1);
  std::vector<std::string> windows;
  for (int i = 0; i < 60; ++i) {
    auto& window = windows.emplace_back();
    for (int letter = 0; letter < 30; ++letter) window += "ACGT"[random.below(4)];
  }
  constexpr std::size_t k = 9;
  const auto shares = [](const std::string& a, const std::string& b) {
    for (std::size_t i = 0; i + k <= a.size(); ++i)
      if (b.find(a.substr(i, k)) != std::string::npos) return true;
    return false;
  };
  std::vector<std::size_t> root(windows.size());  // the smallest row of a cluster
  std::iota(root.begin(), root.end(), std::size_t{0});
  for (std::size_t round = 0; round < windows.size(); ++round)
    for (std::size_t a = 0; a < windows.size(); ++a)
      for (std::size_t b = 0; b < windows.size(); ++b)
        if (shares(windows[a], windows[b]) || shares(windows[a], reverse_complement(windows[b])))
          root[a] = root[b] = std::min(root[a], root[b]);
  const auto clusters = clusters_by_shared_words(windows, k, true);
  REQUIRE(clusters.size() > 1);
  REQUIRE(clusters.size() < windows.size());
  for (std::size_t a = 0; a < windows.size(); ++a)
    CHECK(clusters.representatives[clusters.of_row[a]] == root[a]);
}

TEST_CASE("validation and test are singletons, every row is in one part") {
  const Clusters clusters = some_clusters(20);
  const auto labels = alternating(29);
  for (const bool stratified : {false, true}) {
    const auto parts = split_by_singletons(clusters, labels, 4, 6, {.seed = 3, .stratified = stratified});
    CHECK(parts.valid.size() == 4);
    CHECK(parts.test.size() == 6);
    CHECK(parts.train.size() == 19);
    std::set<std::size_t> all;
    for (const auto* part : {&parts.train, &parts.valid, &parts.test}) {
      CHECK(std::is_sorted(part->begin(), part->end()));
      all.insert(part->begin(), part->end());
    }
    CHECK(all.size() == 29);
    for (const auto* part : {&parts.valid, &parts.test})
      for (const std::size_t row : *part) CHECK(clusters.singleton(row));
    if (!stratified) continue;
    const auto ones = std::count_if(parts.test.begin(), parts.test.end(),
                                    [&](std::size_t row) { return labels[row] == 1; });
    CHECK(ones == 3);
  }
}

TEST_CASE("validation and test have the classes in odd shares too") {
  // counts[c] rows of class c, all alone
  const auto drawn = [](const std::vector<std::size_t>& counts, std::size_t valid, std::size_t test) {
    std::vector<std::string> names;
    std::vector<double> labels;
    for (std::size_t c = 0; c < counts.size(); ++c)
      for (std::size_t i = 0; i < counts[c]; ++i) {
        names.push_back(std::to_string(names.size()));
        labels.push_back(static_cast<double>(c));
      }
    const auto parts =
        split_by_singletons(Clusters(names), labels, valid, test, {.seed = 5, .stratified = true});
    std::vector<std::vector<std::size_t>> counted;
    for (const auto* part : {&parts.valid, &parts.test}) {
      auto& of_part = counted.emplace_back(counts.size());
      for (const std::size_t row : *part) ++of_part[static_cast<std::size_t>(labels[row])];
    }
    return counted;
  };
  using Counts = std::vector<std::vector<std::size_t>>;
  CHECK(drawn({60, 30, 10}, 10, 20) == Counts{{6, 3, 1}, {12, 6, 2}});
  CHECK(drawn({70, 30}, 6, 7) == Counts{{4, 2}, {5, 2}});            // 4.2 and 1.8; 4.9 and 2.1
  CHECK(drawn({60, 30, 10}, 7, 1) == Counts{{4, 2, 1}, {1, 0, 0}});  // 4.2, 2.1 and 0.7
  CHECK(drawn({97, 3}, 10, 1) == Counts{{9, 1}, {1, 0}});  // the rare class keeps a place of several
}

TEST_CASE("a class without singletons leaves its places to others") {
  std::vector<std::string> names;
  std::vector<double> labels;
  for (int i = 0; i < 10; ++i) names.push_back("same"), labels.push_back(1);
  for (int i = 0; i < 10; ++i) names.push_back("s" + std::to_string(i)), labels.push_back(0);
  const auto parts = split_by_singletons(Clusters(names), labels, 2, 4, {.seed = 1, .stratified = true});
  CHECK(parts.test.size() == 4);
  CHECK(parts.valid.size() == 2);
  CHECK(parts.train.size() == 14);
}

TEST_CASE("the draw of singletons follows the seed") {
  const Clusters clusters = some_clusters(50);
  const auto test_of = [&](std::uint64_t seed) {
    return split_by_singletons(clusters, {}, 5, 5, {.seed = seed}).test;
  };
  CHECK(test_of(1) == test_of(1));
  CHECK(test_of(1) != test_of(2));
}

TEST_CASE("more places than singletons is an error that counts them") {
  const auto message = message_of<option_error>([] { split_by_singletons(some_clusters(5), {}, 3, 3); });
  CHECK(message.find("5 that are alone in their cluster, among 14") != std::string::npos);
  CHECK_THROWS_AS(split_by_singletons(some_clusters(5), {}, 0, 0), option_error);
  CHECK_THROWS_AS(split_by_singletons(Clusters(std::vector<std::string>{"a", "b"}), {}, 1, 1), option_error);
  CHECK_THROWS_AS(split_by_singletons(some_clusters(5), {}, 1, 1, {.stratified = true}), option_error);
}

TEST_CASE("folds of whole clusters are alike in size and test every row once") {
  std::vector<std::string> names;
  for (int c = 0; c < 40; ++c)
    for (int i = 0; i <= c % 7; ++i) names.push_back(std::to_string(c));
  const Clusters clusters(names);
  const auto labels = alternating(names.size());
  for (const bool stratified : {false, true}) {
    const auto folds = grouped_k_fold(clusters, labels, 5, {.seed = 2, .stratified = stratified});
    std::vector<std::size_t> tested(names.size());
    std::set<std::pair<std::size_t, std::size_t>> places;  // cluster, fold
    std::size_t smallest = names.size(), largest = 0;
    for (std::size_t f = 0; f < folds.size(); ++f) {
      CHECK(folds[f].train.size() + folds[f].test.size() == names.size());
      smallest = std::min(smallest, folds[f].test.size());
      largest = std::max(largest, folds[f].test.size());
      for (const std::size_t row : folds[f].test) {
        ++tested[row];
        places.emplace(clusters.of_row[row], f);
      }
    }
    CHECK(tested == std::vector<std::size_t>(names.size(), 1));
    CHECK(places.size() == clusters.size());
    CHECK(largest - smallest <= 7);
  }
  CHECK_THROWS_AS(grouped_k_fold(clusters, labels, 1), option_error);
  CHECK_THROWS_AS(grouped_k_fold(clusters, labels, 41), option_error);
  CHECK_THROWS_AS(grouped_k_fold(clusters, {}, 2, {.stratified = true}), option_error);
}
