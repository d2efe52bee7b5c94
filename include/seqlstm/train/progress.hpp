// One line that says how far long work is: redrawn on a terminal, now and then a plain line elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <seqlstm/core/abi.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// Seconds as "4.2 s", "3:05 min" or "2:10 h".
std::string duration_text(double seconds);

/// Where a training shows how far it is unless told otherwise: std::cerr where that is a terminal, else null,
/// which is nowhere.
std::ostream* default_progress();

/// Counts units of work (tokens) and prints rate and time left, at most every 0.2 s on a terminal and every
/// 10 s elsewhere.
class Progress {
 public:
  /// `terminal`: rewrite one line, as on std::cerr where that is a terminal; otherwise print a line each
  /// time. A null stream prints nothing.
  Progress(std::ostream* out, bool terminal, std::string unit = "tokens");

  /// `later`: units that follow once these `total` are done (further epochs), for the time they will take.
  void begin(std::string title, std::size_t total, std::size_t later = 0);
  /// Counts so many units more, and prints where it is time to.
  void advance(std::size_t units);
  /// Ends the work; removes the redrawn line.
  void end();
  /// Since begin(), or since it was made.
  [[nodiscard]] double seconds() const;
  /// Units since begin().
  [[nodiscard]] std::size_t done() const { return done_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream* out_;
  std::string unit_, title_;
  bool terminal_, drawn_ = false;
  double interval_;
  std::size_t total_ = 0, later_ = 0, done_ = 0;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/progress.ipp>
#endif
