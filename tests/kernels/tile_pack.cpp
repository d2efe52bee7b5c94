#include <seqlstm/kernels/tile_pack.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {
float rounded(float v) {
  return static_cast<float>(bfloat16::flushed(v));
}
/// The order of tile_pack.hpp itself, in which no unit arranges anything, while it lives.
struct Plain {
  MatrixUnit before = matrix_unit();
  Plain() { set_matrix_unit(MatrixUnit::vectors); }
  ~Plain() { set_matrix_unit(before); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
};
/// Term k of column n of a right tile.
float right(const bfloat16* tile, std::size_t k, std::size_t n) {
  return static_cast<float>(tile[(k / 2 * 16 + n) * 2 + k % 2]);
}
}  // namespace

TEST_CASE("tile_pack: words are transposed") {
  kernels::TileWords from, to;
  for (std::uint32_t i = 0; i < 16; ++i)
    for (std::uint32_t k = 0; k < 16; ++k) from[i][k] = 100 * i + k;
  kernels::transpose_words(from, to);
  for (std::uint32_t i = 0; i < 16; ++i)
    for (std::uint32_t k = 0; k < 16; ++k) REQUIRE(to[k][i] == 100 * i + k);
}

TEST_CASE("tile_pack: rows of a left factor spread over the cache") {
  CHECK(kernels::left_stride(1) == 32);
  CHECK(kernels::left_stride(33) == 96);
  CHECK(kernels::left_stride(2048) == 2080);
}

TEST_CASE("tile_pack: a left tile from rows, right tiles from rows and from columns") {
  const Plain plain;
  for (const std::size_t columns : {1U, 7U, 16U})
    for (const std::size_t terms : {1U, 15U, 31U, 32U}) {
      const auto values = random_values<float>(32 * 40, 3);
      const auto row = [&](std::size_t k) { return k < terms ? values.data() + k * 40 + 1 : nullptr; };
      alignas(64) std::array<bfloat16, kernels::tile_size> left, from_rows, from_columns;
      kernels::pack_left_rows(columns, row, left.data());
      kernels::pack_right_rows(columns, row, from_rows.data());
      kernels::pack_right_columns(
          columns, 0, terms, [&](std::size_t n) { return values.data() + n * 40 + 1; }, from_columns.data());
      for (std::size_t k = 0; k < 32; ++k)
        for (std::size_t n = 0; n < 16; ++n) {
          const bool there = k < terms && n < columns;
          REQUIRE(static_cast<float>(left[n * 32 + k]) == (there ? rounded(row(k)[n]) : 0));
          REQUIRE(right(from_rows.data(), k, n) == (there ? rounded(row(k)[n]) : 0));
          REQUIRE(right(from_columns.data(), k, n) == (there ? rounded(values[n * 40 + 1 + k]) : 0));
        }
    }
}

TEST_CASE("tile_pack: LSTM weights by columns and by rows") {
  const Plain plain;
  for (const std::size_t hidden : {1U, 16U, 21U, 48U})
    for (const std::size_t n : {1U, 32U, 37U}) {
      const kernels::TileGateShape shape{n, hidden};
      const auto w = random_values<float>(4 * hidden * n, 4);
      const ConstMatrixView<float> view(w.data(), 4 * hidden, n);
      AlignedBuffer<bfloat16> columns(kernels::tile_columns_size(shape, n)),
          rows(kernels::tile_rows_size(shape, n));
      kernels::pack_tile_columns(shape, view, columns.data(), {0, shape.panels()});
      kernels::pack_tile_rows(shape, view, rows.data(), {0, shape.panels()});
      const std::size_t depth = kernels::depth_tiles(n), gates = kernels::depth_tiles(shape.gate_row());
      for (std::size_t gate = 0; gate < 4; ++gate)
        for (std::size_t u = 0; u < shape.padded_hidden(); ++u)
          for (std::size_t k = 0; k < n; ++k) {
            const std::size_t panel = u / 16, column = panel * 64 + gate * 16 + u % 16;
            const float expected = u < hidden ? rounded(view(gate * hidden + u, k)) : 0;
            const auto* tile = columns.data() + (((panel * 2 + gate / 2) * depth + k / 32) * 2 + gate % 2) *
                                                    kernels::tile_size;
            REQUIRE(right(tile, k % 32, u % 16) == expected);
            tile = rows.data() + ((k / 32 * gates + column / 32) * 2 + k / 16 % 2) * kernels::tile_size;
            REQUIRE(right(tile, column % 32, k % 16) == expected);
          }
    }
}

TEST_CASE("tile_pack: numbers are rounded as the type does, denormal ones to zero") {
  const Plain plain;
  const std::vector<float> values = {1.0F,     1.00390625F, 1.01171875F, -3.14159F, 1e-40F, -1e-40F,
                                     3.4e38F,  1e-38F,      0.0F,        -0.0F,     2e-38F, 65504.0F,
                                     INFINITY, -INFINITY,   7.5F,        0.1F,      0.3F};
  std::vector<bfloat16> row(32);
  kernels::round_row(values.data(), values.size(), row.data(), 32);
  for (std::size_t k = 0; k < values.size(); ++k) CHECK(row[k].bits == bfloat16::flushed(values[k]).bits);
  for (std::size_t k = values.size(); k < 32; ++k) CHECK(row[k].bits == 0);
  const float nan = std::nanf("");
  kernels::round_row(&nan, 1, row.data(), 32);
  CHECK(std::isnan(static_cast<float>(row[0])));
  CHECK(bfloat16::flushed(1.00390625F).bits == 0x3F80);  // half way: to even
  CHECK(bfloat16::flushed(1.01171875F).bits == 0x3F82);
  CHECK(bfloat16::flushed(-1e-40F).bits == 0x8000);
}
