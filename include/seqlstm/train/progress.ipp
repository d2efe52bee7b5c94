// Definitions of progress.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/train/progress.hpp>
#include <sstream>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string duration_text(double seconds) {
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

SEQLSTM_INLINE std::ostream* default_progress() {
  return errors_on_terminal() ? &std::cerr : nullptr;
}

SEQLSTM_INLINE Progress::Progress(std::ostream* out, bool terminal, std::string unit)
    : out_(out),
      unit_(std::move(unit)),
      terminal_(terminal || (out == &std::cerr && errors_on_terminal())),
      interval_(terminal_ ? 0.2 : 10.0) {}

SEQLSTM_INLINE void Progress::begin(std::string title, std::size_t total, std::size_t later) {
  title_ = std::move(title);
  total_ = total;
  later_ = later;
  done_ = 0;
  start_ = last_ = Clock::now();
}

SEQLSTM_INLINE void Progress::advance(std::size_t units) {
  done_ += units;
  if (out_ == nullptr || done_ == 0) return;  // nothing says how long the rest takes
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

SEQLSTM_INLINE void Progress::end() {
  if (out_ != nullptr && drawn_) *out_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

SEQLSTM_INLINE double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

SEQLSTM_NAMESPACE_END
