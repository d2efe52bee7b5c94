// Definitions of nanopore_signal.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/nanopore_signal.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline void check_nanopore(const NanoporeSignalOptions& o) {
  const auto refuse = [](const char* name, double value, const char* expected) {
    throw option_error(std::string("simulated read: ") + name + " is " + std::to_string(value) +
                       ", expected a finite number, " + expected);
  };
  if (!(o.dwell_mean >= 1 && o.dwell_mean <= 1e6))
    refuse("the mean dwell", o.dwell_mean, "1 to 1,000,000 samples");
  const std::pair<const char*, double> others[] = {{"the dwell's deviation", o.dwell_deviation},
                                                   {"level noise", o.level_noise},
                                                   {"noise", o.noise},
                                                   {"shift", o.shift},
                                                   {"drift", o.drift}};
  for (const auto& [name, value] : others)
    if (!(value >= 0) || !std::isfinite(value)) refuse(name, value, "0 or more");
  if (o.dwell_deviation > 2 * o.dwell_mean)
    refuse("the dwell's deviation", o.dwell_deviation, "at most twice the mean dwell");
}

/// A gamma distributed number with this shape and scale 1 (Marsaglia and Tsang 2000).
inline double random_gamma(double shape, RandomStream& random) {
  if (shape < 1) {
    const double u = 1 - random.uniform();
    return random_gamma(shape + 1, random) * std::pow(u, 1 / shape);
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal(), root = std::fma(c, x, 1.0);
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log1p(-random.uniform()) < std::fma(d, 1 - v + std::log(v), 0.5 * x * x)) return d * v;
  }
}

inline std::size_t random_dwell(const NanoporeSignalOptions& o, RandomStream& random) {
  // A deviation that never shows would make the gamma distribution's parameters overflow.
  if (o.dwell_deviation < 1e-6 * o.dwell_mean) return static_cast<std::size_t>(std::lround(o.dwell_mean));
  const double scale = o.dwell_deviation * o.dwell_deviation / o.dwell_mean;
  const double dwell = scale * random_gamma(o.dwell_mean / scale, random);
  return static_cast<std::size_t>(std::max(1L, std::lround(dwell)));
}

inline double standard_deviation(std::span<const float> values) {
  const auto count = static_cast<double>(values.size());
  double mean = 0, variance = 0;
  for (const float x : values) mean += double{x} / count;
  for (const float x : values) variance = std::fma(double{x} - mean, (double{x} - mean) / count, variance);
  return std::sqrt(variance);
}

inline float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace detail

SEQLSTM_INLINE NanoporeRead simulate_nanopore_read(const PoreModel& model, std::span<const Token> dna,
                                                   std::size_t samples, const NanoporeSignalOptions& options,
                                                   RandomStream& random) {
  detail::check_nanopore(options);
  NanoporeRead read;
  read.signal.reserve(samples);
  read.baseline.reserve(samples);
  const double step = options.drift / std::sqrt(1000.0);
  double baseline = options.shift * random.normal();
  for (std::size_t event = 0; read.signal.size() < samples; ++event) {
    if (event + model.k > dna.size())
      throw shape_error("simulated read: the strand of " + std::to_string(dna.size()) + " bases ends after " +
                        std::to_string(read.signal.size()) + " of " + std::to_string(samples) + " samples");
    const std::size_t kmer = model.kmer(dna.subspan(event, model.k));
    read.bases.push_back(model.base_of(kmer));
    read.starts.push_back(read.signal.size());
    const std::size_t end = std::min(samples, read.signal.size() + detail::random_dwell(options, random));
    const double level =
        std::fma(options.level_noise * model.level_deviation[kmer], random.normal(), model.level[kmer]);
    while (read.signal.size() < end) {
      const double current = std::fma(options.noise * model.deviation[kmer], random.normal(), level);
      read.signal.push_back(static_cast<float>(current + baseline));
      read.baseline.push_back(static_cast<float>(baseline));
      baseline = std::fma(step, random.normal(), baseline);
    }
  }
  return read;
}

SEQLSTM_INLINE std::size_t nanopore_read_bases(std::size_t k, std::size_t samples,
                                               const NanoporeSignalOptions& options) {
  detail::check_nanopore(options);
  // Chernoff's bound for a sum of gamma distributed dwells: fewer than one read in 10^27 takes more.
  const double spread = options.dwell_deviation / options.dwell_mean,
               most = 2 * static_cast<double>(samples) / options.dwell_mean;
  return static_cast<std::size_t>(most) + k + static_cast<std::size_t>(50 * std::max(1.0, spread * spread));
}

SEQLSTM_INLINE NanoporeSimulator::NanoporeSimulator(PoreModel model, const NanoporeSignalOptions& options,
                                                    std::span<const std::string> dna, std::size_t samples)
    : model_(std::move(model)), options_(options), samples_(samples) {
  model_.check();
  room_ = nanopore_read_bases(model_.k, samples, options);
  std::size_t longest = 0, places = 0;
  for (const std::string& letters : dna) {
    longest = std::max(longest, letters.size());
    if (letters.size() < room_) continue;
    auto& piece = pieces_.emplace_back();
    for (const Token base : dna4.encode(letters)) piece.push_back(static_cast<std::uint8_t>(base));
    ends_.push_back(places += letters.size() - room_ + 1);
  }
  if (pieces_.empty())
    throw option_error("simulated reads: a read of " + std::to_string(samples) + " samples takes up to " +
                       std::to_string(room_) + " bases, the longest of " + std::to_string(dna.size()) +
                       " stretches has " + std::to_string(longest) + "; simulate shorter reads");
}

SEQLSTM_INLINE NanoporeRead NanoporeSimulator::read(const RandomKey& key, std::uint64_t record) const {
  RandomStream random(key, record);
  const auto place = static_cast<std::size_t>(random.uniform() * static_cast<double>(ends_.back()));
  const auto piece =
      static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), place) - ends_.begin());
  const std::size_t first = place - (piece == 0 ? 0 : ends_[piece - 1]);
  const auto bases = std::span(pieces_[piece]).subspan(first, room_);
  std::vector<Token> strand(bases.begin(), bases.end());
  if (random.below(2) == 1) {
    std::reverse(strand.begin(), strand.end());
    for (Token& base : strand) base = 3 - base;
  }
  return simulate_nanopore_read(model_, strand, samples_, options_, random);
}

SEQLSTM_INLINE std::vector<float> standardised_signal(std::span<const float> signal) {
  const auto bad = std::find_if(signal.begin(), signal.end(), [](float x) { return !std::isfinite(x); });
  if (bad != signal.end())
    throw numeric_error("the signal is not a number at sample " + std::to_string(bad - signal.begin()) +
                        " (from 0); cut the signal there, or repair it");
  std::vector<float> result(signal.begin(), signal.end());
  if (result.empty()) return result;
  std::vector<float> sorted = result;
  const float median = detail::median_of(sorted);
  std::transform(signal.begin(), signal.end(), sorted.begin(), [&](float x) { return std::abs(x - median); });
  float deviation = 1.4826F * detail::median_of(sorted);
  if (!(deviation > 0)) deviation = static_cast<float>(detail::standard_deviation(signal));
  for (float& x : result) x = deviation > 0 ? (x - median) / deviation : 0;
  return result;
}

SEQLSTM_INLINE ConstMatrixView<float> signal_frames(std::span<const float> signal, std::size_t stride) {
  if (stride == 0) throw option_error("signal frames: the stride is 0, expected at least 1 sample");
  return {signal.data(), signal.size() / stride, stride};
}

SEQLSTM_NAMESPACE_END
