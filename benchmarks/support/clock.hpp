// Rates by wall time, as Google Benchmark's timings with UseRealTime.
#pragma once

#include <chrono>

namespace bench {

class WallClock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace bench
