#include <seqlstm/core/aligned_buffer.hpp>

#include <numeric>

#include "support/values.hpp"

using namespace seqlstm;

namespace {
AlignedBuffer<float> counting(std::size_t size) {
  AlignedBuffer<float> buffer(size);
  std::iota(buffer.span().begin(), buffer.span().end(), 1.0F);
  return buffer;
}
std::vector<float> values(const AlignedBuffer<float>& buffer) {
  return {buffer.span().begin(), buffer.span().end()};
}
}  // namespace

TEST_CASE("aligned_buffer: on a cache line, zero at first, any size") {
  for (const std::size_t size : {1U, 3U, 64U, 1000U}) {
    const AlignedBuffer<double> buffer(size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % cache_line == 0);
    CHECK(buffer.size() == size);
    for (const double v : buffer.span()) REQUIRE(v == 0.0);
  }
  const AlignedBuffer<double> none(0), fresh;
  CHECK(none.empty());
  CHECK(fresh.empty());
  CHECK(none.span().empty());
}

TEST_CASE("aligned_buffer: copies are deep, moves leave nothing behind") {
  auto a = counting(5);
  const auto original = values(a);
  auto b = a;
  b[0] = 100;
  CHECK(values(a) == original);
  auto moved = std::move(b);
  CHECK(moved[0] == 100);
  CHECK(b.empty());  // NOLINT(bugprone-use-after-move): what is promised
  CHECK(b.data() == nullptr);
  a = moved;
  CHECK(values(a) == values(moved));
  CHECK(a.data() != moved.data());
  auto& same = a;
  a = same;
  CHECK(values(a) == values(moved));
  a = AlignedBuffer<float>();
  CHECK(a.empty());
}

TEST_CASE("aligned_buffer: swap exchanges contents and sizes") {
  auto a = counting(3), b = counting(7);
  const float* data = a.data();
  swap(a, b);
  CHECK(a.size() == 7);
  CHECK(b.size() == 3);
  CHECK(b.data() == data);
}

TEST_CASE("aligned_buffer: it grows when it must and never shrinks") {
  auto a = counting(10);
  const float* data = a.data();
  a.reserve_discard(4);
  CHECK(a.size() == 10);
  CHECK(a.data() == data);
  CHECK(a[9] == 10.0F);
  a.reserve_discard(11);
  CHECK(a.size() == 11);
}

TEST_CASE("aligned buffer: memory that is not written yet") {
  auto buffer = AlignedBuffer<double>::uninitialised(1000);
  REQUIRE(buffer.size() == 1000);
  std::fill_n(buffer.data(), 1000, 2.5);
  CHECK(buffer[999] == 2.5);
  CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % cache_line == 0);
  CHECK(AlignedBuffer<double>::uninitialised(0).empty());
}
