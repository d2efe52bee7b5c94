// Which peers this build found: in the report's context, and on stderr how to enable those that are missing.
#pragma once

#include <benchmark/benchmark.h>

#include <iostream>
#include <string>

namespace bench {

/// "oneDNN 2.6.3", "libtorch 1.13.0, BLAS ...".
std::string onednn_version();
std::string libtorch_version();

inline void describe_onednn([[maybe_unused]] const char* program) {
#if defined(SEQLSTM_BENCH_ONEDNN)
  benchmark::AddCustomContext("onednn", onednn_version());
#else
  std::cerr << program << ": without oneDNN (Debian: libdnnl-dev, then configure again)\n";
#endif
}
inline void describe_libtorch([[maybe_unused]] const char* program) {
#if defined(SEQLSTM_BENCH_LIBTORCH)
  benchmark::AddCustomContext("libtorch", libtorch_version());
#else
  std::cerr << program
            << ": without libtorch (Debian: libtorch-dev libopenblas0-pthread; or a torch wheel by "
               "CMAKE_PREFIX_PATH; then configure again)\n";
#endif
}

}  // namespace bench
