#include <seqlstm/ranks/tree_sum.hpp>

#include <algorithm>
#include <numeric>
#include <seqlstm/ranks/shard_tree.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// Numbers of very different sizes, so that each order of adding has other bits.
template <class T> std::vector<std::vector<T>> shard_values(std::size_t shards, std::size_t count) {
  std::vector<std::vector<T>> values(shards);
  for (std::size_t s = 0; s < shards; ++s) {
    values[s] = testing::random_values<T>(count, 100 + s);
    for (std::size_t i = 0; i < count; ++i) values[s][i] *= static_cast<T>(1U << (3 * ((i + s) % 7)));
  }
  return values;
}

/// What a rank holds before the sum over ranks: its own shards, folded.
template <class T>
std::vector<T> own_sum(const ShardTree& tree, std::size_t rank, const std::vector<std::vector<T>>& shards) {
  const auto [begin, end] = tree.shards_of(rank);
  std::vector<std::vector<T>> own(shards.begin() + static_cast<std::ptrdiff_t>(begin),
                                  shards.begin() + static_cast<std::ptrdiff_t>(end));
  tree.fold(rank, [&](std::size_t into, std::size_t from) {
    for (std::size_t i = 0; i < own[into].size(); ++i) own[into][i] += own[from][i];
  });
  return own[0];
}

/// Every rank's sum.
template <class T>
std::vector<std::vector<T>> sums(const ShardTree& tree, const std::vector<std::vector<T>>& shards,
                                 TreeSumOptions options = {}) {
  std::vector<std::vector<T>> results(tree.ranks());
  run_as_ranks(tree.ranks(), [&](Communicator& communicator) {
    auto values = own_sum(tree, communicator.rank(), shards);
    TreeSum<T>(communicator, options).sum(values);
    results[communicator.rank()] = std::move(values);
  });
  return results;
}

template <class T> void check_bits(std::size_t count, std::size_t bucket) {
  for (std::size_t shards = 1; shards <= 32; shards *= 2) {
    const auto values = shard_values<T>(shards, count);
    const auto expected = own_sum(ShardTree(shards), 0, values);
    for (std::size_t ranks = 1; ranks <= std::min<std::size_t>(9, shards); ++ranks) {
      INFO(shards << " shards, " << ranks << " ranks, " << count << " numbers in buckets of " << bucket);
      for (const auto& result : sums(ShardTree(shards, ranks), values, {.bucket = bucket}))
        CHECK(testing::same_bits(result, expected));
    }
  }
}

}  // namespace

TEST_CASE("tree_sum: the bits are those of one rank for any number of ranks, short vectors and long") {
  for (const std::size_t count : {1U, 7U, 1000U, 1025U, 5003U})
    check_bits<float>(count, std::size_t{1} << 18U);
  for (const std::size_t count : {3U, 513U, 2000U}) check_bits<double>(count, std::size_t{1} << 18U);
}

TEST_CASE("tree_sum: the bits do not depend on buckets") {
  for (const std::size_t bucket : {1100U, 4999U, 5003U}) check_bits<float>(5003, bucket);
}

TEST_CASE("tree_sum: another order of adding has other bits") {
  const auto values = shard_values<float>(16, 1000);
  const auto tree = own_sum(ShardTree(16), 0, values);
  std::vector<float> in_a_row(1000);
  for (const auto& shard : values)
    for (std::size_t i = 0; i < shard.size(); ++i) in_a_row[i] += shard[i];
  CHECK_FALSE(testing::same_bits(tree, in_a_row));
}

TEST_CASE("tree_sum: in bfloat16 all ranks have the same bits, near the sum, whatever the buckets") {
  const auto values = shard_values<float>(16, 5003);
  const auto exact = own_sum(ShardTree(16), 0, values);
  std::vector<float> sizes(exact.size());
  for (const auto& shard : values)
    for (std::size_t i = 0; i < shard.size(); ++i) sizes[i] += std::abs(shard[i]);
  for (const std::size_t ranks : {2U, 3U, 4U, 5U, 7U, 8U, 9U}) {
    INFO(ranks << " ranks");
    const ShardTree tree(16, ranks);
    const auto results = sums(tree, values, {.wire = Precision::bf16});
    const auto cut = sums(tree, values, {.bucket = 1500, .wire = Precision::bf16});
    for (const auto& result : results) CHECK(testing::same_bits(result, results[0]));
    for (const auto& result : cut) CHECK(testing::same_bits(result, results[0]));
    for (std::size_t i = 0; i < exact.size(); ++i) {  // each of up to five roundings takes 2^-9 at most
      REQUIRE(std::abs(results[0][i] - exact[i]) <= 5 * 0x1p-9F * sizes[i]);
      REQUIRE(static_cast<float>(bfloat16(results[0][i])) == results[0][i]);
    }
  }
  const auto alone = sums(ShardTree(16), values, {.wire = Precision::bf16});
  CHECK(testing::same_bits(alone[0], exact));
}

