#include <seqlstm/data/simulated.hpp>

#include <set>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("simulated data: promoters have their boxes more often than others") {
  const auto data = simulated_promoters(1000, 1);
  REQUIRE(data.records.size() == 2000);
  double boxes[2] = {};
  for (std::size_t i = 0; i < data.records.size(); ++i) {
    CHECK(data.records[i].sequence.size() == 60);
    const bool has = data.records[i].sequence.find("TATAAT") != std::string::npos;
    boxes[static_cast<std::size_t>(data.labels[i])] += has ? 1 : 0;
  }
  CHECK(boxes[1] > 100);
  CHECK(boxes[1] > 1.5 * boxes[0]);
}

TEST_CASE("simulated data: a function of the seed") {
  CHECK(simulated_promoters(5, 1).records[3].sequence == simulated_promoters(5, 1).records[3].sequence);
  CHECK(simulated_promoters(5, 1).records[3].sequence != simulated_promoters(5, 2).records[3].sequence);
  CHECK(simulated_genome(1000, 1) != simulated_genome(1000, 2));
  CHECK(simulated_diary(1000, 1) == simulated_diary(1000, 1));
}

TEST_CASE("simulated data: the motif stands where the label says") {
  const auto data = simulated_motif_positions(200, 80, 1);
  for (std::size_t i = 0; i < 200; ++i) {
    const auto& sequence = data.records[i].sequence;
    const std::size_t first = sequence.find("AKGDKICL");
    REQUIRE(first != std::string::npos);
    const bool at_end = first < 10 || first >= 80 - 10 - 8;
    CHECK(at_end == (data.labels[i] == 1));
  }
  CHECK_THROWS_WITH(simulated_motif_positions(1, 63, 1),
                    "simulated_motif_positions: the length is 63, expected at least 64");
}

TEST_CASE("simulated data: families by name, with their signatures") {
  const auto data = simulated_families(500, 1);
  CHECK(data.label_names.size() == 5);
  for (std::size_t i = 0; i < data.records.size(); ++i) {
    const auto& sequence = data.records[i].sequence;
    CHECK(sequence.size() >= 60);
    CHECK(sequence.size() <= 300);
    if (data.label_names[static_cast<std::size_t>(data.labels[i])] != "subtilase") continue;
    CHECK((sequence.find("GTS") != std::string::npos));
  }
}

TEST_CASE("simulated data: a genome of genes, a diary of days") {
  const auto genome = simulated_genome(20000, 1);
  CHECK(genome.size() >= 20000);
  CHECK(genome.find_first_not_of("ACGT") == std::string::npos);
  CHECK(genome.find("AGGAGG") != std::string::npos);
  const auto diary = simulated_diary(5000, 1);
  CHECK(diary.size() >= 5000);
  for (const char* day : {"Monday", "Sunday"}) CHECK(diary.find(day) != std::string::npos);
}
