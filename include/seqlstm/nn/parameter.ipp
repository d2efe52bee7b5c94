// Definitions of parameter.hpp.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::uint64_t first_version(const void* place) {
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(place));
  const auto time = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;  // spreads neighbours over all numbers
  return (address * golden ^ time) * golden;
}

SEQLSTM_INLINE std::uint64_t next_version() {
  static std::atomic<std::uint64_t> last{first_version(&last)};
  return ++last;
}

}  // namespace detail

SEQLSTM_INLINE void require_memory(double parameters) {
  constexpr double gib = 1024.0 * 1024 * 1024;
  const double needed = 4 * sizeof(float) * parameters, there = usable_memory();
  if (there > 0 && needed > there)
    throw option_error("a network of " + detail::number_text(parameters) + " numbers needs " +
                       detail::number_text(needed / gib) + " GiB to be trained, this process may use " +
                       detail::number_text(there / gib) +
                       "; choose a smaller one: hidden, layers, embedding_dim");
}

template <Scalar T>
Parameter<T>::Parameter(std::size_t rows, std::size_t cols, const std::string& owner)
    : value_(addressable_product(owner, {rows, cols}, sizeof(T))),
      gradient_(rows * cols),
      shape_{rows, cols},
      rows_(rows),
      cols_(cols) {}

template <Scalar T>
Parameter<T>::Parameter(std::vector<std::size_t> shape, const std::string& owner) : shape_(std::move(shape)) {
  if (shape_.empty()) throw option_error(owner + ": its shape has no dimension, expected at least one");
  value_ = AlignedBuffer<T>(addressable_product(owner, shape_, sizeof(T)));
  rows_ = shape_.size() == 1 ? 1 : shape_.front();
  cols_ = std::accumulate(shape_.begin() + (shape_.size() == 1 ? 0 : 1), shape_.end(), std::size_t{1},
                          std::multiplies<>());
  gradient_ = AlignedBuffer<T>(size());
}

template <Scalar T> MatrixView<T> Parameter<T>::edit() {
  version_ = detail::next_version();
  untouched_ = false;
  return {value_.data(), rows_, cols_};
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Parameter<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
