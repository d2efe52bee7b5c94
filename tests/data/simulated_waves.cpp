#include <seqlstm/data/simulated_waves.hpp>

#include <array>
#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("simulated waves: four shapes in turn, three channels of other scales, of many lengths") {
  const auto data = simulated_waves(400, 1);
  REQUIRE(data.size() == 400);
  CHECK(data.channel_count == 3);
  CHECK(data.label_names == std::vector<std::string>{"sine", "square", "rising saw", "falling saw"});
  CHECK(class_counts(data.labels) == std::vector<std::size_t>(4, 100));
  CHECK(data.max_length() <= 89);
  CHECK_FALSE(data.same_length());
  CHECK(data.names[3] == "wave4");
  std::array<double, 3> squares{};
  for (std::size_t t = 0; t < data.tokens(); ++t)
    for (std::size_t c = 0; c < 3; ++c)
      squares[c] += std::pow(double{data.channel_rows()(t, c)}, 2) / static_cast<double>(data.tokens());
  CHECK(std::sqrt(squares[1] / squares[0]) == Approx(1000).epsilon(0.1));
  CHECK(std::sqrt(squares[2] / squares[0]) == Approx(0.01).epsilon(0.1));
}

TEST_CASE("simulated waves: a function of the seed") {
  CHECK(simulated_waves(6, 1).channels == simulated_waves(6, 1).channels);
  CHECK(simulated_waves(6, 1).channels != simulated_waves(6, 2).channels);
}
