// Counter-based random numbers (Philox 4x32-10; Salmon et al., SC'11): a value is a function of what it is
// for, not of when it is drawn, so threads and batch order cannot change it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <seqlstm/core/abi.hpp>
#include <span>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// What a random number is for. Two draws differ when any field differs.
struct RandomKey {
  std::uint64_t seed = 0;    ///< one for the whole run
  std::uint32_t stream = 0;  ///< the consumer: a layer, the shuffle, an initialiser
  std::uint32_t step = 0;    ///< training step or epoch
};

namespace detail {
inline std::uint64_t mix64(std::uint64_t x) {  // splitmix64's finaliser (Steele et al., OOPSLA'14)
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}
}  // namespace detail

/// Four independent 32-bit words for (key, record, time, block); block counts groups of four units.
std::array<std::uint32_t, 4> random_block(const RandomKey& key, std::uint64_t record, std::uint32_t time,
                                          std::uint32_t block);
/// Those of as many blocks as there is room for, from `first` on.
void random_blocks(const RandomKey& key, std::uint64_t record, std::uint32_t time, std::uint32_t first,
                   std::span<std::array<std::uint32_t, 4>> blocks);

/// Uniform in [0, 1): the upper 24 bits of a word, exact in float and double.
inline double to_unit(std::uint32_t word) {
  return static_cast<double>(word >> 8U) * 0x1p-24;
}

/// True for a share p of all random words, in steps of 2^-24: a biased coin.
class Coin {
 public:
  /// Heads with probability p, from 0 (never) to 1 (always).
  explicit Coin(double p) : below_(static_cast<std::uint32_t>(std::ceil(p * 0x1p24))) {}
  /// What a random word says: true is heads.
  [[nodiscard]] bool operator()(std::uint32_t word) const { return (word >> 8U) < below_; }

 private:
  std::uint32_t below_;
};

/// Tosses a coin for each of `count` units in a row of (key, record, time), four to a block: body(unit,
/// heads).
template <class Body>
void for_each_coin(const Coin& coin, const RandomKey& key, std::uint64_t record, std::uint32_t time,
                   std::size_t count, Body&& body) {
  std::array<std::array<std::uint32_t, 4>, 32> blocks;
  constexpr std::size_t units = 4 * blocks.size();
  for (std::size_t begin = 0; begin < count; begin += units) {
    const std::size_t end = std::min(count, begin + units);
    random_blocks(key, record, time, static_cast<std::uint32_t>(begin / 4),
                  std::span(blocks).first((end - begin + 3) / 4));
    for (std::size_t unit = begin; unit < end; ++unit) body(unit, coin(blocks[(unit - begin) / 4][unit % 4]));
  }
}

/// A sequence of random numbers from one key, for shuffles, splits, simulation and initialisation.
/// Satisfies UniformRandomBitGenerator; the same key gives the same sequence on every platform.
class RandomStream {
 public:
  using result_type = std::uint32_t;  ///< 32 random bits
  /// The sequence of (key, record), from its beginning.
  explicit RandomStream(RandomKey key, std::uint64_t record = 0) : key_(key), record_(record) {}
  /// The same for {seed, stream, step 0}, record 0.
  explicit RandomStream(std::uint64_t seed, std::uint32_t stream = 0)
      : RandomStream(RandomKey{seed, stream, 0}) {}

  static constexpr result_type min() { return 0; }            ///< lowest word
  static constexpr result_type max() { return 0xFFFFFFFFU; }  ///< highest word
  /// The next word.
  result_type operator()() {
    const auto lane = static_cast<std::size_t>(position_ % 4);
    if (lane == 0) {
      const std::uint64_t block = position_ / 4;
      words_ = random_block(key_, record_, static_cast<std::uint32_t>(block >> 32U),
                            static_cast<std::uint32_t>(block));
    }
    ++position_;
    return words_[lane];
  }

  /// Uniform in [0, 1) with 53 random bits.
  double uniform() {
    const std::uint64_t high = (*this)();
    const std::uint64_t low = (*this)();
    return static_cast<double>(((high << 32U) | low) >> 11U) * 0x1p-53;
  }
  /// Uniform between low and high.
  double uniform(double low, double high) { return std::fma(high - low, uniform(), low); }
  /// Standard normal (Box and Muller 1958, one of the pair).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// Uniform integer in [0, bound), without bias (Lemire 2019); bound must be at least 1 and below 2^32.
  std::size_t below(std::size_t bound) {
    const auto range = static_cast<std::uint32_t>(bound);
    std::uint64_t product = std::uint64_t{(*this)()} * range;
    if (static_cast<std::uint32_t>(product) < range) {
      const std::uint32_t threshold = (0U - range) % range;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{(*this)()} * range;
    }
    return static_cast<std::size_t>(product >> 32U);
  }
  /// Fisher-Yates: every order equally likely.
  template <class Range> void shuffle(Range& range) {
    for (std::size_t i = range.size(); i > 1; --i) std::swap(range[i - 1], range[below(i)]);
  }

 private:
  RandomKey key_;
  std::uint64_t record_ = 0;
  std::uint64_t position_ = 0;
  std::array<std::uint32_t, 4> words_{};
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/random.ipp>
#endif
