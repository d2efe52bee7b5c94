// Owning storage on 64-byte boundaries: one cache line, one AVX-512 register, on every architecture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <seqlstm/core/cpu.hpp>
#include <seqlstm/core/large_pages.hpp>
#include <span>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// Bytes of a cache line: the boundary of every AlignedBuffer and of every piece of an Arena.
inline constexpr std::size_t cache_line = 64;

/// A fixed-size array of trivial elements on a 64-byte boundary, zero on construction; copies are deep. From
/// 4 MiB on it begins on a boundary of 2 MiB and asks Linux for pages of that size.
template <class T> class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>, "seqlstm: AlignedBuffer holds plain numbers only");

 public:
  AlignedBuffer() = default;
  /// `size` elements, all zero. Throws cpu_error where require_cpu() does; 0 elements take no memory.
  explicit AlignedBuffer(std::size_t size) : data_(allocate(size)), size_(size) {
    std::fill_n(data_.get(), size, T{});
  }
  /// A buffer whose elements have no value yet: memory that is never written is never taken from the system.
  static AlignedBuffer uninitialised(std::size_t size) {
    AlignedBuffer buffer;
    buffer.data_ = allocate(size);
    buffer.size_ = size;
    return buffer;
  }
  /// Copies the elements into memory of its own.
  AlignedBuffer(const AlignedBuffer& other) : data_(allocate(other.size_)), size_(other.size_) {
    std::copy_n(other.data_.get(), size_, data_.get());
  }
  /// Takes the memory of `other`, which is empty then.
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  /// Takes the elements of a copied or moved buffer; what it held is freed.
  AlignedBuffer& operator=(AlignedBuffer other) noexcept {
    swap(*this, other);
    return *this;
  }
  ~AlignedBuffer() = default;
  /// Exchanges the memory of both; no element is copied.
  friend void swap(AlignedBuffer& a, AlignedBuffer& b) noexcept {
    std::swap(a.data_, b.data_);
    std::swap(a.size_, b.size_);
  }

  /// First element, on a 64-byte boundary; null where there are none.
  [[nodiscard]] T* data() { return data_.get(); }
  /// The same, to read.
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }  ///< elements, not bytes
  [[nodiscard]] bool empty() const { return size_ == 0; }   ///< no elements, no memory
  /// All elements; valid until the buffer is assigned to, grows or dies.
  [[nodiscard]] std::span<T> span() { return {data(), size_}; }
  /// The same, to read.
  [[nodiscard]] std::span<const T> span() const { return {data(), size_}; }
  /// Element i; not checked against size().
  T& operator[](std::size_t i) { return data_[i]; }
  /// The same, to read.
  const T& operator[](std::size_t i) const { return data_[i]; }

  /// Makes room for `size` elements; what was stored is lost when it has to grow. Never shrinks.
  void reserve_discard(std::size_t size) {
    if (size > size_) *this = AlignedBuffer(size);
  }

 private:
  /// Boundary of an array of so many bytes.
  static std::align_val_t boundary(std::size_t bytes) {
    return std::align_val_t{bytes < detail::large_array ? cache_line : detail::large_page};
  }
  struct Free {
    std::align_val_t boundary{cache_line};
    void operator()(T* p) const { ::operator delete(p, boundary); }
  };
  static std::unique_ptr<T[], Free> allocate(std::size_t size) {
    if (size == 0) return nullptr;
    require_cpu();
    if (size > PTRDIFF_MAX / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t bytes = size * sizeof(T);
    const Free free{boundary(bytes)};
    std::unique_ptr<T[], Free> data(static_cast<T*>(::operator new(bytes, free.boundary)), free);
    if (bytes >= detail::large_array) detail::advise_large_pages(data.get(), bytes);
    return data;
  }

  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

SEQLSTM_NAMESPACE_END
