#include "protein_search.hpp"

#include <numeric>

#include "related_proteins.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

examples::RelatedProteins some_proteins() {
  examples::RelatedProteins all;
  for (int k = 0; k < 40; ++k) all.records.push_back({.id = std::to_string(k), .sequence = "MKV"});
  all.ranks.resize(2);
  for (int k = 0; k < 40; ++k) {
    all.ranks[0].push_back(k < 20 ? "a" : "b");
    all.ranks[1].push_back("group " + std::to_string(k / 4));
  }
  return all;
}

}  // namespace

TEST_CASE("protein_search: cosine of counts of 3-mers") {
  auto scores = examples::scores_by_words({"MKVLA", "MKVLA", "MKVWW", "GG", "AAAAA"});
  const auto all = scores.view();
  CHECK(all(0, 1) == Approx(1));
  CHECK(all(0, 2) == Approx(1.0 / 3));
  CHECK(all(2, 0) == all(0, 2));
  CHECK(all(3, 3) == 0);  // too short for a word
  CHECK(all(4, 4) == Approx(1));
  CHECK(all(4, 0) == 0);
}

TEST_CASE("protein_search: what one search found keeps its order above the ranking of another") {
  examples::SearchScores first(2), second(2);
  first.values = {0, 40, 50, 0};
  second.values = {-7, -1, -9, -3};
  CHECK(examples::first_then(first, second).values == std::vector<double>{-7, 48, 58, -3});
}

TEST_CASE("protein_search: queries without a significant hit") {
  examples::MmseqsScores found{examples::SearchScores(3), examples::SearchScores(3)};
  found.scores.values = {0, 5, 0, 5, 0, 0, 0, 3, 0};
  found.significant.values = {0, 5, 0, 0, 0, 0, 0, 0, 0};
  CHECK(found.without_hit({0, 2}) == std::vector<std::size_t>{2});
}

TEST_CASE("protein_search: a validation part has whole groups") {
  const auto all = some_proteins();
  std::vector<std::size_t> rows(40);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const auto cut = examples::groups_cut_from(rows, all.ranks[1], 0.1, {.seed = 3});
  CHECK(cut.size() == 4);
  CHECK(rows.size() == 36);
  for (const std::size_t row : cut) CHECK(all.ranks[1][row] == all.ranks[1][cut[0]]);
  auto again = rows;
  again.insert(again.end(), cut.begin(), cut.end());
  std::sort(again.begin(), again.end());
  CHECK(examples::groups_cut_from(again, all.ranks[1], 0.1, {.seed = 3}) == cut);
  const auto some = all.subset({0, 39});
  CHECK(some.records[1].id == "39");
  CHECK(some.ranks[0] == std::vector<std::string>{"a", "b"});
}

TEST_CASE("protein_search: the rank that is searched for is one of the ranks") {
  examples::RelationTable table;
  CHECK(table.rank() == 2);
  table.group = "order";
  CHECK(message_of<option_error>([&] { static_cast<void>(table.rank()); }) ==
        "--group is 'order', expected one of --ranks");
}
