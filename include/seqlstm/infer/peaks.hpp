// Local maxima of a series of values, such as what a model says of windows along a genome.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Local maxima of at least a threshold: values that none within `radius` places exceeds, the first of
/// equals. Keeps the values of two radii; memory does not depend on the length of the series.
class PeakFinder {
 public:
  /// `threshold`: the smallest value of a maximum. `radius`: in places, to both sides; 0: every value of at
  /// least the threshold is one.
  PeakFinder(double threshold, std::size_t radius) : threshold_(threshold), radius_(radius) {}

  /// Values arrive in order of their places; on_peak(place, value) is called for
  /// each maximum, once a place more than `radius` behind it has come.
  template <class OnPeak> void add(std::size_t place, double value, OnPeak&& on_peak) {
    recent_.push_back({place, value});
    settle(place, on_peak);
  }
  /// No more values come; the next one may have any place.
  template <class OnPeak> void finish(OnPeak&& on_peak) {
    if (!recent_.empty()) settle(recent_.back().place + radius_ + 1, on_peak);
    recent_.clear();
    next_ = 0;
  }

 private:
  struct Value {
    std::size_t place;
    double value;
  };
  template <class OnPeak> void settle(std::size_t now, OnPeak&& on_peak) {
    for (; next_ < recent_.size() && recent_[next_].place + radius_ < now; ++next_) {
      const Value& candidate = recent_[next_];
      if (candidate.value < threshold_) continue;
      bool highest = true;
      for (std::size_t i = 0; i < recent_.size() && highest; ++i) {
        const bool close_by =
            recent_[i].place + radius_ >= candidate.place && recent_[i].place <= candidate.place + radius_;
        if (close_by && i != next_)
          highest = i < next_ ? recent_[i].value < candidate.value : recent_[i].value <= candidate.value;
      }
      if (highest) on_peak(candidate.place, candidate.value);
    }
    while (next_ > 0 &&
           recent_.front().place + radius_ < recent_[std::min(next_, recent_.size() - 1)].place) {
      recent_.pop_front();
      --next_;
    }
  }

  double threshold_;
  std::size_t radius_, next_ = 0;  // the first value whose neighbourhood is not known yet
  std::deque<Value> recent_;
};

SEQLSTM_NAMESPACE_END
