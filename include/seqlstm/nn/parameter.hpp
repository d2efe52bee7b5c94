// What a model learns (Parameter) and what it merely remembers (Buffer).
#pragma once

#include <cstdint>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <string>
#include <type_traits>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
/// Where a copy of the library begins to count: shared libraries that hide their symbols each have a copy of
/// the counter, and a parameter may be edited in one and packed in another.
std::uint64_t first_version(const void* place);
/// A number never given before: two parameters of one version hold the same values.
std::uint64_t next_version();
}  // namespace detail

/// A trained matrix [rows, cols] or vector [cols] with its gradient. Copies are deep. What has more
/// dimensions is seen as a matrix: all but the first are its columns, [out, in * kernel] for PyTorch's [out,
/// in, kernel]. edit() changes the version, so that layers know when weights they packed for the kernels are
/// out of date.
template <Scalar T> class Parameter {
 public:
  Parameter() = default;
  /// A vector of `size` zeros.
  explicit Parameter(std::size_t size) : Parameter(1, size) { shape_ = {size}; }
  /// A matrix of zeros. Throws option_error that names `owner` where no machine can address as many.
  Parameter(std::size_t rows, std::size_t cols, const std::string& owner = "parameter");

  /// Zeros of any shape of at least one dimension: {out, in, kernel}. Throws option_error for an empty shape,
  /// and as that of a matrix.
  explicit Parameter(std::vector<std::size_t> shape, const std::string& owner = "parameter");

  /// The values, [rows, cols]; a vector is one row.
  [[nodiscard]] ConstMatrixView<T> view() const { return {value_.data(), rows_, cols_}; }
  /// Mutable values; every call makes packed copies stale.
  MatrixView<T> edit();
  /// Gradients are added here by backward and cleared by zero_gradients(). They are a training's, not part of
  /// what the parameter is: a training tape writes them through a const model too.
  [[nodiscard]] MatrixView<T> gradient() const { return {gradient_.data(), rows_, cols_}; }
  /// The first of size() values, row by row.
  [[nodiscard]] const T* data() const { return value_.data(); }

  /// 1 for a vector.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Columns of a matrix, length of a vector.
  [[nodiscard]] std::size_t cols() const { return cols_; }
  /// Number of values.
  [[nodiscard]] std::size_t size() const { return rows_ * cols_; }
  /// PyTorch's shape: one number for a vector, two for a matrix, as many as were asked for.
  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }
  /// Another one after every edit(). Parameters of one version hold the same values: a copy keeps it.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Are the values those of the layer's constructor, never edited since? Such ones initialize_untouched
  /// draws.
  [[nodiscard]] bool untouched() const { return untouched_; }
  /// For initialize_constructed: the values are the constructor's again.
  void mark_untouched() { untouched_ = true; }

  bool trainable = true;  ///< a frozen parameter gets no gradient and is left alone by optimizers

 private:
  AlignedBuffer<T> value_;
  mutable AlignedBuffer<T> gradient_;
  std::vector<std::size_t> shape_;
  std::size_t rows_ = 0, cols_ = 0;
  std::uint64_t version_ = detail::next_version();
  bool untouched_ = true;
};

/// To be asked before a network is made: throws option_error where its parameters, their gradients and two
/// moments each are more than the memory that this process may use (usable_memory). `parameters` is for
/// instance expected_parameters().
void require_memory(double parameters);

/// Numbers saved with a model but not trained (running statistics): a vector, or a scalar of shape []. T is
/// float, double or std::int64_t.
template <class T> class Buffer {
  static_assert(Scalar<T> || std::is_same_v<T, std::int64_t>,
                "seqlstm: a Buffer holds float, double or std::int64_t");

 public:
  Buffer() = default;
  /// A vector of `size` numbers, all `fill`.
  explicit Buffer(std::size_t size, T fill = T{}) : value_(size), shape_{size} {
    for (auto& v : value_.span()) v = fill;
  }
  /// One number, of shape [].
  static Buffer scalar(T value) {
    Buffer buffer(1, value);
    buffer.shape_.clear();
    return buffer;
  }
  /// The numbers, to read and write.
  [[nodiscard]] std::span<T> values() { return value_.span(); }
  /// The same, to read.
  [[nodiscard]] std::span<const T> values() const { return value_.span(); }
  /// PyTorch's shape: [size] for a vector, [] for a scalar.
  [[nodiscard]] const std::vector<std::size_t>& shape() const { return shape_; }

 private:
  AlignedBuffer<T> value_;
  std::vector<std::size_t> shape_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/parameter.ipp>
#endif
