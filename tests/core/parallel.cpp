#include <seqlstm/core/parallel.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// Runs with a number of threads and leaves one behind.
struct WithThreads {
  explicit WithThreads(std::size_t count) { set_threads(count); }
  ~WithThreads() { set_threads(1); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;
};

}  // namespace

TEST_CASE("parallel: every task runs once, for more and for fewer tasks than threads") {
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    const WithThreads guard(count);
    CHECK(threads() == count);
    for (const std::size_t tasks : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 1000U}) {
      std::vector<int> runs(tasks);
      parallel_for(tasks, [&](std::size_t i) { ++runs[i]; });
      CHECK(std::count(runs.begin(), runs.end(), 1) == static_cast<std::ptrdiff_t>(tasks));
    }
  }
}

TEST_CASE("parallel: task i runs on thread i mod threads, thread 0 is the caller") {
  const WithThreads guard(3);
  std::vector<std::thread::id> first(10), second(10);
  parallel_for(10, [&](std::size_t i) { first[i] = std::this_thread::get_id(); });
  parallel_for(10, [&](std::size_t i) { second[i] = std::this_thread::get_id(); });
  CHECK(first == second);
  CHECK(first[0] == std::this_thread::get_id());
  for (std::size_t i = 3; i < 10; ++i) CHECK(first[i] == first[i % 3]);
  CHECK(first[0] != first[1]);
  CHECK(first[0] != first[2]);
  CHECK(first[1] != first[2]);
}

TEST_CASE("parallel: members of a team run at once and see what others wrote before they met") {
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    const WithThreads guard(count);
    constexpr std::size_t rounds = 300;
    std::vector<std::size_t> written(count);
    std::atomic<std::size_t> wrong{0};
    parallel_team([&](const TeamMember& member) {
      if (member.size() != count) ++wrong;
      for (std::size_t round = 1; round <= rounds; ++round) {
        written[member.number()] = round;
        member.wait();
        for (const std::size_t seen : written) wrong += seen != round;
        member.wait();
      }
    });
    CHECK(wrong == 0);
    CHECK(written == std::vector<std::size_t>(count, rounds));
  }
}

TEST_CASE("parallel: a team from inside a task is that task's thread alone") {
  const WithThreads guard(3);
  std::vector<std::size_t> sizes(6);
  parallel_for(6, [&](std::size_t i) {
    parallel_team([&](const TeamMember& member) {
      member.wait();
      sizes[i] += member.size();
    });
  });
  CHECK(sizes == std::vector<std::size_t>(6, 1));
}

TEST_CASE("parallel: little work stays on one thread, much is cut") {
  const WithThreads guard(2);
  const std::size_t least = std::exchange(detail::least_work_of_threads(), worth_a_thread);
  CHECK(parts_for(worth_a_thread - 1) == 1);
  CHECK(parts_for(worth_a_thread) == 2);
  for (const std::size_t work : {std::size_t{1}, worth_a_thread}) {
    std::vector<std::size_t> part_begins(10, 10);
    for_parts(10, 4, work, [&](IndexRange range) {
      for (std::size_t i = range.begin; i < range.end; ++i) part_begins[i] = range.begin;
    });
    for (std::size_t i = 0; i < 10; ++i) CHECK(part_begins[i] == (work > 1 && i >= 4 ? 4U : 0U));
  }
  detail::least_work_of_threads() = least;
}

TEST_CASE("parallel: a call from inside a task runs on that task's thread") {
  const WithThreads guard(4);
  std::vector<int> runs(8 * 5);
  std::atomic<int> strangers = 0;
  parallel_for(8, [&](std::size_t i) {
    const auto here = std::this_thread::get_id();
    parallel_for(5, [&](std::size_t k) {
      ++runs[i * 5 + k];
      if (std::this_thread::get_id() != here) ++strangers;
    });
  });
  CHECK(std::count(runs.begin(), runs.end(), 1) == 40);
  CHECK(strangers == 0);
}

TEST_CASE("parallel: the lowest failing task's exception reaches the caller, after all tasks have ended") {
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    const WithThreads guard(count);
    for (int round = 0; round < 20; ++round) {
      std::vector<int> runs(20);
      const auto work = [&](std::size_t i) {
        ++runs[i];
        if (i % 5 == 3) throw option_error("task " + std::to_string(i));
      };
      CHECK(message_of<option_error>([&] { parallel_for(20, work); }) == "task 3");
      CHECK(std::count(runs.begin(), runs.end(), 1) == 20);
    }
    int after = 0;  // the pool goes on working
    parallel_for(1, [&](std::size_t) { ++after; });
    CHECK(after == 1);
  }
}

