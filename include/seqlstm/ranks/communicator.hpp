// How processes that compute one result together send each other bytes. Nothing here knows MPI.
#pragma once

#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The ranks 0 to size() - 1 of one training, seen from one of them. All ranks make the same calls in the
/// same order; each call is made by the thread that made the communicator. What waits throws rank_error where
/// another rank failed or ended.
class Communicator {
 public:
  /// The name of a transfer under way.
  using Transfer = std::size_t;

  Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  virtual ~Communicator() = default;

  [[nodiscard]] virtual std::size_t rank() const = 0;  ///< this one
  [[nodiscard]] virtual std::size_t size() const = 0;  ///< all of them

  /// Begins to send; `bytes` stay as they are until done(). Messages of one sender, receiver and tag arrive
  /// in the order they were sent.
  virtual Transfer start_send(std::size_t to, int tag, std::span<const std::byte> bytes) = 0;
  /// Begins to receive a message of exactly so many bytes, which nobody else touches until done().
  virtual Transfer start_receive(std::size_t from, int tag, std::span<std::byte> bytes) = 0;
  /// Has the transfer ended? After true its name is free for another. Throws rank_error where it cannot end:
  /// a rank failed, its partner has ended, or the message has another size.
  virtual bool done(Transfer transfer) = 0;
  /// Throws rank_error, which names rank and cause, where a rank has failed.
  virtual void check() const {}
  /// Tells the other ranks that this one cannot go on; their next wait throws a rank_error with `cause`.
  virtual void fail(const std::string& cause) = 0;

  /// Returns when the transfer has ended.
  void wait(Transfer transfer);
  /// start_send() and wait().
  void send(std::size_t to, int tag, std::span<const std::byte> bytes) { wait(start_send(to, tag, bytes)); }
  /// start_receive() and wait().
  void receive(std::size_t from, int tag, std::span<std::byte> bytes) {
    wait(start_receive(from, tag, bytes));
  }
  /// A tag for a new kind of messages: the same number at every rank, as all make the same calls.
  int next_tag();

  /// Every rank gets the bytes of `root`, by a binomial tree.
  void broadcast(std::span<std::byte> bytes, std::size_t root = 0);
  /// The messages of all ranks, at every rank; for short ones.
  std::vector<std::string> gather(std::string_view message);
  /// Returns when every rank has called it.
  void barrier() { static_cast<void>(gather({})); }
  /// The smallest of all ranks' values.
  double least(double value);
  /// The largest of all ranks' values.
  double greatest(double value);

 private:
  [[nodiscard]] std::vector<double> gather_numbers(double value);
  void broadcast_text(std::string& text);
  int tags_ = 0;
};

/// A rank alone: what a program is that no launcher started.
Communicator& single_process();

/// A communicator or none, as options hold it: `.communicator = mpi::world()`. Owns nothing.
class CommunicatorRef {
 public:
  CommunicatorRef() = default;                 ///< none
  CommunicatorRef(Communicator& communicator)  // NOLINT(google-explicit-constructor)
      : communicator_(&communicator) {}        ///< that one, which must outlive this
  /// Is there one?
  explicit operator bool() const { return communicator_ != nullptr; }
  /// The communicator; only where there is one.
  [[nodiscard]] Communicator& operator*() const { return *communicator_; }
  /// The same.
  [[nodiscard]] Communicator* operator->() const { return communicator_; }

 private:
  Communicator* communicator_ = nullptr;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/communicator.ipp>
#endif
