// Who notices that a rank has died: a thread at every rank, connected to rank 0 beside MPI.
//
// Rank 0 is the hub. Every second each end of a connection sends a sign of life. A connection that closes, or
// one that is silent for too long, is a rank that has died; a rank that fails says so. Rank 0 prints the
// first such sentence and passes it on. What waits then throws it; a process that is still there after the
// time of grace is ended.
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
    const std::string sentence = labels_[rank_] + ": " + cause;
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
    std::string trouble;
    lines_.resize(rank_ == 0 ? communicator.size() - 1 : 1);
    if (words.size() < 3) {
      trouble = "rank 0 cannot listen";
    } else if (rank_ != 0) {
      const auto number = static_cast<std::uint16_t>(std::stoul(words[1]));
      Line& line = lines_[0].line;
      line = Line(connect_to({words.begin() + 2, words.end()}, number));
      if (!line.send('w', words[0] + ' ' + std::to_string(rank_)))
        trouble = labels_[rank_] + " cannot reach rank 0 at " + words[2] + ", port " + words[1];
    }
    for (const std::string& text : communicator.gather(trouble))
      if (hole_.empty()) hole_ = text;
    if (rank_ != 0 || words.empty()) return;
    for (std::size_t missing = lines_.size(); missing > 0 && ready(listener.number(), POLLIN, 2000);) {
      Line line(Descriptor(accept(listener.number(), nullptr, nullptr)));
      if (!line.is_open()) continue;
      prepare(line.number());
      while (ready(line.number(), POLLIN, 2000) && line.read()) {
        const auto message = line.next();
        if (!message) continue;
        if (message->kind != 'w' || !message->text.starts_with(words[0] + ' ')) break;
        const std::size_t rank = std::stoul(message->text.substr(words[0].size() + 1));
        if (rank == 0 || rank > lines_.size() || lines_[rank - 1].line.is_open()) break;
        lines_[rank - 1] = {rank, std::move(line)};
        --missing;
        break;
      }
    }
  }

  void run() {
    auto next_sign = Clock::now();
    while (!stopping_) {
      std::vector<pollfd> entries{{wake_read_.number(), POLLIN, 0}};
      for (const Peer& peer : lines_) entries.push_back({peer.line.number(), POLLIN, 0});  // -1: passed over
      poll(entries.data(), entries.size(), 100);
      const std::unique_lock lock(mutex_);
      for (std::size_t i = 0; i < lines_.size(); ++i)
        if (entries[i + 1].revents != 0) hear(lines_[i]);
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
    // Where rank 0 died, the next one speaks, and ends the others before they do.
    later_ = sentence;
    speak_at_ = Clock::now() + std::chrono::seconds(rank_ > 1 ? times_.grace + 1 : 0);
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
