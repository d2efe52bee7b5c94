// Definitions of parallel.hpp.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/runtime.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

// In one place each, so that a program has one pool also where it hides symbols from its libraries.
SEQLSTM_INLINE ThreadPool& ThreadPool::instance() {
  return Owner::only().pool();
}
SEQLSTM_INLINE ThreadPool::Owner& ThreadPool::Owner::only() {
  static Owner owner;
  return owner;
}
SEQLSTM_INLINE ThreadPool::Owner::Owner() : pool_(new ThreadPool) {
#if defined(SEQLSTM_HAS_FORK)
  pthread_atfork(nullptr, nullptr, [] {
    only().state_.store(of_the_parent, std::memory_order_release);
    only().forks_.fetch_add(1, std::memory_order_acq_rel);
  });
#endif
}
SEQLSTM_INLINE bool& detail::oversubscribe() {
  static bool allowed = false;
  return allowed;
}

namespace detail {
/// What is started where so many are asked for.
inline std::size_t checked_threads(std::size_t count) {
  if (count < 1 || count > 1024)
    throw option_error("threads: got " + std::to_string(count) + ", expected 1 to 1024");
  return oversubscribe() ? count : std::min(count, usable_threads());
}
}  // namespace detail

SEQLSTM_INLINE ThreadPool::ThreadPool(std::size_t threads) : own_(true), forks_(Owner::only().forks()) {
  start_workers(detail::checked_threads(threads));
}

SEQLSTM_INLINE ThreadPool::~ThreadPool() {
  if (of_another_process()) {
    new std::vector<std::thread>(std::move(workers_));  // NOLINT: to join them is the parent's business
  } else {
    stop_workers();
  }
}

SEQLSTM_INLINE void ThreadPool::resize(std::size_t threads) {
  if (in_task_) throw option_error("set_threads: called from inside a parallel task; call it before");
  const std::scoped_lock job_lock(job_mutex_);
  stop_workers();
  start_workers(threads);
}

SEQLSTM_INLINE bool ThreadPool::run_on_threads(std::size_t tasks, Task task, void* context) {
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

SEQLSTM_INLINE void ThreadPool::Owner::renew() {
  int expected = of_the_parent;
  if (state_.compare_exchange_strong(expected, being_renewed, std::memory_order_acq_rel)) {
    const std::size_t threads = pool_.release()->size();
    pool_.reset(new ThreadPool);
    try {
      pool_->start_workers(threads);
    } catch (const option_error&) {  // then one thread does all
    }
    state_.store(of_this_process, std::memory_order_release);
  }
  while (state_.load(std::memory_order_acquire) != of_this_process) std::this_thread::yield();
}

SEQLSTM_INLINE void ThreadPool::start_workers(std::size_t threads) {
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

SEQLSTM_INLINE void ThreadPool::stop_workers() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (auto& worker : workers_) worker.join();
  workers_.clear();
  stopping_ = false;
}

SEQLSTM_INLINE void ThreadPool::work(std::size_t id, std::size_t seen) {
  inside_ = true;
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

SEQLSTM_INLINE void ThreadPool::run_serially(std::size_t tasks, Task task, void* context) {
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

SEQLSTM_INLINE void ThreadPool::run_share(std::size_t id, std::size_t threads) {
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

SEQLSTM_INLINE std::size_t threads() {
  return ThreadPool::current().size();
}

SEQLSTM_INLINE void set_threads(std::size_t count) {
  count = detail::checked_threads(count);
  if (count != ThreadPool::instance().size()) ThreadPool::instance().resize(count);
}

SEQLSTM_INLINE Range part_of(std::size_t total, std::size_t parts, std::size_t part, std::size_t grain) {
  const std::size_t grains = (total + grain - 1) / grain;
  const auto cut = [&](std::size_t p) { return std::min(total, grains * p / parts * grain); };
  return {cut(part), cut(part + 1)};
}

SEQLSTM_NAMESPACE_END
