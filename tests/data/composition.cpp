#include <seqlstm/data/composition.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

LabelledRecords records(std::vector<std::string> sequences) {
  LabelledRecords data;
  for (auto& sequence : sequences) {
    data.records.push_back({.sequence = std::move(sequence)});
    data.labels.push_back(static_cast<double>(data.labels.size()));
  }
  return data;
}

}  // namespace

TEST_CASE("composition: DNA by position, and 3-mers and 4-mers per 100 letters") {
  const DnaFeatures features(3);
  CHECK(features.width() == 12 + 64 + 256);
  const auto rows = features(records({"ACGTN", "", "gt"}));
  REQUIRE(rows.size() == 3);
  CHECK(rows.labels == std::vector<double>{0, 1, 2});
  const float* row = rows.values.data();
  CHECK(row[0] == 1);      // A
  CHECK(row[4 + 1] == 1);  // C
  CHECK(row[8 + 2] == 1);  // G
  const float* three = row + 12;
  CHECK(three[16 * 0 + 4 * 1 + 2] == 20);  // ACG, once in 5 letters
  CHECK(three[16 * 1 + 4 * 2 + 3] == 20);  // CGT; GTN is none
  CHECK(three[64 + 64 * 0 + 16 * 1 + 4 * 2 + 3] == 20);
  float sum = 0;
  for (std::size_t i = 0; i < features.width(); ++i) sum += row[i];
  CHECK(sum == 3 + 60);
  for (std::size_t i = 0; i < features.width(); ++i) CHECK(rows.values[features.width() + i] == 0);
  CHECK(rows.values[2 * features.width() + 2] == 1);  // case does not matter
  CHECK(DnaFeatures(0).width() == 320);
}

TEST_CASE("composition: proteins by residues, length and pairs") {
  const ProteinFeatures alone(false), pairs(true);
  CHECK(alone.width() == 21);
  CHECK(pairs.width() == 421);
  const auto rows = pairs(records({"AACX", ""}));
  const float* row = rows.values.data();
  CHECK(row[0] == 10);  // two of four, in units of 1/20
  CHECK(row[1] == 5);
  CHECK(row[20] == Approx(std::log(4 / 200.0)));
  CHECK(row[21] == 5);                                          // AA
  CHECK(row[21 + 1] == 5);                                      // AC; CX is none
  CHECK(rows.values[421 + 20] == Approx(std::log(1 / 200.0)));  // no letter counts as one
  const auto short_rows = alone(records({"AACX"}));
  for (std::size_t i = 0; i < 21; ++i) CHECK(short_rows.values[i] == row[i]);
}
