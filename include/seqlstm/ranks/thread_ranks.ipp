// Definitions of thread_ranks.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <set>
#include <thread>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What the threads share: messages on their way, who has ended, what failed.
struct Post {
  using Line = std::array<std::size_t, 3>;  // sender, receiver, tag
  using Message = std::vector<std::byte>;

  explicit Post(std::size_t ranks) : ended(ranks, false) {}

  std::mutex mutex;
  std::map<Line, std::deque<Message>> messages;
  std::vector<bool> ended;
  std::optional<std::string> failure;
};

class ThreadRank final : public Communicator {
 public:
  ThreadRank(Post& post, std::size_t rank, std::size_t size) : post_(post), rank_(rank), size_(size) {}
  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return size_; }

  Transfer start_send(std::size_t to, int tag, std::span<const std::byte> bytes) override {
    require_rank(to);
    const std::lock_guard lock(post_.mutex);
    post_.messages[{rank_, to, static_cast<std::size_t>(tag)}].emplace_back(bytes.begin(), bytes.end());
    return 0;  // copied, so done
  }
  Transfer start_receive(std::size_t from, int tag, std::span<std::byte> bytes) override {
    require_rank(from);
    const Post::Line line{from, rank_, static_cast<std::size_t>(tag)};
    waiting_[line].push_back(++last_);
    receives_[last_] = {line, bytes};
    return last_;
  }
  bool done(Transfer transfer) override {
    const std::lock_guard lock(post_.mutex);
    throw_failure();
    if (transfer == 0) return true;
    const auto found = receives_.find(transfer);
    if (found == receives_.end()) return arrived_.erase(transfer) > 0;
    const Post::Line line = found->second.line;
    deliver(line);
    if (arrived_.erase(transfer) > 0) return true;
    if (post_.ended[line[0]])
      throw rank_error("rank " + std::to_string(line[0]) + " has ended, but rank " + std::to_string(rank_) +
                       " waits for a message from it");
    return false;
  }
  void check() const override {
    const std::lock_guard lock(post_.mutex);
    throw_failure();
  }
  void fail(const std::string& cause) override {
    const std::lock_guard lock(post_.mutex);
    if (!post_.failure)
      post_.failure = "rank " + std::to_string(rank_) + " of " + std::to_string(size_) + ": " + cause;
  }

 private:
  struct Receive {
    Post::Line line;
    std::span<std::byte> bytes;
  };
  void require_rank(std::size_t partner) const {
    if (partner >= size_ || partner == rank_)
      throw option_error("rank " + std::to_string(rank_) + " and rank " + std::to_string(partner) + " of " +
                         std::to_string(size_) + " cannot be partners");
  }
  void throw_failure() const {
    if (post_.failure) throw rank_error(*post_.failure);
  }
  /// Messages go to receives in the order in which these were started.
  void deliver(const Post::Line& line) {
    auto& messages = post_.messages[line];
    auto& waiting = waiting_[line];
    while (!messages.empty() && !waiting.empty()) {
      const auto found = receives_.find(waiting.front());
      const auto into = found->second.bytes;
      if (messages.front().size() != into.size())
        throw rank_error("rank " + std::to_string(line[0]) + " sent " +
                         std::to_string(messages.front().size()) + " bytes, but rank " +
                         std::to_string(rank_) + " expects " + std::to_string(into.size()) +
                         "; all ranks must make the same calls");
      std::copy(messages.front().begin(), messages.front().end(), into.begin());
      arrived_.insert(found->first);
      receives_.erase(found);
      messages.pop_front();
      waiting.pop_front();
    }
  }

  Post& post_;
  std::size_t rank_, size_;
  Transfer last_ = 0;
  std::map<Transfer, Receive> receives_;
  std::map<Post::Line, std::deque<Transfer>> waiting_;
  std::set<Transfer> arrived_;
};

}  // namespace detail

SEQLSTM_INLINE void run_as_ranks(std::size_t count, const std::function<void(Communicator&)>& body) {
  if (count == 0) throw option_error("run_as_ranks: 0 ranks, expected at least 1");
  detail::Post post(count);
  std::mutex mutex;
  std::exception_ptr first;
  bool only_told = false;  // is the first one but a rank_error, what another rank's exception led to?
  const auto run = [&](std::size_t rank) {
    detail::ThreadRank communicator(post, rank, count);
    const auto note = [&](const std::string& cause, bool told = false) {
      {
        const std::lock_guard lock(mutex);
        if (!first || (only_told && !told)) {
          first = std::current_exception();
          only_told = told;
        }
      }
      communicator.fail(cause);
    };
    try {
      body(communicator);
    } catch (const rank_error& error) {
      note(error.what(), true);
    } catch (const std::exception& error) {
      note(error.what());
    } catch (...) {
      note("an exception");
    }
    const std::lock_guard lock(post.mutex);
    post.ended[rank] = true;
  };
  std::vector<std::thread> threads;
  for (std::size_t rank = 1; rank < count; ++rank) threads.emplace_back(run, rank);
  run(0);
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

SEQLSTM_NAMESPACE_END
