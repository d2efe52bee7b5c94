#include <seqlstm/data/pore_model.hpp>

#include <cmath>
#include <limits>
#include <numeric>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("pore model: k-mers are numbers to base 4, the first letter the highest digit") {
  const PoreModel model = simulated_pore_model(3, 1);
  REQUIRE(model.kmers() == 64);
  const std::vector<Token> acg = {0, 1, 2};
  CHECK(model.kmer(acg) == 6);
  CHECK(model.text(6) == "ACG");
  CHECK(model.centre() == 1);
  CHECK(model.base_of(6) == 1);
  CHECK(model.text(model.next(6, 3)) == "CGT");
  CHECK(simulated_pore_model(6, 1).centre() == 3);
  const std::vector<Token> two = {0, 1};
  CHECK(message_of<shape_error>([&] { static_cast<void>(model.kmer(two)); }) ==
        "pore model: 2 bases, expected a k-mer of 3");
}

TEST_CASE("pore model: a simulated one has levels like those of R9.4, by its seed") {
  for (const std::size_t k : {1U, 4U, 6U}) {
    const PoreModel model = simulated_pore_model(k, 7);
    CHECK_NOTHROW(model.check());
    const auto n = static_cast<double>(model.kmers());
    const double mean = std::accumulate(model.level.begin(), model.level.end(), 0.0) / n;
    double squares = 0;
    for (const double level : model.level) squares += (level - mean) * (level - mean) / n;
    INFO("k " << k);
    CHECK(std::abs(mean - 90) < 25);
    if (k > 1) CHECK((std::sqrt(squares) > 4 && std::sqrt(squares) < 26));
    CHECK(simulated_pore_model(k, 7).level == model.level);
    CHECK(simulated_pore_model(k, 8).level != model.level);
  }
}

TEST_CASE("pore model: what is no model is refused") {
  CHECK_THROWS_WITH(simulated_pore_model(0, 1), "pore model: k is 0, expected 1 to 10");
  CHECK_THROWS_AS(simulated_pore_model(11, 1), option_error);
  PoreModel model = simulated_pore_model(2, 1);
  model.deviation[7] = 0;
  CHECK_THROWS_WITH(model.check(), ContainsSubstring("k-mer CT has level"));
  model.deviation[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(model.check(), option_error);
  model.deviation.pop_back();
  CHECK_THROWS_WITH(model.check(), ContainsSubstring("16 levels, 16 and 15 deviations"));
}
