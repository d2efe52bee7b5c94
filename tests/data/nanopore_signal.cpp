#include <seqlstm/data/nanopore_signal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<Token> random_bases(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<Token> bases(count);
  for (Token& base : bases) base = static_cast<Token>(random.below(4));
  return bases;
}
NanoporeRead simulate(const PoreModel& model, const NanoporeSignalOptions& options, std::size_t samples,
                      std::uint64_t seed = 1) {
  RandomStream random(seed);
  return simulate_nanopore_read(model, random_bases(samples + 10, 9), samples, options, random);
}
const NanoporeSignalOptions plain = {
    .dwell_mean = 4, .dwell_deviation = 0, .level_noise = 0, .noise = 0, .shift = 0, .drift = 0};

}  // namespace

TEST_CASE("simulated read: without noise each k-mer shows its level for its dwell") {
  const PoreModel model = simulated_pore_model(4, 1);
  const auto dna = random_bases(100, 9);
  const auto read = simulate(model, plain, 42);
  REQUIRE(read.signal.size() == 42);
  REQUIRE(read.starts.size() == 11);
  CHECK(read.bases.size() == 11);
  for (std::size_t t = 0; t < 42; ++t) {
    const std::size_t event = t / 4;
    CHECK(read.starts[event] == 4 * event);
    CHECK(read.bases[event] == dna[event + 2]);
    CHECK(read.signal[t] == static_cast<float>(model.level[model.kmer(std::span(dna).subspan(event, 4))]));
    CHECK(read.baseline[t] == 0);
  }
}

TEST_CASE("simulated read: level, deviation, dwells and baseline are those asked for") {
  const PoreModel model = simulated_pore_model(2, 1);
  const NanoporeSignalOptions options{
      .dwell_mean = 9, .dwell_deviation = 4, .level_noise = 0.5, .noise = 1.5, .shift = 0, .drift = 0};
  const auto dna = random_bases(100010, 9);
  RandomStream random(3);
  const auto read = simulate_nanopore_read(model, dna, 100000, options, random);
  std::map<std::size_t, std::vector<double>> means, distances;  // of visits, and of samples within them
  double dwell = 0, squares = 0;
  const std::size_t whole = read.starts.size() - 1;
  for (std::size_t event = 0; event < whole; ++event) {
    const std::size_t kmer = model.kmer(std::span(dna).subspan(event, 2));
    const auto length = static_cast<double>(read.starts[event + 1] - read.starts[event]);
    double visit = 0;
    for (std::size_t t = read.starts[event]; t < read.starts[event + 1]; ++t)
      visit += double{read.signal[t]} / length;
    means[kmer].push_back(visit);
    for (std::size_t t = read.starts[event]; length > 1 && t < read.starts[event + 1]; ++t)
      distances[kmer].push_back((double{read.signal[t]} - visit) * std::sqrt(length / (length - 1)));
    CHECK(length >= 1);
    dwell += length / static_cast<double>(whole);
    squares += length * length / static_cast<double>(whole);
  }
  CHECK(std::abs(dwell - 9) < 0.15);
  CHECK(std::abs(std::sqrt(squares - dwell * dwell) - 4) < 0.15);
  REQUIRE(means.size() == 16);
  const auto moments = [](const std::vector<double>& values) {
    double mean = 0, variance = 0;
    for (const double x : values) mean += x / static_cast<double>(values.size());
    for (const double x : values) variance += (x - mean) * (x - mean) / static_cast<double>(values.size());
    return std::pair(mean, std::sqrt(variance));
  };
  for (const auto& [kmer, visits] : means) {
    const double of_samples = 1.5 * model.deviation[kmer];
    CHECK(std::abs(moments(visits).first - model.level[kmer]) < 0.3);
    CHECK(std::abs(moments(distances[kmer]).second - of_samples) < 0.1);
    // The mean of a visit's samples varies with the visit and, a little, with its samples.
    CHECK(moments(visits).second > 0.5 * model.level_deviation[kmer]);
    CHECK(moments(visits).second < 0.5 * model.level_deviation[kmer] + 0.5 * of_samples);
  }

  auto moving = options;
  moving.shift = 5;
  moving.drift = 1;
  double shift = 0, drift = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto one = simulate(model, moving, 1001, seed);
    shift += std::pow(double{one.baseline[0]}, 2) / 400;
    drift += std::pow(double{one.baseline[1000]} - double{one.baseline[0]}, 2) / 400;
  }
  CHECK(std::abs(std::sqrt(shift) - 5) < 0.6);
  CHECK(std::abs(std::sqrt(drift) - 1) < 0.12);
}

