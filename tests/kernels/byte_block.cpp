#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/kernels/byte_block.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

struct Factors {
  std::size_t rows, terms, vectors;
  AlignedBuffer<std::uint8_t> left;
  AlignedBuffer<std::int8_t> right;

  Factors(std::size_t m, std::size_t k, std::size_t v)
      : rows(m), terms(k), vectors(v), left((m + 32) * stride()), right(kernels::ByteBlock::size(k, v)) {
    const auto a = random_values<float>(m * k, 1), w = random_values<float>(16 * v * k, 2);
    for (std::size_t r = 0; r < m; ++r)
      kernels::quantize_row(a.data() + r * k, k, left.data() + r * stride());
    kernels::pack_byte_block({k, v, nullptr}, right.data(),
                             [&](std::size_t c) { return c == 3 ? nullptr : w.data() + c * k; });
  }
  [[nodiscard]] std::size_t stride() const { return kernels::byte_stride(terms); }
  [[nodiscard]] kernels::ByteBlock block() const { return {terms, vectors, right.data()}; }
  /// Sums of q w.
  [[nodiscard]] std::int32_t sum(std::size_t r, std::size_t c) const {
    std::int32_t all = 0;
    for (std::size_t k = 0; k < terms; ++k)
      all += (std::int32_t{left[r * stride() + k]} - 128) * right[block().place(k, c)];
    return all;
  }
};

template <class Products> void check(Products& products, const Factors& f) {
  std::vector<std::int32_t> sums((f.rows + 32) * kernels::byte_columns, 7);
  products.multiply(f.left.data(), f.stride(), f.rows, f.block(), f.block().corrections(), sums.data());
  for (std::size_t r = 0; r < f.rows; ++r)
    for (std::size_t c = 0; c < 16 * f.vectors; ++c)
      REQUIRE(sums[r * kernels::byte_columns + c] == f.sum(r, c));
}
template <class Words> void check_words(const Factors& f) {
  kernels::ByteWordProducts<Words> products;
  check(products, f);
}

}  // namespace

TEST_CASE("byte_block: products at odd sizes are exact on all units and instruction sets") {
  for (const std::size_t rows : {1U, 2U, 3U, 7U, 16U, 17U, 32U, 33U})
    for (const std::size_t terms : {1U, 4U, 5U, 63U, 64U, 129U})
      for (const std::size_t vectors : {1U, 2U, 3U, 4U}) {
        const Factors f(rows, terms, vectors);
        INFO(rows << " rows, " << terms << " terms, " << vectors << " vectors");
        check_words<kernels::PlainWords>(f);
        check_words<kernels::BestWords>(f);
#if defined(__SSE2__)
        check_words<kernels::Sse2Words>(f);
#endif
#if defined(__AVX2__)
        check_words<kernels::Avx2Words>(f);
#endif
#if defined(__AVX512BW__)
        check_words<kernels::Avx512Words>(f);
#endif
        for_each_matrix_unit(
            [&] { kernels::with_byte_products([&](auto& products) { check(products, f); }); });
      }
}

TEST_CASE("byte_block: a weight multiplied out is near the weight, and a column without weights is zero") {
  const Factors f(1, 70, 2);
  const auto w = random_values<float>(32 * 70, 2);
  for (std::size_t c = 0; c < 32; ++c)
    for (std::size_t k = 0; k < 70; ++k) {
      const float scale = f.block().scales()[c];
      if (c == 3) REQUIRE(scale == 0);
      REQUIRE(std::abs(f.block().weight(k, c) - (c == 3 ? 0 : w[c * 70 + k])) <= 0.5001F * scale);
    }
}
