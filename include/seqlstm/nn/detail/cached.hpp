// What is made from weights and kept until they change, however many threads ask for it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <seqlstm/core/abi.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A value made from `Inputs` things that have versions. The first thread that asks after a change makes it,
/// others wait; while nothing changes, asking takes no lock. Moved with its owner, but not copied: a copy
/// makes its own when it is first asked.
template <class Value, std::size_t Inputs> class Cached {
 public:
  using Versions = std::array<std::uint64_t, Inputs>;

  Cached() = default;
  Cached(const Cached&) noexcept {}
  Cached& operator=(const Cached&) noexcept { return *this; }  // other inputs have other versions
  Cached(Cached&& other) noexcept { *this = std::move(other); }
  Cached& operator=(Cached&& other) noexcept {
    value_ = std::move(other.value_);
    for (std::size_t i = 0; i < Inputs; ++i) versions_[i] = other.versions_[i].exchange(0);
    return *this;
  }
  ~Cached() = default;

  /// The value made from inputs of these versions; calls make(value) where it is another's. What make throws
  /// reaches the caller, and the next one tries again.
  template <class Make> const Value& get(const Versions& versions, Make&& make) const {
    if (!is_of(versions)) {
      const std::scoped_lock lock(mutex_);
      if (!is_of(versions)) {
        versions_[0] = 0;  // of nothing, should make throw
        make(value_);
        for (std::size_t i = 0; i < Inputs; ++i) versions_[i].store(versions[i], std::memory_order_release);
      }
    }
    return value_;
  }

 private:
  [[nodiscard]] bool is_of(const Versions& versions) const {
    for (std::size_t i = 0; i < Inputs; ++i)
      if (versions_[i].load(std::memory_order_acquire) != versions[i]) return false;
    return true;
  }

  mutable Value value_;
  mutable std::array<std::atomic<std::uint64_t>, Inputs> versions_{};  // 0: of nothing
  mutable std::mutex mutex_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
