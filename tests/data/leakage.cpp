#include <seqlstm/data/leakage.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("the nearest relative by shared k-mers") {
  const std::vector<std::string> trained = {"MKVLAAGIVG", "WWWWWWWWWW", "MKVLAAPPPP"};
  const std::vector<std::string> test = {"MKVLAAGIVG", "MKVLAAGGGG", "CCCCCCCCCC", "MKV", "WWWWWWW"};
  const auto relatives = kmer_relatives(test, trained, 4);
  REQUIRE(relatives.size() == 5);
  CHECK(relatives[0].identity == 1.0);
  CHECK(relatives[0].row == 0);
  // MKVL KVLA VLAA LAAG AAGG AGGG GGGG: four of seven in the first, three in the third
  CHECK(relatives[1].identity == Approx(4.0 / 7));
  CHECK(relatives[1].row == 0);
  CHECK(relatives[2].identity == 0.0);
  CHECK(relatives[2].row == Relative::none);
  CHECK(relatives[3].row == Relative::none);  // shorter than k
  CHECK(relatives[4].identity == 1.0);        // one k-mer, however often
  CHECK(relatives[4].row == 1);
  CHECK(kmer_relatives(test, {}, 4)[0].row == Relative::none);
  CHECK_THROWS_AS(kmer_relatives(test, trained, 0), option_error);
  CHECK_THROWS_AS(kmer_relatives(test, trained, 13), option_error);
}

TEST_CASE("the nearest relative on either strand") {
  const std::vector<std::string> trained = {"ACGTTGCAAGGCTA", "CCCCCCGGTGTGTG"};
  const std::vector<std::string> test = {reverse_complement(trained[0]), trained[1]};
  const auto one_strand = kmer_relatives(test, trained, 8), both = kmer_relatives(test, trained, 8, true);
  CHECK(one_strand[0].row == Relative::none);
  CHECK(both[0].row == 0);
  CHECK(both[0].identity == 1.0);
  CHECK(both[1].row == 1);
}

TEST_CASE("an index of k-mers grows row by row") {
  KmerIndex index(4);
  CHECK(index.nearest("MKVLAAGIVG").row == Relative::none);
  const std::string first = "MKVLAAPPPP", second = "MKVLAAGIVG";
  index.add(first);
  CHECK(index.nearest(second).identity == Approx(3.0 / 7));
  index.add(second);
  CHECK(index.nearest(second).row == 1);
}

TEST_CASE("nucleotides are told from amino acids by their letters") {
  using Sequences = std::vector<std::string>;
  CHECK(are_nucleotides(Sequences{"ACGTNACGT", "acgu-acg*"}));
  CHECK(are_nucleotides(Sequences{"ACGTACGTACGTACGTACGR"}));        // 1 of 20 is R
  CHECK_FALSE(are_nucleotides(Sequences{"ACGTACGTR"}));             // 1 of 9
  CHECK_FALSE(are_nucleotides(Sequences{"ACGTACGTACGTACGTACGE"}));  // no nucleotide
  CHECK_FALSE(are_nucleotides(Sequences{"GAGAGSGAGAGS"}));
  CHECK_FALSE(are_nucleotides(Sequences{"", "-"}));
  CHECK_FALSE(are_nucleotides(Sequences{}));
}

TEST_CASE("the variety of k-mers is low among repeats") {
  CHECK(kmer_variety("MKVLAAGIVG") == 1.0);
  CHECK(kmer_variety("QQQQQQQQQQQQ") == Approx(0.1));
  CHECK(kmer_variety("GAGAGAGA", 2) == Approx(2.0 / 7));
  CHECK(kmer_variety("QQ") == 1.0);
}

TEST_CASE("bands of identity, and rows without relatives") {
  std::vector<Relative> relatives;
  for (const double identity : {0.0, 0.29, 0.3, 0.31, 0.5, 0.95, 1.0}) relatives.push_back({identity, 1, 0});
  const auto bands = identity_bands(relatives, std::vector<double>{0.3, 0.5, 0.95});
  REQUIRE(bands.size() == 4);
  CHECK(bands[0].rows == std::vector<std::size_t>{0, 1, 2});
  CHECK(bands[1].rows == std::vector<std::size_t>{3, 4});
  CHECK(bands[2].rows == std::vector<std::size_t>{5});
  CHECK(bands[3].rows == std::vector<std::size_t>{6});
  CHECK(bands[1].low == 0.3);
  CHECK(bands[1].high == 0.5);
  CHECK(bands[3].high == 1.0);
  CHECK(rows_without_relatives(relatives, 0.3) == std::vector<std::size_t>{0, 1, 2});
  CHECK_THROWS_AS(identity_bands(relatives, std::vector<double>{0.5, 0.3}), option_error);
  CHECK_THROWS_AS(identity_bands(relatives, std::vector<double>{0.0}), option_error);
  CHECK_THROWS_AS(identity_bands(relatives, std::vector<double>{1.5}), option_error);
}
