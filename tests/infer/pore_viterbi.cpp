#include <seqlstm/infer/pore_viterbi.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <seqlstm/data/nanopore_signal.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

/// The log probability of a way through the k-mers: of each sample its k-mer, and whether it was stepped to.
struct Way {
  std::vector<std::size_t> kmers;
  std::vector<bool> stepped;
};

double log_probability(const Way& way, std::span<const float> signal, const PoreModel& model,
                       const PoreViterbiOptions& options) {
  double sum = -std::log(static_cast<double>(model.kmers()));
  for (std::size_t t = 0; t < signal.size(); ++t) {
    const double wide = options.noise * model.deviation[way.kmers[t]];
    const double all = std::hypot(wide, options.level_noise * model.level_deviation[way.kmers[t]]);
    const double distance = (double{signal[t]} - model.level[way.kmers[t]]) / all;
    sum += -0.5 * distance * distance - std::log(all) - 0.5 * std::log(2 * std::numbers::pi);
    if (t > 0)
      sum += way.stepped[t] ? std::log(0.25 / options.dwell_mean) : std::log(1 - 1 / options.dwell_mean);
  }
  return sum;
}

/// Calls body(way) for every way of so many samples.
template <class Body> void for_each_way(const PoreModel& model, std::size_t samples, Way& way, Body&& body) {
  if (way.kmers.size() == samples) {
    body(way);
    return;
  }
  const auto go = [&](std::size_t kmer, bool step) {
    way.kmers.push_back(kmer);
    way.stepped.push_back(step);
    for_each_way(model, samples, way, body);
    way.kmers.pop_back();
    way.stepped.pop_back();
  };
  if (way.kmers.empty()) {
    for (std::size_t kmer = 0; kmer < model.kmers(); ++kmer) go(kmer, true);
    return;
  }
  const std::size_t last = way.kmers.back();
  go(last, false);
  for (Token base = 0; base < 4; ++base) go(model.next(last, base), true);
}

}  // namespace

TEST_CASE("pore viterbi: the best of all ways through a small model") {
  for (const std::size_t k : {1U, 2U}) {
    PoreModel model = simulated_pore_model(k, 3);
    for (std::size_t i = 0; i < model.kmers(); ++i) model.deviation[i] = 5 + static_cast<double>(i % 3);
    const PoreViterbiOptions options{.dwell_mean = 2.5, .level_noise = 0.7, .noise = 1.5};
    RandomStream random(k);
    for (int trial = 0; trial < 5; ++trial) {
      std::vector<float> signal(k == 1 ? 6 : 5);
      for (float& x : signal) x = static_cast<float>(random.uniform(70, 110));
      double best = -std::numeric_limits<double>::infinity();
      Way way, best_way;
      for_each_way(model, signal.size(), way, [&](const Way& one) {
        const double p = log_probability(one, signal, model, options);
        if (p > best) {
          best = p;
          best_way = one;
        }
      });
      const PorePath path = pore_viterbi(signal, model, options);
      CHECK(std::abs(path.log_probability - best) < 1e-9);
      std::vector<Token> bases;
      std::vector<std::size_t> starts;
      for (std::size_t t = 0; t < signal.size(); ++t)
        if (best_way.stepped[t]) {
          bases.push_back(model.base_of(best_way.kmers[t]));
          starts.push_back(t);
        }
      CHECK(path.bases == bases);
      CHECK(path.starts == starts);
    }
  }
}

TEST_CASE("pore viterbi: a signal without noise is read without an error") {
  const PoreModel model = simulated_pore_model(5, 1);
  RandomStream random(8);
  std::vector<Token> dna;  // no base twice, so that every step shows
  while (dna.size() < 400) {
    const auto base = static_cast<Token>(random.below(4));
    if (dna.empty() || dna.back() != base) dna.push_back(base);
  }
  const auto read = simulate_nanopore_read(
      model, dna, 2000,
      {.dwell_mean = 9, .dwell_deviation = 2, .level_noise = 0, .noise = 0, .shift = 0, .drift = 0}, random);
  const PorePath path = pore_viterbi(read.signal, model, {.dwell_mean = 9, .level_noise = 0, .noise = 0.05});
  CHECK(path.bases == read.bases);
  CHECK(path.starts == read.starts);
}

TEST_CASE("pore viterbi: an empty signal has no bases, and what is no number is refused") {
  const PoreModel model = simulated_pore_model(2, 1);
  CHECK(pore_viterbi({}, model).bases.empty());
  CHECK_THROWS_WITH(pore_viterbi(std::vector<float>{90, std::nanf("")}, model),
                    ContainsSubstring("not a number at sample 1"));
  CHECK_THROWS_WITH(pore_viterbi({}, model, {.dwell_mean = 1}), ContainsSubstring("the mean dwell is 1"));
  CHECK_THROWS_WITH(pore_viterbi({}, model, {.noise = 0}), ContainsSubstring("noise is 0"));
  CHECK_THROWS_WITH(pore_viterbi({}, model, {.level_noise = -1}), ContainsSubstring("level noise is -1"));
  CHECK_THROWS_AS(pore_viterbi({}, PoreModel()), option_error);
}
