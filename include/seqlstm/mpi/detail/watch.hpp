// Who notices that a rank has died: a thread at every rank, connected to rank 0 beside MPI.
//
// Rank 0 is the hub. Every second each end of a connection sends a sign of life. A connection that closes, or
// one that is silent for too long, is a rank that has died; a rank that fails says so. Rank 0 prints the
// first such sentence and passes it on. What waits then throws it; a process that is still there after the
// time of grace is ended. Where one rank cannot reach rank 0, nobody is watched.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <seqlstm/core/text.hpp>
#include <seqlstm/mpi/detail/sockets.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <thread>

SEQLSTM_NAMESPACE_BEGIN

namespace mpi::detail {

/// When a rank counts as dead, and how long others then have to end; both in seconds.
struct WatchTimes {
  int silence = 5;  ///< without a sign of life
  int grace = 2;    ///< from the sentence to the end
};

class Watch {
 public:
  /// All ranks at once. `labels` name them ("rank 1 of 4 (node7, process 4711)"); end() is called, from the
  /// watch's own thread, where the main thread does not end by itself.
  Watch(Communicator& communicator, std::vector<std::string> labels, WatchTimes times,
        std::function<void()> end)
      : rank_(communicator.rank()),
        labels_(std::move(labels)),
        times_(times),
        end_(std::move(end)),
        ended_(labels_.size()) {
    connect(communicator);
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) throw rank_error("the system has no pipe for the watch over ranks");
    for (const int number : pipe_ends) prepare(number);
    wake_read_ = Descriptor(pipe_ends[0]);
    wake_write_ = Descriptor(pipe_ends[1]);
    thread_ = std::thread([this] { run(); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    stopping_ = true;
    static_cast<void>(!write(wake_write_.number(), "", 1));
    thread_.join();
  }

  /// Why some rank cannot reach rank 0, so that nobody notices its death; empty where all can.
  [[nodiscard]] const std::string& hole() const { return hole_; }
  /// Has a rank failed?
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  /// Which, and why.
  [[nodiscard]] std::string sentence() const {
    const std::lock_guard lock(mutex_);
    return sentence_;
  }
  /// Has that rank left?
  [[nodiscard]] bool ended(std::size_t rank) const { return ended_[rank].load(std::memory_order_relaxed); }

  /// This rank cannot go on. Returns when all know, or after two seconds; of several ranks that fail at once
  /// one is named.
  void fail(const std::string& cause) {
    std::unique_lock lock(mutex_);
    if (failed()) return;
    const std::string sentence = labels_[rank_] + ": " + printable(cause).substr(0, 4096);
    if (rank_ == 0) {
      announce(sentence);
      return;
    }
    if (lines_[0].line.send('f', sentence))
      known_.wait_for(lock, std::chrono::seconds(2), [this] { return failed(); });
    if (failed()) return;
    lines_[0].line.close();  // so that it is printed here
    announce(sentence);
  }
  /// This rank has done its work. Returns when all have, or one has failed; calls `meanwhile` now and then.
  template <class Meanwhile> void leave(Meanwhile&& meanwhile) {
    {
      const std::lock_guard lock(mutex_);
      note_end(rank_);
      if (rank_ != 0) lines_[0].line.send('e', std::to_string(rank_));
    }
    while (!failed() && !all_ended()) {
      meanwhile();
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Peer {
    std::size_t rank;
    Line line;
    int silent = 0;  // seconds
  };

  /// Rank 0 listens, the others come with a word that only they know.
  void connect(Communicator& communicator) {
    auto [listener, port] = rank_ == 0 ? listen_anywhere() : std::pair{Descriptor(), std::uint16_t{0}};
    std::string invitation;
    if (rank_ == 0 && listener.is_open()) {
      std::random_device random;
      for (int i = 0; i < 4; ++i) invitation += std::to_string(random()) + '-';
      invitation += '\n' + std::to_string(port);
      for (const std::string& address : own_addresses()) invitation += '\n' + address;
    }
    const std::string known = communicator.gather(invitation)[0];
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin < known.size();) {
      const std::size_t end = std::min(known.find('\n', begin), known.size());
      words.push_back(known.substr(begin, end - begin));
      begin = end + 1;
    }
    const int tag = communicator.next_tag();
    std::size_t missing = 0;  // a rank
    lines_.resize(rank_ == 0 ? communicator.size() - 1 : 1);
    if (words.size() >= 3)
      missing = rank_ == 0 ? receive(communicator, tag, listener, words[0]) : visit(words);
    if (words.size() >= 3 && rank_ != 0) {
      const std::byte settled{};
      communicator.send(0, tag, {&settled, 1});
    }
    std::string trouble = words.size() < 3 ? "rank 0 cannot listen" : "";
    if (missing != 0)
      trouble = labels_[missing] + " cannot reach rank 0 at " + words[2] + ", port " + words[1];
    for (const std::string& text : communicator.gather(trouble))
      if (hole_.empty()) hole_ = text;
    if (hole_.empty()) return;
    for (Peer& peer : lines_) peer.line.close();
  }
  /// Goes to rank 0, at the first address where it answers; returns this rank where it does at none.
  std::size_t visit(const std::vector<std::string>& words) {
    const auto port = static_cast<std::uint16_t>(std::stoul(words[1]));
    for (std::size_t i = 2; i < words.size(); ++i) {
      Line line(connect_to(words[i], port));
      if (!line.send('w', words[0] + ' ' + std::to_string(rank_))) continue;
      const auto answer = line.wait(std::chrono::seconds(5));
      if (!answer || answer->kind != 'a') continue;
      lines_[0].line = std::move(line);
      return 0;
    }
    return rank_;
  }
  /// Rank 0 answers who comes until all have said by MPI that they have an answer, or go without; returns a
  /// rank that did not come, else 0.
  std::size_t receive(Communicator& communicator, int tag, const Descriptor& listener,
                      const std::string& word) {
    std::vector<std::byte> settled(lines_.size());
    std::vector<Communicator::Transfer> transfers;
    for (std::size_t i = 0; i < settled.size(); ++i)
      transfers.push_back(communicator.start_receive(i + 1, tag, {&settled[i], 1}));
    std::vector<Line> guests;
    for (std::size_t count = 0; count < transfers.size();) {
      if (ready(listener.number(), POLLIN, 1)) guests.emplace_back(accept_from(listener));
      std::vector<Line> waiting;
      for (Line& guest : guests)
        if (!welcome(guest, word)) waiting.push_back(std::move(guest));
      guests.swap(waiting);
      while (count < transfers.size() && communicator.done(transfers[count])) ++count;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (!lines_[i].line.is_open()) return i + 1;
    return 0;
  }
  /// False while the guest has not said its word. A rank that comes again was not heard before.
  bool welcome(Line& guest, const std::string& word) {
    if (!guest.is_open() || !guest.read()) return true;
    const auto message = guest.next();
    if (!message) return !guest.is_open();
    if (message->kind != 'w' || !message->text.starts_with(word + ' ')) return true;
    const std::size_t rank = std::stoul(message->text.substr(word.size() + 1));
    if (rank >= 1 && rank <= lines_.size() && guest.send('a')) lines_[rank - 1] = {rank, std::move(guest)};
    return true;
  }

  void run() {
    auto next_sign = Clock::now();
    while (!stopping_) {
      std::vector<pollfd> entries{{wake_read_.number(), POLLIN, 0}};
      std::unique_lock lock(mutex_);  // fail() may close a line
      for (const Peer& peer : lines_) entries.push_back({peer.line.number(), POLLIN, 0});  // -1: passed over
      lock.unlock();
      poll(entries.data(), entries.size(), 100);
      lock.lock();
      for (std::size_t i = 0; i < lines_.size(); ++i)
        if (entries[i + 1].revents != 0 && lines_[i].line.is_open()) hear(lines_[i]);
      if (Clock::now() >= next_sign) {  // one at a time, for a process that was stopped for an hour
        next_sign = Clock::now() + std::chrono::seconds(1);
        for (Peer& peer : lines_) give_sign(peer);
      }
      if (!later_.empty() && Clock::now() >= speak_at_) announce(later_);
      if (failed() && Clock::now() >= deadline_) end_();
    }
  }

  void hear(Peer& peer) {
    const bool open = peer.line.read();
    peer.silent = 0;
    while (const auto message = peer.line.next()) {
      if (message->kind == 'f') {
        announce(message->text);
      } else if (message->kind == 'e') {
        note_end(std::stoul(message->text));
      }
    }
    if (!open || !peer.line.is_open())
      lost(peer, "its process ended without a word, as by a kill or a crash");
  }
  void give_sign(Peer& peer) {
    if (!peer.line.is_open()) return;
    if (!peer.line.send('s') || ++peer.silent >= times_.silence)
      lost(peer, "no sign of life for " + std::to_string(times_.silence) + " seconds");
  }
  void lost(Peer& peer, const std::string& how) {
    const std::string sentence = labels_[peer.rank] + ": " + how;
    if (rank_ == 0 && !all_ended()) announce(sentence);  // also to a process that only slept
    peer.line.close();
    if (rank_ == 0 || all_ended()) return;
    // Where rank 0 died, the next one speaks first, and may end the others before they do. Each speaks within
    // a second: the next one may have died with rank 0.
    later_ = sentence;
    speak_at_ = Clock::now() + std::chrono::milliseconds(std::min<std::size_t>(1000, 100 * (rank_ - 1)));
  }
  /// Rank 0 passes it on.
  void note_end(std::size_t rank) {
    if (rank >= ended_.size()) return;
    ended_[rank].store(true, std::memory_order_relaxed);
    if (rank_ != 0) return;
    for (Peer& peer : lines_) peer.line.send('e', std::to_string(rank));
  }
  [[nodiscard]] bool all_ended() const {
    return std::all_of(ended_.begin(), ended_.end(), [](const auto& ended) { return ended.load(); });
  }
  /// Only the first sentence counts. Printed by rank 0, or by who cannot reach it.
  void announce(const std::string& sentence) {
    if (failed()) return;
    sentence_ = sentence;
    deadline_ = Clock::now() + std::chrono::seconds(times_.grace);
    if (rank_ == 0 || !lines_[0].line.is_open()) {
      std::fputs(("seqlstm: " + sentence + "\n").c_str(), stderr);
      std::fflush(stderr);
    }
    failed_.store(true, std::memory_order_release);
    if (rank_ == 0)
      for (Peer& peer : lines_) peer.line.send('f', sentence);
    known_.notify_all();
  }

  std::size_t rank_;
  std::vector<std::string> labels_;
  WatchTimes times_;
  std::function<void()> end_;
  std::string hole_, sentence_;
  std::vector<Peer> lines_;  // rank 0: to all others; others: to rank 0
  std::vector<std::atomic<bool>> ended_;
  std::atomic<bool> failed_ = false, stopping_ = false;
  std::string later_;  // a sentence for speak_at_
  Clock::time_point deadline_{}, speak_at_{};
  Descriptor wake_read_, wake_write_;
  mutable std::mutex mutex_;
  std::condition_variable known_;
  std::thread thread_;
};

}  // namespace mpi::detail

SEQLSTM_NAMESPACE_END
