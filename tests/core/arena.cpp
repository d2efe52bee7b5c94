#include <seqlstm/core/arena.hpp>

#include "support/values.hpp"

using namespace seqlstm;

namespace {
bool on_cache_line(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p) % cache_line == 0;
}
}  // namespace

TEST_CASE("arena: places are aligned, apart from each other and valid until reset") {
  Arena arena;
  RandomStream random(1);
  std::vector<std::pair<std::uint32_t*, std::size_t>> places;
  std::size_t bytes = 0;
  for (std::uint32_t k = 0; k < 300; ++k) {
    const std::size_t count = random.below(20000);
    auto* place = arena.allocate<std::uint32_t>(count);
    REQUIRE(on_cache_line(place));
    std::fill_n(place, count, k);
    places.emplace_back(place, count);
    bytes += count * sizeof(std::uint32_t);
  }
  for (std::uint32_t k = 0; k < places.size(); ++k)
    for (std::size_t i = 0; i < places[k].second; ++i) REQUIRE(places[k].first[i] == k);
  CHECK(arena.bytes_used() >= bytes);
  arena.reset();
  CHECK(arena.bytes_used() == 0);
}

TEST_CASE("arena: a step no larger than one before asks the system for nothing") {
  Arena arena;
  const auto step = [&](std::size_t blocks) {
    arena.reset();
    for (std::size_t k = 0; k < blocks; ++k) arena.allocate<double>(50000);
  };
  step(40);
  CHECK(arena.system_allocations() > 1);
  step(40);
  const std::size_t after_two = arena.system_allocations();
  for (const std::size_t blocks : {40U, 3U, 39U, 0U, 40U}) step(blocks);
  CHECK(arena.system_allocations() == after_two);
  step(400);
  CHECK(arena.system_allocations() > after_two);
}

TEST_CASE("arena: room made beforehand is enough for the first step") {
  Arena arena;
  arena.reserve(std::size_t{5} << 20U);
  const std::size_t before = arena.system_allocations();
  for (int k = 0; k < 5; ++k) arena.allocate<std::byte>(std::size_t{1} << 20U);
  CHECK(arena.system_allocations() == before);
  arena.allocate<std::byte>(1);
  CHECK(arena.system_allocations() == before + 1);
  arena.reserve(1);
  CHECK(arena.bytes_used() == 0);
}

TEST_CASE("arena: zeroed memory is zero where something stood before") {
  Arena arena;
  std::fill_n(arena.allocate<int>(1000), 1000, -1);
  arena.reset();
  const int* place = arena.allocate_zero<int>(1000);
  for (int i = 0; i < 1000; ++i) REQUIRE(place[i] == 0);
  const auto zero = arena.zero_matrix<float>(3, 5);
  CHECK(zero.rows() == 3);
  CHECK(zero.cols() == 5);
  CHECK(zero(2, 4) == 0.0F);
}

TEST_CASE("arena: nothing is a legal amount, and an object moves in") {
  Arena arena;
  CHECK(arena.allocate<double>(0) != nullptr);
  CHECK(arena.matrix<double>(0, 7).rows() == 0);
  struct Pair {
    int a, b;
  };
  const Pair* pair = arena.emplace(Pair{1, 2});
  CHECK(pair->a + pair->b == 3);
}

TEST_CASE("arena: merging takes what was used, and a little for steps that differ") {
  Arena arena;
  std::size_t bytes = 0;
  for (int k = 0; k < 5; ++k) {
    arena.allocate<std::byte>(std::size_t{3} << 20U);  // never fills a block to its end
    bytes += std::size_t{3} << 20U;
  }
  CHECK(arena.bytes_used() == bytes);
  arena.reset();
  const std::size_t before = arena.system_allocations();
  for (int k = 0; k < 5; ++k) arena.allocate<std::byte>(std::size_t{3} << 20U);
  arena.allocate<std::byte>(std::size_t{1} << 20U);
  CHECK(arena.system_allocations() == before);
}
