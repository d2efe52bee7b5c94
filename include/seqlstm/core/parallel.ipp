// Definitions of parallel.hpp.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/runtime.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

// In one place each, so that a program has one pool also where it hides symbols from its libraries.
SEQLSTM_INLINE Pool& Pool::instance() {
  return Owner::only().pool();
}
SEQLSTM_INLINE Pool& Pool::current() {
  return chosen_ != nullptr ? *chosen_ : instance();
}
SEQLSTM_INLINE Pool* Pool::choose(Pool* pool) {
  return std::exchange(chosen_, pool);
}
SEQLSTM_INLINE Pool::Owner& Pool::Owner::only() {
  static Owner owner;
  return owner;
}
SEQLSTM_INLINE std::atomic<std::size_t>& Pool::forks() {
  static std::atomic<std::size_t> count{0};
  return count;
}
SEQLSTM_INLINE bool& oversubscribe() {
  static bool allowed = false;
  return allowed;
}

SEQLSTM_INLINE std::size_t& least_work_of_threads() {
  static std::size_t least = worth_a_thread;
  return least;
}

SEQLSTM_INLINE Pool::Owner::Owner() : pool_(new Pool) {
#if defined(SEQLSTM_HAS_FORK)
  pthread_atfork(nullptr, nullptr, [] {
    only().state_.store(of_the_parent, std::memory_order_release);
    ++forks();
  });
#endif
}

SEQLSTM_INLINE Pool::Pool(std::size_t threads) : forks_(forks()) {
  start_workers(threads);
}

SEQLSTM_INLINE void Pool::resize(std::size_t threads) {
  if (in_task_) throw option_error("set_threads: called from inside a parallel task; call it before");
  const std::scoped_lock job_lock(job_mutex_);
  stop_workers();
  start_workers(threads);
}

SEQLSTM_INLINE bool Pool::run_on_threads(std::size_t tasks, Task task, void* context) {
  std::unique_lock job_lock(job_mutex_, std::defer_lock);
  if (inside_ || of_another_process() || !job_lock.try_lock() || workers_.empty()) return false;
  {
    const std::scoped_lock lock(mutex_);
    task_ = task;
    context_ = context;
    tasks_ = tasks;
    control_ = FloatControl::current();
    failed_task_ = tasks;
    pending_ = workers_.size();
    ++generation_;
  }
  start_.notify_all();
  inside_ = true;
  run_share(0, size());
  inside_ = false;
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return pending_ == 0; });
  if (failed_task_ < tasks) std::rethrow_exception(std::exchange(error_, nullptr));
  return true;
}

SEQLSTM_INLINE void Pool::Owner::renew() {
  int expected = of_the_parent;
  if (state_.compare_exchange_strong(expected, being_renewed, std::memory_order_acq_rel)) {
    const std::size_t threads = pool_.release()->size();
    pool_.reset(new Pool);
    try {
      pool_->start_workers(threads);
    } catch (const option_error&) {  // then one thread does all
    }
    state_.store(of_this_process, std::memory_order_release);
  }
  while (state_.load(std::memory_order_acquire) != of_this_process) std::this_thread::yield();
}

SEQLSTM_INLINE void Pool::start_workers(std::size_t threads) {
  try {
    for (std::size_t id = 1; id < threads; ++id)
      workers_.emplace_back([this, id, seen = generation_] { work(id, seen); });
  } catch (const std::system_error& error) {
    const std::size_t made = size();
    stop_workers();
    throw option_error("threads: the system started " + std::to_string(made) + " of " +
                       std::to_string(threads) + " (" + error.what() +
                       "); ask for fewer, or raise the limit (ulimit -u)");
  }
}

SEQLSTM_INLINE void Pool::stop_workers() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (auto& worker : workers_) worker.join();
  workers_.clear();
  stopping_ = false;
}

SEQLSTM_INLINE void Pool::work(std::size_t id, std::size_t seen) {
  inside_ = true;
  chosen_ = this;
  for (;;) {
    std::size_t threads = 0;
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      threads = size();
      control_.apply();
    }
    run_share(id, threads);
    const std::scoped_lock lock(mutex_);
    if (--pending_ == 0) done_.notify_one();
  }
}

SEQLSTM_INLINE void Pool::run_serially(std::size_t tasks, Task task, void* context) {
  const InTask in_task;
  std::exception_ptr first;
  for (std::size_t i = 0; i < tasks; ++i) {
    try {
      task(context, i);
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

SEQLSTM_INLINE void Pool::run_share(std::size_t id, std::size_t threads) {
  const InTask in_task;
  for (std::size_t i = id; i < tasks_; i += threads) {
    try {
      task_(context_, i);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (i < failed_task_) {
        failed_task_ = i;
        error_ = std::current_exception();
      }
    }
  }
}

/// What is started where so many threads are asked for.
inline std::size_t checked_threads(std::size_t count) {
  if (count < 1 || count > 1024)
    throw option_error("threads: got " + std::to_string(count) + ", expected 1 to 1024");
  return oversubscribe() ? count : std::min(count, usable_threads());
}

}  // namespace detail

SEQLSTM_INLINE ThreadPool::ThreadPool(std::size_t threads) {
  threads = detail::checked_threads(threads);
  detail::Pool::instance();  // counts forks from now on
  pool_ = std::make_unique<detail::Pool>(threads);
}

SEQLSTM_INLINE ThreadPool::~ThreadPool() {
  if (pool_->of_another_process()) static_cast<void>(pool_.release());  // its threads are the parent's
}

SEQLSTM_INLINE std::size_t threads() {
  return detail::Pool::current().size();
}

SEQLSTM_INLINE void set_threads(std::size_t count) {
  count = detail::checked_threads(count);
  if (count != detail::Pool::instance().size()) detail::Pool::instance().resize(count);
}

SEQLSTM_INLINE IndexRange part_of(std::size_t total, std::size_t parts, std::size_t part, std::size_t grain) {
  const std::size_t grains = (total + grain - 1) / grain;
  const auto cut = [&](std::size_t p) { return std::min(total, grains * p / parts * grain); };
  return {cut(part), cut(part + 1)};
}

SEQLSTM_NAMESPACE_END
