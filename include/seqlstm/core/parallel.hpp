// A small pool of standard threads with a fixed partition of work: who computes what never depends on timing.
#pragma once

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#define SEQLSTM_HAS_FORK
#endif

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <seqlstm/core/abi.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/runtime.hpp>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_PLAIN_NAMESPACE_BEGIN

/// Half open.
struct IndexRange {
  std::size_t begin,  ///< the first index
      end;            ///< one after the last
};

/// Tells the core that its thread spins.
[[gnu::always_inline]] inline void spin_pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// A member of a team of threads that run at the same time and can wait for each other.
struct TeamMember {
  /// Where a team meets.
  struct Barrier {
    std::size_t size;                  ///< members of the team
    std::atomic<std::size_t> arrived,  ///< members that wait in this round
        round;                         ///< rounds that are over
  };

  [[nodiscard, gnu::always_inline]] std::size_t number() const { return own_number; }  ///< 0 to size() - 1
  /// Members of the team, this one included.
  [[nodiscard, gnu::always_inline]] std::size_t size() const { return barrier->size; }
  /// Returns when every member has called it equally often; what they wrote before is then seen by all.
  /// Spins: for waits of microseconds; after some thousand tries it lets other threads run in between.
  [[gnu::always_inline]] void wait() const {
    const std::size_t round = barrier->round.load(std::memory_order_acquire);
    if (barrier->arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == size()) {
      barrier->arrived.store(0, std::memory_order_relaxed);
      barrier->round.store(round + 1, std::memory_order_release);
      return;
    }
    constexpr int patience = 4096;
    for (int tries = 0; barrier->round.load(std::memory_order_acquire) == round; ++tries) {
      if (tries > patience)
        std::this_thread::yield();
      else
        spin_pause();
    }
  }

  std::size_t own_number;  ///< number()
  Barrier* barrier;        ///< of the whole team; lives as long as the call of parallel_team
};

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

using SEQLSTM_PLAIN::IndexRange;
using SEQLSTM_PLAIN::TeamMember;

namespace detail {

/// Waits for a job, runs its share of the job's tasks, waits again. One job at a time.
class Pool {
 public:
  using Task = void (*)(void* context, std::size_t task);

  /// Of so many threads, the caller included. option_error where the system has no more.
  explicit Pool(std::size_t threads = 1);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop_workers(); }

  /// The pool of this process, which set_threads resizes.
  static Pool& instance();
  /// The pool that this thread is to use: that of the process, unless it chose another or works for one.
  static Pool& current();
  /// Makes `pool` this thread's; null: that of the process. Returns what was chosen before.
  static Pool* choose(Pool* pool);

  [[nodiscard]] std::size_t size() const { return workers_.size() + 1; }
  /// Are its threads those of a process that this one was forked from? Then it does all on the caller's, and
  /// must not be destroyed.
  [[nodiscard]] bool of_another_process() const { return forks_ != forks(); }

  /// option_error, and one thread is left, where the system has no more.
  void resize(std::size_t threads);

  /// Task i runs on thread i mod size(); thread 0 is the caller. The error of the lowest failing task is
  /// rethrown.
  void run(std::size_t tasks, Task task, void* context) {
    if (tasks <= 1 || !run_on_threads(tasks, task, context)) run_serially(tasks, task, context);
  }
  /// The same, or false and nothing done where the threads are not to be had.
  bool run_on_threads(std::size_t tasks, Task task, void* context);

 private:
  /// Holds the pool. After fork() the child has none of its threads, and its locks may be held by threads
  /// that are not there: the child leaves that pool as it is and makes its own, of as many threads, when it
  /// first needs one.
  class Owner {
   public:
    static Owner& only();
    Pool& pool() {
      if (state_.load(std::memory_order_acquire) != of_this_process) renew();
      return *pool_;
    }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

   private:
    enum State { of_this_process, of_the_parent, being_renewed };

    Owner();
    ~Owner() {
      if (state_.load(std::memory_order_acquire) != of_this_process)
        static_cast<void>(pool_.release());  // its threads are the parent's
    }
    void renew();

    std::unique_ptr<Pool> pool_;
    std::atomic<int> state_{of_this_process};
  };

  /// How often this process was forked from another since the first pool.
  static std::atomic<std::size_t>& forks();
  void start_workers(std::size_t threads);
  void stop_workers();

  void work(std::size_t id, std::size_t seen);

  static void run_serially(std::size_t tasks, Task task, void* context);

  void run_share(std::size_t id, std::size_t threads);

  /// While tasks run on this thread.
  struct InTask {
    bool before = std::exchange(in_task_, true);
    InTask() = default;
    InTask(const InTask&) = delete;
    InTask& operator=(const InTask&) = delete;
    ~InTask() { in_task_ = before; }
  };

  static inline thread_local Pool* chosen_ = nullptr;
  static inline thread_local bool inside_ = false;   // a parallel call: nested ones run serially
  static inline thread_local bool in_task_ = false;  // any call
  std::mutex job_mutex_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::vector<std::thread> workers_;
  Task task_ = nullptr;
  void* context_ = nullptr;
  std::size_t tasks_ = 0, pending_ = 0, generation_ = 0, failed_task_ = 0;
  FloatControl control_;
  std::exception_ptr error_;
  bool stopping_ = false;
  std::size_t forks_;  // when it was made
};

}  // namespace detail

