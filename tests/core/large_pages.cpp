#include <seqlstm/core/large_pages.hpp>

#include <fstream>
#include <seqlstm/core/aligned_buffer.hpp>
#include <string>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

bool on_boundary(const void* place, std::size_t boundary) {
  return reinterpret_cast<std::uintptr_t>(place) % boundary == 0;
}

/// Are large pages advised ("hg") for the memory at a place? Linux says so.
bool advised(const void* place) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    if (const auto dash = line.find('-'); dash != std::string::npos && dash < 17 && line[0] != 'V') {
      const auto begin = std::stoull(line, nullptr, 16),
                 end = std::stoull(line.substr(dash + 1), nullptr, 16);
      const auto at = reinterpret_cast<std::uintptr_t>(place);
      inside = begin <= at && at < end;
    }
    if (inside && line.rfind("VmFlags:", 0) == 0) return line.find(" hg") != std::string::npos;
  }
  return false;
}

}  // namespace

TEST_CASE("large pages: large arrays begin on their boundary, small ones on a cache line") {
  const AlignedBuffer<float> large(detail::large_array / sizeof(float) + 3), small(1000);
  CHECK(on_boundary(large.data(), detail::large_page));
  CHECK(on_boundary(small.data(), cache_line));
  for (const float v : large.span()) REQUIRE(v == 0.0F);
  auto copy = large;
  CHECK(on_boundary(copy.data(), detail::large_page));
  copy = small;  // each array is given back as it was taken
  const auto moved = std::move(copy);
  CHECK(moved.size() == 1000);
}

// Of an emulated program the emulator decides.
#if defined(__linux__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
TEST_CASE("large pages: Linux is asked for them, where it has any") {
  const auto large = AlignedBuffer<std::byte>::uninitialised(4 * detail::large_page);
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"))
    WARN("this kernel has no large pages for programs");
  else
    CHECK(advised(large.data() + 1));
}
#endif
