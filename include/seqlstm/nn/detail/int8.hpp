// What layers in int8 share: rows of a table as bytes, and what they refuse.
#pragma once

#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/kernels/byte_weights.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Of a network in int8 that is to be trained.
inline option_error int8_trains(const std::string& who) {
  return option_error(who +
                      ": int8 is for predictions; train in f32, with set_precision(model, Precision::f32), "
                      "and quantise afterwards");
}

/// Throws option_error where rows of so many numbers are too long for sums of int8 products.
inline void check_int8_terms(std::size_t terms, const std::string& who) {
  if (terms > kernels::most_byte_terms)
    throw option_error(who + ": int8 takes rows of up to " + std::to_string(kernels::most_byte_terms) +
                       " numbers, these have " + std::to_string(terms) + "; ask for f32");
}

/// The rows of a table as bytes, each with its scale.
class QuantizedRows {
 public:
  void pack(ConstMatrixView<float> table) {
    columns_ = table.cols();
    bytes_.reserve_discard(table.size());
    scales_.reserve_discard(table.rows());
    for (std::size_t r = 0; r < table.rows(); ++r)
      scales_[r] = kernels::quantize_weights(table.row_data(r), columns_, bytes_.data() + r * columns_,
                                             [](std::size_t k) { return k; });
  }
  /// Row `row`, multiplied out.
  void copy_row(std::size_t row, float* to) const {
    const std::int8_t* from = bytes_.data() + row * columns_;
    for (std::size_t k = 0; k < columns_; ++k) to[k] = static_cast<float>(from[k]) * scales_[row];
  }
  /// There are none of doubles.
  void copy_row(std::size_t, double*) const {}

 private:
  std::size_t columns_ = 0;
  AlignedBuffer<std::int8_t> bytes_;
  AlignedBuffer<float> scales_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
