// One line that says how far long work is: redrawn on a terminal, now and then a plain line elsewhere.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iomanip>
#include <ostream>
#include <seqlstm/core/abi.hpp>
#include <sstream>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// Seconds as "4.2 s", "3:05 min" or "2:10 h".
inline std::string duration_text(double seconds) {
  std::ostringstream out;
  const auto whole = std::llround(seconds);
  if (seconds < 60) {
    out << std::fixed << std::setprecision(1) << seconds << " s";
  } else if (seconds < 3600) {
    out << whole / 60 << ':' << std::setw(2) << std::setfill('0') << whole % 60 << " min";
  } else {
    out << whole / 3600 << ':' << std::setw(2) << std::setfill('0') << whole % 3600 / 60 << " h";
  }
  return out.str();
}

/// Counts units of work (tokens) and prints rate and time left, at most every `interval` seconds.
class Progress {
 public:
  /// `terminal`: rewrite one line; otherwise print a line each time. A null stream prints nothing.
  Progress(std::ostream* out, bool terminal, std::string unit = "tokens")
      : out_(out), unit_(std::move(unit)), terminal_(terminal), interval_(terminal ? 0.2 : 10.0) {}

  /// `later`: units that follow once these `total` are done (further epochs), for the time they will take.
  void begin(std::string title, std::size_t total, std::size_t later = 0) {
    title_ = std::move(title);
    total_ = total;
    later_ = later;
    done_ = 0;
    start_ = last_ = Clock::now();
  }
  void advance(std::size_t units) {
    done_ += units;
    if (out_ == nullptr) return;
    const auto now = Clock::now();
    if (std::chrono::duration<double>(now - last_).count() < interval_) return;
    last_ = now;
    const double elapsed = seconds(), rate = static_cast<double>(done_) / elapsed;
    const auto time = [&](std::size_t units_left) {
      return duration_text(static_cast<double>(units_left) / rate);
    };
    const std::size_t left = total_ - std::min(total_, done_);
    std::ostringstream line;
    line << title_ << ' ' << 100 * done_ / std::max<std::size_t>(1, total_) << " %, "
         << static_cast<long long>(rate) << ' ' << unit_ << "/s, " << time(left) << " left";
    if (later_ > 0) line << " (" << time(left + later_) << " of the whole)";
    if (terminal_) {
      *out_ << '\r' << line.str() << "\033[K" << std::flush;
      drawn_ = true;
    } else {
      *out_ << line.str() << '\n' << std::flush;
    }
  }
  /// Ends the work; removes the redrawn line.
  void end() {
    if (out_ != nullptr && drawn_) *out_ << "\r\033[K" << std::flush;
    drawn_ = false;
  }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
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
