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

SEQLSTM_INLINE double cpu_quota(const std::string& membership, const std::string& root) {
  double least = no_quota;
  for (const std::string& line : lines_of(membership)) {  // "0::/a/b", "4:cpu,cpuacct:/a/b"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string kinds = line.substr(first + 1, second - first - 1);
    const bool of_cpus = kinds.empty() || ("," + kinds + ",").find(",cpu,") != std::string::npos;
    if (!of_cpus) continue;
    const std::string tree = root + (kinds.empty() ? "" : "/" + kinds);
    std::string path = line.substr(second + 1);
    for (;;) {
      least = std::min(least, group_quota(tree + path));
      if (path.empty()) break;
      path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
    }
  }
  return least;
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

SEQLSTM_NAMESPACE_END
