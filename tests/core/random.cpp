#include <seqlstm/core/random.hpp>

#include <bit>
#include <map>
#include <set>

#include "support/values.hpp"

using namespace seqlstm;

namespace {

using Block = std::array<std::uint32_t, 4>;

/// Number of differing bits of two blocks of 128.
int distance(const Block& a, const Block& b) {
  int bits = 0;
  for (std::size_t k = 0; k < 4; ++k) bits += std::popcount(a[k] ^ b[k]);
  return bits;
}

}  // namespace

TEST_CASE("random: a block is a function of what it is for, and of all of it") {
  const RandomKey key{7, 3, 2};
  const Block block = random_block(key, 11, 5, 1);
  CHECK(random_block(key, 11, 5, 1) == block);
  const std::vector<Block> others = {
      random_block({8, 3, 2}, 11, 5, 1),
      random_block({7, 4, 2}, 11, 5, 1),
      random_block({7, 3, 3}, 11, 5, 1),
      random_block(key, 12, 5, 1),
      random_block(key, 11, 6, 1),
      random_block(key, 11, 5, 2),
      random_block({7 + (std::uint64_t{1} << 40U), 3, 2}, 11, 5, 1),
      random_block(key, 11 + (std::uint64_t{1} << 40U), 5, 1),
      random_block({3, 7, 2}, 11, 5, 1),  // seed and stream exchanged
      random_block({7, 3, 11}, 2, 5, 1),  // step and record exchanged
  };
  for (const Block& other : others) {
    CHECK(distance(block, other) > 30);  // 64 of 128 expected, deviation 5.7
    CHECK(distance(block, other) < 98);
  }
}

TEST_CASE("random: neighbouring keys share no block") {
  std::set<Block> seen;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    for (std::uint32_t stream = 0; stream < 8; ++stream)
      for (std::uint32_t step = 0; step < 4; ++step)
        for (std::uint64_t record = 0; record < 8; ++record)
          for (std::uint32_t time = 0; time < 4; ++time)
            seen.insert(random_block({seed, stream, step}, record, time, 0));
  CHECK(seen.size() == 8 * 8 * 4 * 8 * 4);
}

TEST_CASE("random: a stream is its key's blocks one after the other") {
  const RandomKey key{1, 2, 3};
  RandomStream stream(key, 9);
  for (std::uint32_t block = 0; block < 5; ++block)
    for (const std::uint32_t word : random_block(key, 9, 0, block)) REQUIRE(stream() == word);
  RandomStream again(key, 9), other(key, 10);
  CHECK(again() == random_block(key, 9, 0, 0)[0]);
  CHECK(other() != random_block(key, 9, 0, 0)[0]);
}

TEST_CASE("random: uniform numbers are in range, and have their mean and variance") {
  RandomStream random(1);
  constexpr int count = 100000;
  double sum = 0, squares = 0;
  std::vector<int> tenths(10);
  for (int k = 0; k < count; ++k) {
    const double u = random.uniform();
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
    ++tenths[static_cast<std::size_t>(u * 10)];
  }
  CHECK(sum / count == Approx(0.5).margin(4 * std::sqrt(1.0 / 12 / count)));
  CHECK(squares / count == Approx(1.0 / 3).margin(4 * std::sqrt(4.0 / 45 / count)));
  double chi_square = 0;
  for (const int n : tenths) chi_square += (n - count / 10.0) * (n - count / 10.0) / (count / 10.0);
  CHECK(chi_square < 27.9);  // 9 degrees of freedom: 0.999 quantile
  for (int k = 0; k < 1000; ++k) {
    const double u = random.uniform(-3, -2);
    REQUIRE((u >= -3 && u < -2));
  }
}

TEST_CASE("random: the unit interval from one word") {
  CHECK(to_unit(0) == 0.0);
  CHECK(to_unit(0xFFFFFFFFU) < 1.0);
  CHECK(to_unit(0x80000000U) == 0.5);
  CHECK(static_cast<double>(static_cast<float>(to_unit(0xFFFFFFFFU))) == to_unit(0xFFFFFFFFU));
}

TEST_CASE("random: coins in a row fall as the words of its blocks say") {
  const RandomKey key{3, 1, 2};
  const Coin coin(0.5);
  std::size_t next = 0, heads = 0;
  for_each_coin(coin, key, 7, 5, 1003, [&](std::size_t unit, bool fell) {
    CHECK(unit == next++);
    CHECK(fell == coin(random_block(key, 7, 5, static_cast<std::uint32_t>(unit / 4))[unit % 4]));
    heads += fell ? 1 : 0;
  });
  CHECK(next == 1003);
  CHECK((heads > 440 && heads < 560));
}

TEST_CASE("random: normal numbers have the normal's first four moments") {
  RandomStream random(2);
  constexpr int count = 200000;
  double moments[5] = {};
  for (int k = 0; k < count; ++k) {
    const double z = random.normal();
    REQUIRE(std::isfinite(z));
    double power = 1;
    for (double& moment : moments) {
      moment += power / count;
      power *= z;
    }
  }
  const double deviation = 4 / std::sqrt(double(count));
  CHECK(moments[1] == Approx(0).margin(deviation));
  CHECK(moments[2] == Approx(1).margin(deviation * std::sqrt(2.0)));
  CHECK(moments[3] == Approx(0).margin(deviation * std::sqrt(15.0)));
  CHECK(moments[4] == Approx(3).margin(deviation * std::sqrt(96.0)));
}

TEST_CASE("random: integers below a bound are all equally likely") {
  RandomStream random(3);
  for (const std::size_t bound : {1U, 2U, 3U, 7U, 1000U}) {
    std::vector<int> counts(bound);
    constexpr int per_value = 200;
    const int draws = per_value * static_cast<int>(bound);
    for (int k = 0; k < draws; ++k) ++counts.at(random.below(bound));
    double chi_square = 0;
    for (const int n : counts) chi_square += (n - per_value) * double(n - per_value) / per_value;
    const double freedom = double(bound) - 1;
    CHECK(chi_square <= freedom + 4 * std::sqrt(2 * freedom) + 4);
  }
  for (int k = 0; k < 1000; ++k) REQUIRE(random.below(0xFFFFFFFFU) < 0xFFFFFFFFU);
}

TEST_CASE("random: a shuffle keeps the elements and reaches every order") {
  RandomStream random(4);
  std::map<std::vector<int>, int> orders;
  for (int k = 0; k < 2400; ++k) {
    std::vector<int> cards = {1, 2, 3, 4};
    random.shuffle(cards);
    ++orders[cards];
  }
  CHECK(orders.size() == 24);
  double chi_square = 0;
  for (const auto& [order, n] : orders) {
    REQUIRE(std::is_permutation(order.begin(), order.end(), std::vector<int>{1, 2, 3, 4}.begin()));
    chi_square += (n - 100.0) * (n - 100.0) / 100.0;
  }
  CHECK(chi_square < 49.7);  // 23 degrees of freedom: 0.999 quantile
  std::vector<int> none, one = {5};
  random.shuffle(none);
  random.shuffle(one);
  CHECK(one == std::vector<int>{5});
}

TEST_CASE("random: the standard library takes a stream for a generator") {
  STATIC_REQUIRE(std::uniform_random_bit_generator<RandomStream>);
}
