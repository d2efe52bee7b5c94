// The loop of every training: epochs of updates, until the last one, or until somebody ends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <seqlstm/train/callbacks.hpp>
#include <seqlstm/train/progress.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Who watches a training, and what ends it besides its epochs.
struct LoopOptions {
  std::size_t max_updates;  ///< 0: by epochs alone
  StepCallback on_step;
  StopRequest stop;
  std::ostream* progress;
  bool terminal;

  /// Of a training's options, which have these by the same names, or not all of them, and must outlive them.
  /// What watches is called where it is: a copy would forget what it counted in the run before.
  template <class Options> static LoopOptions of(const Options& options) {
    LoopOptions own{0, {}, {}, options.progress, options.terminal};
    if (options.stop) own.stop = std::cref(options.stop);
    if constexpr (requires { options.max_updates; }) own.max_updates = options.max_updates;
    if constexpr (requires { options.on_step; })
      if (options.on_step) own.on_step = std::cref(options.on_step);
    return own;
  }
};

/// An epoch for the progress line, in tokens.
struct EpochWork {
  std::string title;
  std::size_t left,  ///< of this epoch
      later;         ///< of those behind it
};

/// Runs a training; what its batches are and how they become gradients is its caller's.
class EpochLoop {
 public:
  explicit EpochLoop(LoopOptions options) : options_(std::move(options)) {}

  /// read() and finish() for every epoch until over(). read() calls read_epoch(); finish() is not called for
  /// an epoch that `stop` ended, and ends the training by false.
  template <class Over, class ReadEpoch, class Finish>
  void run(Over&& over, ReadEpoch&& read, Finish&& finish) {
    while (!over()) {
      read();
      if (stopped_ || !finish() || ended_ || over()) return;
      stopped_ = options_.stop && options_.stop();
      if (stopped_) return;
    }
  }

  /// What was read of an epoch.
  struct Read {
    double seconds;
    std::size_t tokens;
  };
  /// One epoch, of a training with so many updates behind it. update(progress) makes one: it advances the
  /// progress by the tokens it reads, and returns nothing where the epoch is read to its end.
  template <class Update> Read read_epoch(const EpochWork& work, std::uint64_t updates, Update&& update) {
    Progress progress(options_.progress, options_.terminal);
    progress.begin(work.title, work.left, work.later);
    ended_ = is_last(updates);
    while (!ended_ && !stopped_) {
      const std::optional<StepReport> report = update(progress);
      if (!report) break;
      ended_ = is_last(report->step);
      if (options_.on_step && !options_.on_step(*report)) ended_ = true;
      stopped_ = !ended_ && options_.stop && options_.stop();
    }
    progress.end();
    return {progress.seconds(), progress.done()};
  }

  /// Did max_updates or on_step end the training, maybe before the epoch's end?
  [[nodiscard]] bool ended() const { return ended_; }
  /// Did `stop`?
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  [[nodiscard]] bool is_last(std::uint64_t updates) const {
    return options_.max_updates > 0 && updates >= options_.max_updates;
  }

  LoopOptions options_;
  bool ended_ = false, stopped_ = false;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
