// How to wait for other ranks.
#pragma once

#include <chrono>
#include <seqlstm/core/parallel.hpp>
#include <thread>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Polls less and less often: ranks may be more than CPUs, and their work may take minutes.
class Patience {
 public:
  void wait() {
    if (tries_ < spins)
      SEQLSTM_PLAIN::spin_pause();
    else if (tries_ < spins + yields)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (tries_ < spins + yields) ++tries_;
  }

 private:
  static constexpr int spins = 64, yields = 20000;
  int tries_ = 0;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
