// Definitions of pore_viterbi.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <seqlstm/infer/pore_viterbi.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr std::uint8_t stays =
    4;  ///< beside the first base of the k-mer that a step came from, 0 to 3

/// log N(x; level, deviation) of every k-mer as constant + factor * (x - level)^2.
struct PoreEmissions {
  std::vector<double> level, factor, constant;

  PoreEmissions(const PoreModel& model, const PoreViterbiOptions& options) : level(model.level) {
    for (std::size_t i = 0; i < level.size(); ++i) {
      const double wide =
          std::hypot(options.level_noise * model.level_deviation[i], options.noise * model.deviation[i]);
      factor.push_back(-0.5 / (wide * wide));
      constant.push_back(-std::log(wide) - 0.5 * std::log(2 * std::numbers::pi));
    }
  }
  void add(double x, std::vector<double>& scores) const {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double distance = x - level[i];
      scores[i] += std::fma(factor[i] * distance, distance, constant[i]);
    }
  }
};

/// Moves scores on by one sample; from[i] says where the best way into k-mer i came from. The four k-mers
/// that end alike share what they may come from: m is their common middle, k - 1 letters.
inline void move_on(std::vector<double>& scores, std::vector<double>& steps, double stay, double step,
                    std::uint8_t* from) {
  const std::size_t middles = scores.size() / 4;
  const double* s = scores.data();
  std::array<std::uint8_t, 64> base{};
  for (std::size_t begin = 0; begin < middles; begin += base.size()) {
    const std::size_t count = std::min(base.size(), middles - begin);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t m = begin + i;
      const double a = s[m], c = s[middles + m], g = s[2 * middles + m], t = s[3 * middles + m];
      const double ac = std::max(a, c), gt = std::max(g, t);
      base[i] = static_cast<std::uint8_t>(gt > ac ? (t > g ? 3 : 2) : (c > a ? 1 : 0));
      steps[m] = std::max(ac, gt) + step;
    }
    for (std::size_t i = 0; i < 4 * count; ++i) from[4 * begin + i] = base[i / 4];
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double stayed = scores[i] + stay, stepped = steps[i / 4];
    from[i] = stepped > stayed ? from[i] : stays;
    scores[i] = std::max(stayed, stepped);
  }
}

}  // namespace detail

SEQLSTM_INLINE PorePath pore_viterbi(std::span<const float> signal, const PoreModel& model,
                                     const PoreViterbiOptions& options) {
  model.check();
  if (!(options.dwell_mean > 1) || !std::isfinite(options.dwell_mean))
    throw option_error("pore_viterbi: the mean dwell is " + std::to_string(options.dwell_mean) +
                       ", expected more than 1 sample");
  if (!(options.noise > 0) || !std::isfinite(options.noise))
    throw option_error("pore_viterbi: noise is " + std::to_string(options.noise) + ", expected above 0");
  if (!(options.level_noise >= 0) || !std::isfinite(options.level_noise))
    throw option_error("pore_viterbi: level noise is " + std::to_string(options.level_noise) +
                       ", expected 0 or more");
  const std::size_t kmers = model.kmers();
  const double stay = std::log1p(-1 / options.dwell_mean), step = -std::log(4 * options.dwell_mean);
  const detail::PoreEmissions emissions(model, options);
  std::vector<double> scores(kmers, -std::log(static_cast<double>(kmers))), steps(kmers / 4);
  std::vector<std::uint8_t> from(signal.size() * kmers);
  for (std::size_t t = 0; t < signal.size(); ++t) {
    if (!std::isfinite(signal[t]))
      throw numeric_error("pore_viterbi: the signal is not a number at sample " + std::to_string(t) +
                          " (from 0)");
    if (t > 0) detail::move_on(scores, steps, stay, step, from.data() + t * kmers);
    emissions.add(signal[t], scores);
  }
  PorePath path;
  if (signal.empty()) return path;
  const auto best = std::max_element(scores.begin(), scores.end());
  path.log_probability = *best;
  auto kmer = static_cast<std::size_t>(best - scores.begin());
  for (std::size_t t = signal.size(); t-- > 0;) {
    const std::uint8_t way = t > 0 ? from[t * kmers + kmer] : 0;
    if (way == detail::stays) continue;
    path.bases.push_back(model.base_of(kmer));
    path.starts.push_back(t);
    kmer = kmer / 4 + way * (kmers / 4);
  }
  std::reverse(path.bases.begin(), path.bases.end());
  std::reverse(path.starts.begin(), path.starts.end());
  return path;
}

SEQLSTM_NAMESPACE_END