TEST_CASE("tree_sum: vectors travel while others are added, of both kinds of numbers") {
  constexpr std::size_t ranks = 3;
  const ShardTree tree(4, ranks);
  const auto large = shard_values<float>(4, 20000);
  const auto small = shard_values<double>(4, 30);
  const auto expected_large = own_sum(ShardTree(4), 0, large);
  const auto expected_small = own_sum(ShardTree(4), 0, small);
  std::vector<int> right(ranks);
  run_as_ranks(ranks, [&](Communicator& communicator) {
    TreeSum<float> gradients(communicator, {.bucket = 3000});
    TreeSum<double> losses(communicator);
    bool all = true;
    for (int step = 0; step < 3; ++step) {
      auto first = own_sum(tree, communicator.rank(), large), second = first;
      auto loss = own_sum(tree, communicator.rank(), small);
      gradients.start(first);
      gradients.start(second);
      losses.sum(loss);
      while (!gradients.progress()) {
      }
      gradients.finish();
      all = all && testing::same_bits(first, expected_large) && testing::same_bits(second, expected_large) &&
            testing::same_bits(loss, expected_small);
    }
    right[communicator.rank()] = all ? 1 : 0;
  });
  CHECK(right == std::vector<int>(ranks, 1));
}

TEST_CASE(
    "tree_sum: with a power of two of ranks each sends 2 n (R - 1) / R numbers, half the bytes in bfloat16") {
  for (const std::size_t ranks : {2U, 4U, 8U})
    for (const Precision wire : {Precision::f32, Precision::bf16}) {
      constexpr std::size_t count = 1U << 14U;
      std::vector<std::uint64_t> sent(ranks);
      run_as_ranks(ranks, [&](Communicator& communicator) {
        std::vector<float> values(count, 1);
        TreeSum<float> sum(communicator, {.wire = wire});
        sum.sum(values);
        sent[communicator.rank()] = sum.traffic().bytes_sent;
      });
      const std::size_t bytes = wire == Precision::bf16 ? 2 : 4;
      CHECK(sent == std::vector<std::uint64_t>(ranks, 2 * bytes * count * (ranks - 1) / ranks));
    }
}

TEST_CASE("tree_sum: with three, five, six and seven ranks none sends more than three times the vector") {
  for (const std::size_t ranks : {3U, 5U, 6U, 7U}) {
    constexpr std::size_t count = 1U << 14U;
    std::vector<double> sent(ranks);
    run_as_ranks(ranks, [&](Communicator& communicator) {
      std::vector<float> values(count, 1);
      TreeSum<float> sum(communicator);
      sum.sum(values);
      sent[communicator.rank()] = static_cast<double>(sum.traffic().bytes_sent) / (sizeof(float) * count);
    });
    INFO(ranks << " ranks");
    for (const double share : sent) CHECK(share <= 3);
  }
}

TEST_CASE("tree_sum: empty vectors and one rank need no messages") {
  std::vector<float> none, one = {3};
  TreeSum<float> sum(single_process());
  sum.sum(none);
  sum.sum(one);
  CHECK(one[0] == 3);
  CHECK(sum.traffic().bytes_sent == 0);
}

TEST_CASE("tree_sum: what was started ends where an exception leaves its owner") {
  std::vector<std::vector<double>> all(3, std::vector<double>(5000, 1));
  CHECK_THROWS(run_as_ranks(3, [&](Communicator& communicator) {
    auto& values = all[communicator.rank()];
    TreeSum<double> sum(communicator, {.bucket = 1000});
    sum.start(values);
    if (communicator.rank() == 1) throw option_error("a batch went wrong");
    sum.finish();
  }));
  CHECK(all[1] == std::vector<double>(5000, 3));
}

TEST_CASE("tree_sum: a bucket outside its range, and ranks whose vectors differ, are refused") {
  CHECK_THROWS_WITH(TreeSum<float>(single_process(), {.wire = Precision::int8}),
                    "wire is int8, expected f32 or bf16");
  CHECK(message_of<option_error>([] { TreeSum<float>(single_process(), {.bucket = 0}); }) ==
        "bucket is 0 numbers, expected 1 to 134217728");
  CHECK_THROWS_AS(run_as_ranks(2,
                               [](Communicator& communicator) {
                                 std::vector<float> values(10 + communicator.rank());
                                 TreeSum<float>(communicator).sum(values);
                               }),
                  rank_error);
}