TEST_CASE("simulated read: numbers that are none, and a strand that ends too early, are refused") {
  const PoreModel model = simulated_pore_model(3, 1);
  const auto refused = [&](NanoporeSignalOptions options) {
    return message_of<option_error>([&] { static_cast<void>(simulate(model, options, 10)); });
  };
  CHECK_THAT(refused({.dwell_mean = 0.5}), ContainsSubstring("the mean dwell is 0.5"));
  CHECK_THAT(refused({.dwell_deviation = -1}), ContainsSubstring("the dwell's deviation is -1"));
  CHECK_THAT(refused({.dwell_mean = 1e7}), ContainsSubstring("1 to 1,000,000 samples"));
  CHECK(refused({.dwell_mean = 9, .dwell_deviation = 18.5}) ==
        "simulated read: the dwell's deviation is 18.500000, expected a finite number, at most twice the "
        "mean dwell");
  CHECK_THAT(refused({.dwell_deviation = 1e200}), ContainsSubstring("at most twice the mean dwell"));
  CHECK_THAT(refused({.level_noise = -2}), ContainsSubstring("level noise is -2"));
  CHECK_THAT(refused({.noise = std::nan("")}), ContainsSubstring("noise is"));
  CHECK_THAT(refused({.drift = std::numeric_limits<double>::infinity()}), ContainsSubstring("drift is inf"));
  RandomStream random(1);
  const std::vector<Token> dna = {0, 1, 2, 3};
  CHECK(message_of<shape_error>([&] {
          static_cast<void>(simulate_nanopore_read(model, dna, 10, plain, random));
        }) == "simulated read: the strand of 4 bases ends after 8 of 10 samples");
}

TEST_CASE("simulated read: a deviation of dwells that never shows is none") {
  const PoreModel model = simulated_pore_model(3, 1);
  auto options = plain;
  const auto none = simulate(model, options, 100);
  for (const double deviation : {1e-200, 1e-9}) {
    options.dwell_deviation = deviation;
    CHECK(simulate(model, options, 100).starts == none.starts);
  }
}

TEST_CASE("nanopore simulator: a read has room however much dwells deviate") {
  const PoreModel model = simulated_pore_model(3, 1);
  RandomStream random(5);
  std::string dna(3000, 'A');
  for (char& letter : dna) letter = "ACGT"[random.below(4)];
  CHECK(nanopore_read_bases(3, 300, {}) == 66 + 3 + 50);
  for (const double mean : {1.0, 9.0, 30.0}) {
    const NanoporeSignalOptions wide{.dwell_mean = mean, .dwell_deviation = 2 * mean};
    CHECK(nanopore_read_bases(3, 300, wide) == static_cast<std::size_t>(600 / mean) + 3 + 200);
    const NanoporeSimulator simulator(model, wide, std::span(&dna, 1), 300);
    for (std::uint64_t record = 0; record < 500; ++record)
      CHECK(simulator.read({1, 2, 3}, record).signal.size() == 300);
  }
}

TEST_CASE("nanopore simulator: reads of both strands, the same for the same key and record") {
  const PoreModel model = simulated_pore_model(3, 1);
  RandomStream random(5);
  std::string dna(2000, 'A');
  for (char& letter : dna) letter = "ACGT"[random.below(4)];
  const std::vector<std::string> pieces = {"ACGTACGTAC", dna};
  const NanoporeSimulator simulator(model, {}, pieces, 300);
  const auto letters = [&](std::uint64_t record) {
    std::string text;
    for (const Token base : simulator.read({1, 2, 3}, record).bases) text += "ACGT"[base];
    return text;
  };
  std::size_t forward = 0, reverse = 0;
  std::string other(dna.rbegin(), dna.rend());
  for (char& letter : other) letter = letter == 'A' ? 'T' : letter == 'C' ? 'G' : letter == 'G' ? 'C' : 'A';
  for (std::uint64_t record = 0; record < 40; ++record) {
    forward += dna.find(letters(record)) != std::string::npos ? 1 : 0;
    reverse += other.find(letters(record)) != std::string::npos ? 1 : 0;
  }
  CHECK(forward + reverse == 40);
  CHECK(forward > 8);
  CHECK(reverse > 8);
  CHECK(simulator.read({1, 2, 3}, 4).signal == simulator.read({1, 2, 3}, 4).signal);
  CHECK(simulator.read({1, 2, 3}, 4).signal != simulator.read({1, 2, 3}, 5).signal);
  CHECK(simulator.read({1, 2, 3}, 4).signal != simulator.read({2, 2, 3}, 4).signal);
  CHECK_THROWS_WITH(
      NanoporeSimulator(model, {}, std::span(pieces).first(1), 300),
      "simulated reads: a read of 300 samples takes up to 119 bases, the longest of 1 stretches "
      "has 10; simulate shorter reads");
}

TEST_CASE("standardised signal: median 0, deviation by the median of distances") {
  const std::vector<float> signal = {5, 1, 3, 2, 100};
  const auto result = standardised_signal(signal);
  CHECK(result[2] == 0);  // 3 is the median, distances are 2, 2, 0, 1, 97
  CHECK(result[0] == 2 / (1.4826F * 2));
  CHECK(standardised_signal(std::vector<float>{4, 4, 4}) == std::vector<float>{0, 0, 0});
  CHECK(standardised_signal({}).empty());
  // Half of the samples are alike: the standard deviation, here 2.
  const auto steps = standardised_signal(std::vector<float>{1, 1, 1, 1, 6});
  CHECK(steps[0] == 0);
  CHECK(std::abs(steps[4] - 2.5F) < 1e-6F);
  CHECK_THROWS_WITH(standardised_signal(std::vector<float>{1, 2, std::nanf("")}),
                    ContainsSubstring("not a number at sample 2"));
}

TEST_CASE("signal frames: samples side by side, the rest left out") {
  const std::vector<float> signal = {0, 1, 2, 3, 4, 5, 6};
  const auto frames = signal_frames(signal, 3);
  CHECK(frames.rows() == 2);
  CHECK(frames(1, 2) == 5);
  CHECK_THROWS_AS(signal_frames(signal, 0), option_error);
}
