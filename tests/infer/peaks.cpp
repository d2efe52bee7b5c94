#include <seqlstm/core/random.hpp>
#include <seqlstm/infer/peaks.hpp>

#include <utility>
#include <vector>

#include "support/catch.hpp"

using seqlstm::PeakFinder;

namespace {

using Series = std::vector<std::pair<std::size_t, double>>;  // places and values

Series found(PeakFinder& finder, const Series& series) {
  Series peaks;
  const auto keep = [&](std::size_t place, double value) { peaks.emplace_back(place, value); };
  for (const auto& [place, value] : series) finder.add(place, value, keep);
  finder.finish(keep);
  return peaks;
}

/// At least the threshold, above all values before it within the radius, and not below those behind it.
Series defined(const Series& series, double threshold, std::size_t radius) {
  Series peaks;
  for (const auto& [place, value] : series) {
    bool highest = value >= threshold;
    for (const auto& [other, rival] : series) {
      if (other < place && place - other <= radius) highest = highest && rival < value;
      if (other > place && other - place <= radius) highest = highest && rival <= value;
    }
    if (highest) peaks.emplace_back(place, value);
  }
  return peaks;
}

}  // namespace

TEST_CASE("peaks: maxima at the ends, on plateaus, at the threshold and as far apart as the radius") {
  const Series series = {{0, 0.9},  {10, 0.5}, {20, 0.6}, {30, 0.6}, {40, 0.6},
                         {50, 0.4}, {60, 0.6}, {80, 0.2}, {90, 0.3}};
  const auto places = [&](double threshold, std::size_t radius) {
    PeakFinder finder(threshold, radius);
    std::vector<std::size_t> peaks;
    for (const auto& peak : found(finder, series)) peaks.push_back(peak.first);
    return peaks;
  };
  CHECK(places(0, 10) == std::vector<std::size_t>{0, 20, 60, 90});
  CHECK(places(0, 20) == std::vector<std::size_t>{0, 90});
  CHECK(places(0.3, 10) == std::vector<std::size_t>{0, 20, 60, 90});
  CHECK(places(0.31, 10) == std::vector<std::size_t>{0, 20, 60});
  CHECK(places(0.6, 10) == std::vector<std::size_t>{0, 20, 60});
  CHECK(places(0.7, 9) == std::vector<std::size_t>{0});
  CHECK(places(0.95, 10).empty());
  CHECK(places(0, 30) == std::vector<std::size_t>{0});
  CHECK(places(0, 9).size() == 9);
}

TEST_CASE("peaks: maxima of random series with gaps are those of the definition, one record after another") {
  seqlstm::RandomStream random(1);
  std::size_t peaks = 0;
  for (const std::size_t radius : {0, 1, 10, 25, 100})
    for (const double threshold : {0.0, 0.25, 0.3, 0.75, 1.0}) {
      PeakFinder finder(threshold, radius);  // the same for all records
      for (const std::size_t length : {0, 1, 2, 50, 200}) {
        Series series;
        for (std::size_t i = 0, place = 0; i < length; ++i) {
          place += random.below(20) == 0 ? 10 * (1 + random.below(30)) : 10;
          series.emplace_back(place, 0.25 * static_cast<double>(random.below(5)));  // many are equal
        }
        INFO("radius " << radius << ", threshold " << threshold << ", " << length << " values");
        const auto expected = defined(series, threshold, radius);
        CHECK(found(finder, series) == expected);
        peaks += expected.size();
      }
    }
  CHECK(peaks > 1000);
}
