#include <seqlstm/core/runtime.hpp>

#if defined(__linux__)
#include <sched.h>
#endif

#include <filesystem>
#include <fstream>

#include "support/paths.hpp"

using namespace seqlstm;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("runtime: quotas of both kinds of control groups") {
  CHECK(detail::quota_cpus("200000", "100000") == 2);
  CHECK(detail::quota_cpus("150000", "100000") == 1.5);
  CHECK(detail::quota_cpus("max", "100000") == detail::no_quota);
  CHECK(detail::quota_cpus("-1", "100000") == detail::no_quota);
  CHECK(detail::quota_cpus("100000", "0") == detail::no_quota);
  CHECK(detail::quota_cpus("", "") == detail::no_quota);
}

TEST_CASE("runtime: the smallest quota on the way to the root counts") {
  const support::TemporaryFolder folder;
  const std::filesystem::path root = folder.path(".");
  CHECK(detail::cpu_quota((root / "absent").string(), root.string()) == detail::no_quota);
  write(root / "v2", "0::/slice/job\n");
  write(root / "slice/job/cpu.max", "max 100000\n");
  write(root / "slice/cpu.max", "250000 100000\n");
  CHECK(detail::cpu_quota((root / "v2").string(), root.string()) == 2.5);
  write(root / "cpu.max", "50000 100000\n");
  CHECK(detail::cpu_quota((root / "v2").string(), root.string()) == 0.5);
  write(root / "v1", "5:memory:/other\n4:cpu,cpuacct:/host/path\n");
  write(root / "cpu,cpuacct/cpu.cfs_quota_us", "300000\n");  // a container sees its own group as the root
  write(root / "cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK(detail::cpu_quota((root / "v1").string(), root.string()) == 3);
  write(root / "cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  CHECK(detail::cpu_quota((root / "v1").string(), root.string()) == detail::no_quota);
}

TEST_CASE("runtime: the memory limit is the smallest of the group and all above it, in both versions") {
  const support::TemporaryFolder folder;
  const std::filesystem::path root = folder.path(".");
  const auto limit = [&](const std::string& membership) {
    write(root / "membership", membership);
    return detail::memory_limit((root / "membership").string(), root.string());
  };
  write(root / "slice/job/memory.max", "max\n");
  write(root / "slice/memory.max", "1048576\n");
  CHECK(limit("0::/slice/job\n") == 1048576);
  write(root / "slice/job/memory.max", "4096\n");
  CHECK(limit("0::/slice/job\n") == 4096);
  write(root / "memory/host/memory.limit_in_bytes", "8192\n");
  CHECK(limit("7:memory:/host\n3:cpu:/host\n") == 8192);
  CHECK(limit("3:cpu:/host\n") == detail::no_quota);
  CHECK(usable_memory() >= 0);
#if defined(__linux__)
  CHECK(peak_memory() > 1 << 20U);
  CHECK(peak_memory() < 1e12);
#endif
}

TEST_CASE("runtime: a process bound to one CPU may use one") {
  CHECK(usable_threads() >= 1);
#if defined(__linux__)
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(usable_threads() == 1);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
  CHECK(usable_threads() <= static_cast<std::size_t>(CPU_COUNT(&before)));
#endif
}
