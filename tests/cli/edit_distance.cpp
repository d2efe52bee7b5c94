// Distances and identities of sequences, as programs compute them: edit_distance.hpp.
#include <algorithm>
#include <seqlstm/core/random.hpp>
#include <string>
#include <vector>

#include "edit_distance.hpp"
#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// The whole table of distances of beginnings.
std::size_t by_table(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({exchanged, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string random_bases(RandomStream& random, std::size_t length) {
  std::string text(length, 'A');
  for (char& c : text) c = "ACGT"[static_cast<std::size_t>(random.uniform() * 4)];
  return text;
}
/// With a share of letters exchanged, doubled or lost.
std::string misread(RandomStream& random, const std::string& text, double share) {
  std::string read;
  for (const char c : text) {
    const double draw = random.uniform() / share;
    if (draw < 1.0 / 3) continue;
    read += draw < 2.0 / 3 ? random_bases(random, 1)[0] : c;
    if (draw >= 2.0 / 3 && draw < 1) read += c;
  }
  return read;
}

}  // namespace

TEST_CASE("edit distance: examples by hand") {
  CHECK(examples::edit_distance("kitten", "sitting") == 3);
  CHECK(examples::edit_distance("ACGT", "ACGT") == 0);
  CHECK(examples::edit_distance("ACGT", "acgt") == 4);
  CHECK(examples::edit_distance("", "ACG") == 3);
  CHECK(examples::edit_distance("ACG", "") == 3);
  CHECK(examples::edit_distance("", "") == 0);
}

TEST_CASE("edit distance: columns of the alignment by hand") {
  // ACGTTCA-G
  // AC-TTGACG
  const auto counts = examples::alignment_counts("ACGTTCAG", "ACTTGACG");
  CHECK(counts.matches == 6);
  CHECK(counts.mismatches == 1);
  CHECK(counts.insertions == 1);
  CHECK(counts.deletions == 1);
  CHECK(counts.length() == 9);
  CHECK(counts.errors() == 3);
  CHECK(counts.identity() == 6 / 9.0);
  CHECK(examples::alignment_identity("ACG", "ACGT") == 0.75);
  CHECK(examples::alignment_counts("ACG", "ACGT").deletions == 1);
  CHECK(examples::alignment_counts("ACGT", "ACG").insertions == 1);
  CHECK(examples::alignment_identity("ACGT", "ACGT") == 1);
  CHECK(examples::alignment_identity("AAAA", "CCCC") == 0);
  CHECK(examples::alignment_counts("", "ACG").deletions == 3);
  CHECK(examples::alignment_counts("ACG", "").insertions == 3);
  CHECK(examples::alignment_identity("", "ACG") == 0);
  CHECK(examples::alignment_identity("", "") == 1);
}

TEST_CASE("edit distance: as the whole table says, and as the columns add up") {
  RandomStream random(5);
  for (const std::size_t length : {1U, 2U, 7U, 63U, 64U, 65U, 300U, 1500U})
    for (const double share : {0.05, 0.3, 1.0}) {
      INFO(length << " letters, share " << share);
      const std::string reference = random_bases(random, length), read = misread(random, reference, share);
      const std::size_t expected = by_table(read, reference);
      CHECK(examples::edit_distance(read, reference) == expected);
      const auto counts = examples::alignment_counts(read, reference);
      CHECK(counts.errors() == expected);
      CHECK(counts.matches + counts.mismatches + counts.insertions == read.size());
      CHECK(counts.matches + counts.mismatches + counts.deletions == reference.size());
    }
}

TEST_CASE("edit distance: where the letters of a read come from") {
  using Positions = std::vector<std::int32_t>;
  CHECK(examples::placed_letters("ACGT", "TTACGTTT") == Positions{2, 3, 4, 5});
  CHECK(examples::placed_letters("ACCTGA", "GGACGTGAGG") == Positions{2, 3, 4, 5, 6, 7});  // C for G
  CHECK(examples::placed_letters("GATTACA", "CCGATTGACACC") == Positions{2, 3, 4, 5, 7, 8, 9});
  CHECK(examples::placed_letters("GATTCACA", "CCGATTACACC") == Positions{2, 3, 4, 5, -1, 6, 7, 8});
  CHECK(examples::placed_letters("ACG", "") == Positions{-1, -1, -1});
  CHECK(examples::placed_letters("", "ACG").empty());
  RandomStream random(7);
  const std::string reference = random_bases(random, 400),
                    read = misread(random, reference.substr(100, 200), 0.1);
  const auto positions = examples::placed_letters(read, reference);
  REQUIRE(positions.size() == read.size());
  std::size_t matches = 0;
  for (std::size_t i = 0; i < read.size(); ++i)
    matches += positions[i] >= 0 && reference[static_cast<std::size_t>(positions[i])] == read[i] ? 1 : 0;
  CHECK(matches > read.size() * 8 / 10);
}

TEST_CASE("edit distance: a long read, whose table would not fit into memory") {
  RandomStream random(6);
  const std::string reference = random_bases(random, 100000);
  std::string read = reference;
  for (std::size_t i = 50; i < read.size(); i += 100) read[i] = read[i] == 'A' ? 'C' : 'A';
  const auto counts = examples::alignment_counts(read, reference);
  CHECK(counts.errors() <= 1000);
  CHECK(counts.errors() == examples::edit_distance(read, reference));
  CHECK(counts.identity() > 0.985);
}
