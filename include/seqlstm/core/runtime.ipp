// Definitions of runtime.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <seqlstm/core/runtime.hpp>
#include <thread>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines(1);
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return {};
  for (int c = std::fgetc(file); c != EOF && lines.size() < 1000; c = std::fgetc(file)) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += static_cast<char>(c);
    }
  }
  std::fclose(file);
  return lines;
}

SEQLSTM_INLINE double group_quota(const std::string& folder) {
  if (const auto lines = lines_of(folder + "/cpu.max"); !lines.empty()) {
    const std::size_t blank = lines[0].find(' ');
    if (blank != std::string::npos) return quota_cpus(lines[0].substr(0, blank), lines[0].substr(blank + 1));
  }
  const auto time = lines_of(folder + "/cpu.cfs_quota_us"), period = lines_of(folder + "/cpu.cfs_period_us");
  return time.empty() || period.empty() ? no_quota : quota_cpus(time[0], period[0]);
}

/// The least that limit_of(folder) says of the process's control group and all above it, of the groups that
/// have a say in `controller`.
template <class LimitOf>
double least_of_groups(const std::string& membership, const std::string& root, const std::string& controller,
                       LimitOf&& limit_of) {
  double least = no_quota;
  for (const std::string& line : lines_of(membership)) {  // "0::/a/b", "4:cpu,cpuacct:/a/b"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string kinds = line.substr(first + 1, second - first - 1);
    const bool asked = kinds.empty() || ("," + kinds + ",").find("," + controller + ",") != std::string::npos;
    if (!asked) continue;
    const std::string tree = root + (kinds.empty() ? "" : "/" + kinds);
    std::string path = line.substr(second + 1);
    for (;;) {
      least = std::min(least, limit_of(tree + path));
      if (path.empty()) break;
      path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
    }
  }
  return least;
}

SEQLSTM_INLINE double cpu_quota(const std::string& membership, const std::string& root) {
  return least_of_groups(membership, root, "cpu", group_quota);
}

SEQLSTM_INLINE double memory_limit(const std::string& membership, const std::string& root) {
  return least_of_groups(membership, root, "memory", [](const std::string& folder) {
    for (const char* file : {"/memory.max", "/memory.limit_in_bytes"})
      if (const auto lines = lines_of(folder + file); !lines.empty())
        return parse_number(lines[0]).value_or(no_quota);
    return no_quota;
  });
}

}  // namespace detail

SEQLSTM_INLINE std::size_t usable_threads() {
  std::size_t cpus = std::max(1U, std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    cpus = static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
  const double quota = detail::cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup");
  if (quota < static_cast<double>(cpus)) cpus = static_cast<std::size_t>(std::max(1.0, std::ceil(quota)));
#endif
  return cpus;
}

SEQLSTM_INLINE double usable_memory() {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  const double there =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return std::max(0.0, std::min(there, detail::memory_limit("/proc/self/cgroup", "/sys/fs/cgroup")));
#else
  return 0;
#endif
}

SEQLSTM_INLINE double peak_memory() {
  for (const std::string& line : detail::lines_of("/proc/self/status"))
    if (line.starts_with("VmHWM:")) {  // "VmHWM:	   12345 kB"
      const std::string value = line.substr(6, line.find("kB") - 6);
      return 1024 * parse_number(value).value_or(0);
    }
  return 0;
}

SEQLSTM_INLINE bool errors_on_terminal() {
#if defined(_WIN32)
  return _isatty(2) != 0;
#else
  return isatty(STDERR_FILENO) == 1;
#endif
}

SEQLSTM_NAMESPACE_END
