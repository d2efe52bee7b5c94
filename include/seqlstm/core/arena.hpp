// Memory for one training step: allocated by moving a pointer, freed all at once, kept for the next step.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <seqlstm/core/abi.hpp>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/view.hpp>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A growing stack of blocks. reset() merges them into one of the size that was used, so that a step no
/// larger than one that was reset before touches the system's allocator not at all. Blocks are not written
/// before they are used: what a process holds of them is what its largest step needed. Addresses stay valid
/// until reset().
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised room for `count` elements on a 64-byte boundary.
  template <class T> T* allocate(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "seqlstm: the arena never runs destructors");
    const std::size_t bytes = (count * sizeof(T) + cache_line - 1) / cache_line * cache_line;
    if (blocks_.empty() || used_ + bytes > blocks_.back().size()) grow(bytes);
    std::byte* place = blocks_.back().data() + used_;
    used_ += bytes;
    return reinterpret_cast<T*>(place);
  }
  /// The same with every byte zero.
  template <class T> T* allocate_zero(std::size_t count) {
    T* place = allocate<T>(count);
    std::memset(static_cast<void*>(place), 0, count * sizeof(T));
    return place;
  }
  /// Uninitialised room for [rows, cols], row after row without gaps.
  template <class T> MatrixView<T> matrix(std::size_t rows, std::size_t cols) {
    return {allocate<T>(rows * cols), rows, cols};
  }
  /// The same with every byte zero.
  template <class T> MatrixView<T> zero_matrix(std::size_t rows, std::size_t cols) {
    return {allocate_zero<T>(rows * cols), rows, cols};
  }
  /// Moves `value` into the arena.
  template <class T> T* emplace(T value) {
    return ::new (static_cast<void*>(allocate<T>(1))) T(std::move(value));
  }

  /// Forgets everything stored; one block of the largest size so far remains.
  void reset() {
    if (blocks_.size() > 1) {
      const std::size_t total = bytes_used();
      blocks_.clear();
      add_block(total + total / 8);  // steps differ a little
    }
    full_ = 0;
    used_ = 0;
  }
  /// Makes room for `bytes` beforehand; what is stored is forgotten.
  void reserve(std::size_t bytes) {
    reset();
    if (blocks_.empty() || blocks_.back().size() < bytes) {
      blocks_.clear();
      add_block(bytes);
    }
  }

  /// Bytes given away since the last reset(), every piece rounded up to 64.
  [[nodiscard]] std::size_t bytes_used() const { return full_ + used_; }
  /// How often memory was asked of the system; constant from the second equal step on.
  [[nodiscard]] std::size_t system_allocations() const { return system_allocations_; }

 private:
  void grow(std::size_t bytes) {
    std::size_t size = std::size_t{1} << 20U;
    if (!blocks_.empty()) {
      full_ += used_;
      size = std::max(size, full_);  // doubles what there is
    }
    add_block(std::max(size, bytes));
    used_ = 0;
  }
  void add_block(std::size_t size) {
    blocks_.push_back(AlignedBuffer<std::byte>::uninitialised(size));
    ++system_allocations_;
  }

  std::vector<AlignedBuffer<std::byte>> blocks_;
  std::size_t full_ = 0;  // bytes used of all blocks but the last
  std::size_t used_ = 0;  // bytes used of the last block
  std::size_t system_allocations_ = 0;
};

SEQLSTM_NAMESPACE_END