TEST_CASE("parallel: an exception of a nested call reaches the outer caller") {
  const WithThreads guard(2);
  CHECK(message_of<shape_error>([] {
          parallel_for(4, [](std::size_t i) {
            parallel_for(3, [i](std::size_t k) {
              if (i == 1 && k == 2) throw shape_error("inner");
            });
          });
        }) == "inner");
}

TEST_CASE("parallel: workers take over the caller's floating-point control word, for every call anew") {
  const WithThreads guard(4);
  const auto flushing_tasks = [] {
    std::atomic<int> count = 0;
    parallel_for(8, [&](std::size_t) { count += FloatControl::current().flushes() ? 1 : 0; });
    return count.load();
  };
  CHECK(flushing_tasks() == 0);
  {
    const FlushDenormals flush;
    CHECK(flushing_tasks() == 8);
  }
  CHECK(flushing_tasks() == 0);
}

TEST_CASE("parallel: calls of several threads at once all finish") {
  const WithThreads guard(3);
  std::vector<std::size_t> sums(4);
  std::vector<std::thread> callers;
  for (std::size_t c = 0; c < sums.size(); ++c)
    callers.emplace_back([&sums, c] {
      for (int round = 0; round < 50; ++round) {
        std::vector<std::size_t> squares(30);
        parallel_for(30, [&](std::size_t i) { squares[i] = i * i; });
        for (const std::size_t s : squares) sums[c] += s;
      }
    });
  for (auto& caller : callers) caller.join();
  for (const std::size_t sum : sums) CHECK(sum == 50 * 8555);
}

TEST_CASE("parallel: the number of threads has limits") {
  CHECK(message_of<option_error>([] { set_threads(0); }) == "threads: got 0, expected 1 to 1024");
  CHECK(message_of<option_error>([] { set_threads(1025); }) == "threads: got 1025, expected 1 to 1024");
  CHECK(message_of<option_error>([] { set_threads(static_cast<std::size_t>(-1)); }) ==
        "threads: got 18446744073709551615, expected 1 to 1024");
  CHECK(threads() == 1);
}

TEST_CASE("parallel: no more threads than CPUs that the process may use") {
  detail::oversubscribe() = false;
  set_threads(1024);
  const std::size_t started = threads();
  std::atomic<std::size_t> members = 0;
  parallel_team([&](const TeamMember&) { ++members; });
  set_threads(1);
  detail::oversubscribe() = true;
  CHECK(started == std::min<std::size_t>(usable_threads(), 1024));
  CHECK(members == started);
}

TEST_CASE("parallel: a pool can be resized again and again") {
  for (const std::size_t count : {4U, 1U, 2U, 8U, 2U, 1U}) {
    set_threads(count);
    std::atomic<std::size_t> sum = 0;
    parallel_for(100, [&](std::size_t i) { sum += i; });
    CHECK(sum == 4950);
  }
}

TEST_CASE("parallel: parts are consecutive, equal within a grain and cut at multiples of it") {
  for (const std::size_t total : {0U, 1U, 15U, 16U, 17U, 100U, 1023U})
    for (const std::size_t grain : {1U, 4U, 16U})
      for (const std::size_t parts : {1U, 2U, 3U, 8U, 40U}) {
        std::size_t next = 0, smallest = total, largest = 0;
        for (std::size_t part = 0; part < parts; ++part) {
          const IndexRange r = part_of(total, parts, part, grain);
          REQUIRE(r.begin == next);
          REQUIRE(r.end >= r.begin);
          REQUIRE((r.end == total || r.end % grain == 0));
          next = r.end;
          smallest = std::min(smallest, r.end - r.begin);
          largest = std::max(largest, r.end - r.begin);
        }
        REQUIRE(next == total);
        REQUIRE(largest <= smallest + 2 * grain);
      }
}

TEST_CASE("parallel: a task may not change the number of threads") {
  set_threads(2);
  CHECK_THROWS_WITH(parallel_for(2, [](std::size_t) { set_threads(3); }),
                    "set_threads: called from inside a parallel task; call it before");
  CHECK(threads() == 2);
  set_threads(1);
}

TEST_CASE("parallel: a team has no more members than there are pieces of work") {
  const WithThreads guard(5);
  for (const std::size_t most : {1U, 2U, 5U, 9U}) {
    std::atomic<std::size_t> members = 0, largest = 0;
    parallel_team(most, [&](const TeamMember& member) {
      members += 1;
      if (member.number() + 1 == member.size()) largest = member.size();
      member.wait();
    });
    CHECK(members == std::min<std::size_t>(most, 5));
    CHECK(largest == members);
  }
}