/// Threads of one's own, beside those of set_threads: for a Predictor, or for what runs while a RunOn lives.
/// The child of a fork() has none of them: there the pool does all on the caller's thread.
class ThreadPool {
 public:
  /// So many threads, 1 to 1024, the caller included, or usable_threads() where that is fewer. Throws
  /// option_error for others, and where the system has no more threads.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Threads, the caller included: those asked for, or usable_threads() where that is fewer.
  [[nodiscard]] std::size_t size() const { return pool_->size(); }

 private:
  friend class RunOn;
  std::unique_ptr<detail::Pool> pool_;
};

/// While it lives, what this thread calls runs on the threads of `pool`, which must outlive it. Several
/// threads may have one each, and then do not wait for each other; of one pool that two of them share, one
/// has the threads at a time and the other does its work alone.
class RunOn {
 public:
  /// Chooses `pool` for this thread; the destructor chooses again what was before.
  explicit RunOn(ThreadPool& pool) : before_(detail::Pool::choose(pool.pool_.get())) {}
  ~RunOn() { detail::Pool::choose(before_); }
  RunOn(const RunOn&) = delete;
  RunOn& operator=(const RunOn&) = delete;

 private:
  detail::Pool* before_;
};

/// Elementary operations below which waking another thread costs more than it saves: by measurement on
/// virtual machines, where a sleeping thread takes up to 50 us to wake.
inline constexpr std::size_t worth_a_thread = std::size_t{1} << 18U;

namespace detail {

/// Whether set_threads starts more threads than there are CPUs for them. For tests of many threads on small
/// machines.
bool& oversubscribe();
/// Elementary operations from which parts_for() cuts: worth_a_thread. For tests of many threads on small
/// shapes.
std::size_t& least_work_of_threads();

}  // namespace detail

/// Number of threads the library uses, the caller included: those of this thread's RunOn, or of set_threads,
/// 1 before.
std::size_t threads();

/// Sets the number of threads (at least 1, at most 1024), joining the old ones: `count`, or usable_threads()
/// where that is fewer, because threads beyond the CPUs only wait for each other. Results do not depend on
/// it. Throws option_error inside a task, and where the system has no more threads; then one is left. Not to
/// be called while another thread trains or predicts. After fork() the child has as many, made anew.
void set_threads(std::size_t count);

/// Calls body(i) for every i in [0, tasks), task i on thread i mod threads(). Workers take over the caller's
/// floating-point control word. Allocates nothing. A call from inside a task, or while another thread's call
/// is running, runs serially. An exception reaches the caller after all tasks have ended.
template <class Body> void parallel_for(std::size_t tasks, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  detail::Pool::current().run(
      tasks, [](void* context, std::size_t task) { (*static_cast<Plain*>(context))(task); },
      const_cast<std::remove_const_t<Plain>*>(std::addressof(body)));
}

/// Calls body(member) on a team of threads at the same time: on threads() of them, but no more than `most`,
/// the pieces of work there are; or on the caller alone from inside a task or while another thread's call is
/// running. A body that throws ends the program, because others may wait for it. Allocates nothing.
template <class Body> void parallel_team(std::size_t most, Body&& body) {
  struct Job {
    std::remove_reference_t<Body>* body;
    TeamMember::Barrier barrier;
  } job{std::addressof(body), {std::clamp<std::size_t>(most, 1, threads()), {}, {}}};
  const auto run = [](void* context, std::size_t number) noexcept {
    auto& own = *static_cast<Job*>(context);
    (*own.body)(TeamMember{number, &own.barrier});
  };
  auto& pool = detail::Pool::current();
  if (pool.run_on_threads(job.barrier.size, run, &job)) return;
  job.barrier.size = 1;
  pool.run(1, run, &job);
}
/// The same on all of threads().
template <class Body> void parallel_team(Body&& body) {
  parallel_team(threads(), std::forward<Body>(body));
}

/// Half-open range `part` of `parts` equal parts of [0, total), cut at multiples of `grain`.
IndexRange part_of(std::size_t total, std::size_t parts, std::size_t part, std::size_t grain = 1);

/// Multiply-adds of a matrix product as elementary operations: vectors do them many at a time.
constexpr std::size_t product_operations(std::size_t multiply_adds) {
  return multiply_adds / 16;
}

/// How many parts `work` elementary operations are cut into: one when they are few.
inline std::size_t parts_for(std::size_t work) {
  return work < detail::least_work_of_threads() ? 1 : threads();
}

/// Calls body(range) for parts of [0, total) cut at multiples of `grain`, on one thread when `work` is small.
/// Which way it goes must not show in the result.
template <class Body> void for_parts(std::size_t total, std::size_t grain, std::size_t work, Body&& body) {
  const std::size_t parts = parts_for(work);
  parallel_for(parts, [&](std::size_t part) {
    const IndexRange range = part_of(total, parts, part, grain);
    if (range.begin < range.end) body(range);
  });
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/parallel.ipp>
#endif
