// What this process may use of the machine it runs on.
#pragma once

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <cstddef>
#include <limits>
#include <seqlstm/core/text.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The lines of a small file; none where it cannot be read.
std::vector<std::string> lines_of(const std::string& path);

inline constexpr double no_quota = std::numeric_limits<double>::infinity();

/// CPUs that a quota of `time` in every `period` amounts to; no_quota for "max", -1 and what is no number.
inline double quota_cpus(std::string_view time, std::string_view period) {
  const auto most = parse_number(time), of = parse_number(period);
  return most && of && *most > 0 && *of > 0 ? *most / *of : no_quota;
}
/// The quota of one control group (a folder): version 2's cpu.max, "200000 100000", or version 1's two files.
double group_quota(const std::string& folder);
/// The smallest quota of the process's control group and all above it. `membership` is /proc/self/cgroup,
/// `root` where the groups' folders are. Containers see their own group as the root.
double cpu_quota(const std::string& membership, const std::string& root);
/// The smallest limit of memory, in bytes, likewise: version 2's memory.max or version 1's
/// memory.limit_in_bytes.
double memory_limit(const std::string& membership, const std::string& root);

}  // namespace detail

/// CPUs this process may use, at least 1: those it may run on (taskset, batch systems), cut by the quota of
/// its container (cgroups 1 and 2), rounded up. What set_threads may be given:
/// `set_threads(usable_threads())`.
std::size_t usable_threads();

/// Bytes of memory this process may use: the machine's, cut by the limit of its container (cgroups 1 and 2);
/// 0 where the system does not say.
double usable_memory();

/// Bytes of memory that this process has used at most, from the system's own account; 0 where there is none.
double peak_memory();

/// Is the error output (stderr) a terminal, where a line may be drawn again?
bool errors_on_terminal();

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/runtime.ipp>
#endif