TEST_CASE("parallel: a pool of one's own serves one thread while others use theirs") {
  const WithThreads guard(2);
  ThreadPool three(3);
  CHECK(three.size() == 3);
  CHECK(threads() == 2);
  std::vector<std::size_t> counts(4);
  {
    const RunOn run(three);
    CHECK(threads() == 3);
    std::vector<std::thread::id> who(6);
    parallel_for(6, [&](std::size_t i) { who[i] = std::this_thread::get_id(); });
    CHECK(who[0] == std::this_thread::get_id());
    CHECK(std::set<std::thread::id>(who.begin(), who.end()).size() == 3);
    std::thread([&] { counts[0] = threads(); }).join();  // another thread: that of the process
    ThreadPool one(1);
    const RunOn alone(one);
    counts[1] = threads();
  }
  counts[2] = threads();
  CHECK(counts == std::vector<std::size_t>{2, 1, 2, 0});
  CHECK(message_of<option_error>([] { ThreadPool(0); }) == "threads: got 0, expected 1 to 1024");
  CHECK(message_of<option_error>([] { ThreadPool(1025); }) == "threads: got 1025, expected 1 to 1024");
}

TEST_CASE("parallel: pools work at the same time, and set_threads leaves them alone") {
  const WithThreads guard(1);
  std::atomic<int> meeting = 0;
  const auto meet = [&] {
    ThreadPool pool(2);
    const RunOn run(pool);
    parallel_for(2, [&](std::size_t) {
      ++meeting;
      while (meeting < 4) std::this_thread::yield();  // all four tasks run at once
    });
  };
  std::thread other(meet);
  meet();
  other.join();
  CHECK(meeting == 4);
  ThreadPool pool(3);
  const RunOn run(pool);
  set_threads(2);
  CHECK(threads() == 3);
}

#if !defined(__SANITIZE_THREAD__)  // which ends a child that starts threads after a fork of several
namespace {

/// The exit code of a child that runs `body` and must end within ten seconds; -1 where it does not.
template <class Body> int child_exit_code(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    usleep(1000);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("parallel: after fork the child has threads of its own") {
  for (const std::size_t count : {2U, 4U}) {
    const WithThreads guard(count);
    parallel_for(count, [](std::size_t) {});
    usleep(20000);  // workers wait for work
    CHECK(child_exit_code([&] {
            std::atomic<int> sum = 0;
            parallel_for(100, [&](std::size_t) { ++sum; });
            return sum == 100 && threads() == count ? 7 : 1;
          }) == 7);
    CHECK(child_exit_code([&] {
            std::atomic<std::size_t> members = 0;
            parallel_team([&](const TeamMember& member) {
              members += 1;
              member.wait();
            });
            return members == count ? 7 : 1;
          }) == 7);
    CHECK(child_exit_code([] {
            set_threads(1);
            return 7;
          }) == 7);
    CHECK(child_exit_code([] {  // a grandchild
            parallel_for(2, [](std::size_t) {});
            return child_exit_code([] {
              parallel_for(2, [](std::size_t) {});
              return 7;
            });
          }) == 7);
    std::atomic<int> sum = 0;  // and the parent keeps its own
    parallel_for(100, [&](std::size_t) { ++sum; });
    CHECK(sum == 100);
  }
}

TEST_CASE("parallel: after fork a pool of the parent's works on the child's one thread") {
  auto pool = std::make_unique<ThreadPool>(3);
  const RunOn run(*pool);
  parallel_for(3, [](std::size_t) {});
  usleep(20000);  // workers wait for work
  CHECK(child_exit_code([&] {
          std::atomic<int> sum = 0;
          parallel_for(100, [&](std::size_t) { ++sum; });
          std::size_t members = 0;
          parallel_team([&](const TeamMember& member) { members += member.size(); });
          pool.reset();  // its threads are the parent's
          return sum == 100 && members == 1 ? 7 : 1;
        }) == 7);
  std::atomic<int> sum = 0;
  parallel_for(100, [&](std::size_t) { ++sum; });
  CHECK(sum == 100);
}

TEST_CASE("parallel: threads that the system does not give are one sentence", "[optional]") {
  const int code = child_exit_code([] {
    const rlimit none{1, 1};
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || setuid(65534) != 0) return 8;  // root has no such limit
    try {
      set_threads(500);
    } catch (const option_error& error) {
      const std::string message = error.what();
      std::atomic<int> sum = 0;
      parallel_for(10, [&](std::size_t) { ++sum; });
      const bool said =
          message.starts_with("threads: the system started ") && message.find("of 500") != std::string::npos;
      return said && threads() == 1 && sum == 10 ? 7 : 1;
    }
    return 2;
  });
  if (code == 8) {
    support::skip("this user cannot be limited: nothing was tried");
    return;
  }
  CHECK(code == 7);
}
#endif
