// Matrix products with int8 factors, C (+)= A B: A quantised by row on the way, B by column when it was
// packed.
//
//   for each band of 32 rows of A: quantise it
//     for each block of up to 64 columns: int32 sums, then c (+)= (scale of the row * scale of the column)
//     sum
//
// The sums are exact, so results depend neither on M nor on the rows computed together, and are the same bits
// on every CPU.
#pragma once

#include <seqlstm/kernels/byte_block.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Rows that are multiplied together.
inline constexpr std::size_t byte_rows = 32;

/// Bytes that B takes with rows of so many terms and so many columns, in blocks of `vectors` vectors but for
/// the last.
inline std::size_t byte_factor_size(std::size_t terms, std::size_t columns, std::size_t vectors = 4) {
  const std::size_t wide = vectors * byte_side, rest = columns % wide;
  return columns / wide * ByteBlock::size(terms, vectors) +
         (rest > 0 ? ByteBlock::size(terms, ceil_div(rest, byte_side)) : 0);
}
/// Calls body(block, first column, columns) for all blocks of B.
template <class Body>
void for_each_byte_block(std::size_t terms, std::size_t columns, std::size_t vectors,
                         const std::int8_t* packed, Body&& body) {
  const std::size_t wide = vectors * byte_side, size = ByteBlock::size(terms, vectors);
  for (std::size_t first = 0; first < columns; first += wide, packed += size) {
    const std::size_t own = std::min(wide, columns - first);
    body(ByteBlock{terms, ceil_div(own, byte_side), packed}, first, own);
  }
}
/// Packs B: row(c) is where the weights of column c begin.
template <class Row>
void pack_byte_factor(std::size_t terms, std::size_t columns, std::int8_t* packed, Row&& row) {
  for_each_byte_block(
      terms, columns, 4, packed, [&](const ByteBlock& block, std::size_t first, std::size_t own) {
        pack_byte_block(block, packed + (block.weights - packed),
                        [&](std::size_t c) -> const float* { return c < own ? row(first + c) : nullptr; });
      });
}

namespace detail {

/// c [own] (+)= sums [own] of one row. A product times one is no product that a compiler could round together
/// with the sum.
template <class Arch>
void add_byte_sums(const std::int32_t* sums, float scale, const float* scales, std::size_t own, float* c,
                   bool accumulate) {
  using V = Vec<float, Arch>;
  const V row(scale), one(1.0F);
  for (std::size_t n = 0; n < own; n += V::size) {
    const V product = integers_as<V>(sums + n) * (row * load<V>(scales + n));
    const V before = accumulate ? load_partial<V>(c + n, own - n) : V(0.0F);
    store_partial(c + n, fma(product, one, before), own - n);
  }
}

/// Up to 32 rows against all columns.
template <class Arch, class Products>
void byte_gemm_band(Products& products, ConstMatrixView<float> a, const std::int8_t* b, std::size_t vectors,
                    MatrixView<float> c, bool accumulate) {
  constexpr std::size_t chunk = 1024;  // terms of a row at a time
  alignas(cache_line) std::uint8_t left[byte_rows * (chunk + byte_line)];
  alignas(cache_line) std::int32_t sums[byte_rows * byte_columns], more[byte_rows * byte_columns];
  alignas(cache_line) const std::int32_t zeros[byte_columns] = {};
  float scales[byte_rows];
  const std::size_t terms = a.cols(), rows = a.rows();
  for (std::size_t r = 0; r < rows; ++r) scales[r] = row_scale<Arch>(a.row_data(r), terms);
  const auto quantize = [&](std::size_t first, std::size_t count) {
    for (std::size_t r = 0; r < rows; ++r)
      quantize_by<Arch>(a.row_data(r) + first, count, scales[r], left + r * byte_stride(count));
  };
  if (terms <= chunk) quantize(0, terms);
  for_each_byte_block(
      terms, c.cols(), vectors, b, [&](const ByteBlock& block, std::size_t column, std::size_t own) {
        for (std::size_t first = 0; first < terms; first += chunk) {
          const std::size_t count = std::min(chunk, terms - first);
          const ByteBlock part{count, block.vectors, block.weights + first / byte_group * block.step()};
          if (terms > chunk) quantize(first, count);
          products.multiply(left, byte_stride(count), rows, part, first == 0 ? block.corrections() : zeros,
                            first == 0 ? sums : more);
          for (std::size_t r = 0; first > 0 && r < rows; ++r)
            for (std::size_t k = r * byte_columns; k < r * byte_columns + block.vectors * byte_side; ++k)
              sums[k] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[k]) +
                                                  static_cast<std::uint32_t>(more[k]));
        }
        for (std::size_t r = 0; r < rows; ++r)
          add_byte_sums<Arch>(sums + r * byte_columns, scales[r], block.scales(), own, c.row_data(r) + column,
                              accumulate);
      });
}

}  // namespace detail

/// C [M][N] (+)= A B on one thread; B as packed in blocks of `vectors` vectors. Allocates nothing.
template <class Arch = DefaultArch>
void byte_gemm(ConstMatrixView<float> a, const std::int8_t* b, MatrixView<float> c, bool accumulate,
               std::size_t vectors = 4) {
  with_byte_products([&](auto& products) {
    for (std::size_t r = 0; r < a.rows(); r += byte_rows) {
      const std::size_t rows = std::min(byte_rows, a.rows() - r);
      detail::byte_gemm_band<Arch>(products, a.row_range(r, rows), b, vectors, c.row_range(r, rows),
                                   accumulate);
    }
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
