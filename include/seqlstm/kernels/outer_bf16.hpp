// Sums over many rows of outer products, rounded to bfloat16: the weight gradients of LSTM, GRU and dense
// layers.
//
//   for each block of rows (of a size fixed by the shape, so sums have one order)
//     for each group of left columns that L2 holds: pack their rows as tiles
//       for each pair of tiles of right columns (threads split them): pack, for the first group
//         for each block of 8 k tiles: the pair's part stays in L1
//           for each pair of left tiles: one product, added to its sums
//
// Sums are kept in blocks of 32 x 32, because rows a power of two apart share few places in the caches.
//
// Several shards are packed together, each from a k tile of its own on, and a pair's sums are made shard by
// shard and added up while the caches hold them.
#pragma once

#include <seqlstm/kernels/lstm_weight_gradient.hpp>
#include <seqlstm/kernels/tile_gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// bfloat16 numbers of left columns that L2 holds beside sums and right columns.
inline constexpr std::size_t left_room = std::size_t{1} << 19U;
/// Rows of a block of so many left columns: as many as L2 holds of these, but of wide shapes enough that
/// their sums, which no cache holds, are not read too often.
inline std::size_t outer_depth(std::size_t columns) {
  return std::clamp<std::size_t>(left_room / std::max<std::size_t>(columns, 1), 512, 4096) / tile_depth *
         tile_depth;
}

namespace detail {

/// Numbers of an operand's packed tiles, `depth` terms deep.
inline std::size_t packed_left_size(std::size_t columns, std::size_t depth) {
  return ceil_div(columns, block_rows) * block_rows * depth;
}

/// [pair of column tiles][k tile][2] of the rows row_at(0), ..., row_at(count - 1); the next pair `depth` k
/// tiles behind.
template <class Row>
void pack_left(const Row& row_at, std::size_t count, std::size_t columns, std::size_t depth,
               bfloat16* packed) {
  for (std::size_t k = 0; k < depth_tiles(count); ++k)
    for (std::size_t m = 0; m < ceil_div(columns, block_rows) * block_rows; m += tile_side)
      pack_left_rows(
          columns > m ? std::min(tile_side, columns - m) : 0,
          [&](std::size_t i) {
            const std::size_t row = k * tile_depth + i, next = row + tile_depth;
            if (next < count) __builtin_prefetch(row_at(next) + m);
            return row < count ? row_at(row) + m : nullptr;
          },
          packed + ((m / block_rows * depth + k) * 2 + m / tile_side % 2) * tile_size);
}

/// What stands behind the last row.
inline constexpr std::array<bfloat16, 2 * pair_columns> zero_row{};

/// The words of two rows of rounded numbers as two tiles have them.
[[gnu::always_inline]] inline void pair_rounded_rows(const bfloat16* low, const bfloat16* high,
                                                     bfloat16* first, bfloat16* second) {
#if defined(__AVX512BW__)
  alignas(cache_line) static constexpr std::uint16_t order[2][tile_depth] = {
      {0, 32, 1, 33, 2,  34, 3,  35, 4,  36, 5,  37, 6,  38, 7,  39,
       8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47},
      {16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55,
       24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63}};
  const __m512i a = _mm512_loadu_si512(low), b = _mm512_loadu_si512(high);
  _mm512_storeu_si512(first, _mm512_permutex2var_epi16(a, _mm512_load_si512(order[0]), b));
  _mm512_storeu_si512(second, _mm512_permutex2var_epi16(a, _mm512_load_si512(order[1]), b));
#else
  for (std::size_t n = 0; n < tile_side; ++n) {
    first[2 * n] = low[n];
    first[2 * n + 1] = high[n];
    second[2 * n] = low[tile_side + n];
    second[2 * n + 1] = high[tile_side + n];
  }
#endif
}

/// Pairs of tiles whose columns are packed together: rows far apart are then read two lines at a time.
inline constexpr std::size_t pairs_together = 2;

/// 64 columns of rounded rows, row_at(0) to row_at(count - 1), as [pair][k tile][2] right tiles, the next
/// pair `depth` k tiles behind; `bias` += their sum.
template <class Arch, class Row>
[[gnu::flatten]] void pack_right_pairs(const Row& row_at, std::size_t count, std::size_t depth,
                                       bfloat16* packed, float* bias) {
  using V = Vec<float, Arch>;
  std::array<V, pairs_together * pair_columns / V::size> sum;
  unrolled<sum.size()>([&](auto j) __attribute__((always_inline)) { sum[j] = V(0.0F); });
  constexpr std::size_t ahead = 16;  // rows stand too far apart for the CPU to fetch them by itself
  for (std::size_t k = 0; k < depth_tiles(count) * tile_depth; k += 2) {
    const bfloat16* low = k < count ? row_at(k) : zero_row.data();
    const bfloat16* high = k + 1 < count ? row_at(k + 1) : zero_row.data();
    const bfloat16 *const later = row_at(std::min(k + ahead, count - 1)), *const last = row_at(std::min(
                                                                              k + ahead + 1, count - 1));
    bfloat16* place = packed + k / tile_depth * 2 * tile_size + k % tile_depth * tile_side;
    unrolled<pairs_together>([&](auto pair) __attribute__((always_inline)) {
      constexpr std::size_t column = pair * pair_columns;
      __builtin_prefetch(later + column);
      __builtin_prefetch(last + column);
      bfloat16* tiles = place + pair * 2 * depth * tile_size;
      pair_rounded_rows(low + column, high + column, tiles, tiles + tile_size);
    });
    if (k % tile_depth == tile_depth - 2)
      for (std::size_t tile = 0; tile < 2 * pairs_together; ++tile)
        arrange_right(packed + (k / tile_depth + tile / 2 * depth) * 2 * tile_size + tile % 2 * tile_size);
    unrolled<sum.size()>([&](auto j) __attribute__((always_inline)) {
      sum[j] = (sum[j] + load<V>(low + j * V::size)) + load<V>(high + j * V::size);
    });
  }
  for (std::size_t j = 0; j < sum.size(); ++j)
    store(bias + j * V::size, load<V>(bias + j * V::size) + sum[j]);
}

/// Calls f(operand, columns) for the operands' columns in a range of blocks of 32, counted over all.
template <class F>
void for_each_left_part(std::span<const GradientOperand<float>> operands, IndexRange blocks, F&& f) {
  std::size_t first = 0;  // the operand's first block of 32 columns
  for (const auto& o : operands) {
    const std::size_t count = ceil_div(o.columns, block_rows), begin = std::max(first, blocks.begin),
                      end = std::min(first + count, blocks.end);
    if (begin < end)
      f(o, IndexRange{(begin - first) * block_rows, std::min(o.columns, (end - first) * block_rows)});
    first += count;
  }
}

}  // namespace detail

/// Sums of outer products: N left columns times the columns of gate rows, in blocks [pair of right
/// tiles][pair of left tiles][32][32].
class BlockedSums {
 public:
  static constexpr std::size_t block = block_rows * pair_columns;  ///< floats in a block

  /// N left columns in the caller's memory, size() floats.
  BlockedSums(std::size_t left_columns, float* sums)
      : left_blocks_(ceil_div(left_columns, block_rows)), sums_(sums) {}
  /// Floats for N left columns times a gate row, blocks at the edge whole.
  [[nodiscard]] static std::size_t size(const GateShape& shape, std::size_t left_columns) {
    return ceil_div(left_columns, block_rows) * shape.gate_row() / pair_columns * block;
  }
  /// The block with a row and a column.
  [[nodiscard]] float* at(std::size_t left, std::size_t column) const {
    return sums_ + (column / pair_columns * left_blocks_ + left / block_rows) * block;
  }
  /// The sum of a left column and a column of gate rows.
  [[nodiscard]] float& operator()(std::size_t left, std::size_t column) const {
    return at(left, column)[left % block_rows * pair_columns + column % pair_columns];
  }
  /// All zero in the gate columns of `columns`, pairs of tiles.
  void clear(IndexRange columns) const { std::fill(at(0, columns.begin), at(0, columns.end), 0.0F); }

 private:
  std::size_t left_blocks_;
  float* sums_;
};

/// How outer products are taken in pieces: tokens in blocks, left columns in groups of blocks of 32.
struct OuterGroups {
  /// So many operands with so many left columns together.
  OuterGroups(std::size_t operands, std::size_t columns, const GradientTokens& tokens)
      : depth(outer_depth(columns)),
        rows(tokens.shards > 1 ? (depth_tiles(tokens.count) + tokens.shards) * tile_depth : depth),
        blocks(columns / block_rows + operands),
        group(ceil_div(blocks, std::max<std::size_t>(1, ceil_div(columns * rows, left_room)))),
        waiting(tokens.shards > 1 ? shard_places - 1 : 0) {}
  std::size_t depth,  ///< rows of a block: outer_depth()
      rows,           ///< rows that are packed at once, at most
      blocks,         ///< blocks of 32 left columns, at most
      group,          ///< of these, taken together
      waiting;        ///< shards whose sums wait for others, at most
  /// Columns of right tiles that stay packed: all where they are read by more than one group.
  [[nodiscard]] std::size_t right_columns(std::size_t all) const {
    return group < blocks ? all : detail::pairs_together * pair_columns;
  }
  /// bfloat16 numbers that the sums which wait take.
  [[nodiscard]] std::size_t waiting_room() const {
    return waiting * group * BlockedSums::block * sizeof(float) / sizeof(bfloat16);
  }
  /// bfloat16 numbers of scratch memory for so many right columns.
  [[nodiscard]] std::size_t scratch(std::size_t all) const {
    return waiting_room() + (right_columns(all) + group * block_rows) * rows;
  }
};

namespace detail {

/// The sums of outer products over tokens that are packed at once: lstm_weight_gradient with one factor in
/// `operands`' rows from token `first` on, the other in `dgates`.
template <class Arch> class PackedOuter {
 public:
  PackedOuter(const GateShape& shape, const bfloat16* dgates, const GradientTokens& tokens, std::size_t first,
              std::span<const GradientOperand<float>> operands, const OuterGroups& groups, IndexRange columns,
              float* bias, bfloat16* scratch)
      : gate_row_(shape.gate_row()),
        dgates_(dgates),
        tokens_(tokens),
        first_(first),
        operands_(operands),
        groups_(groups),
        columns_(columns),
        bias_(bias),
        own_(groups.right_columns(columns.end - columns.begin)),
        waiting_(reinterpret_cast<float*>(scratch)),
        right_(scratch + groups.waiting_room()),
        left_(right_ + own_ * groups.rows) {
    for (std::size_t s = 0; s < tokens.shards; ++s) {
      const IndexRange own = tokens.of(s);
      tiles_of_[s + 1] = tiles_of_[s] + depth_tiles(own.end - own.begin);
    }
    depth_ = tiles_of_[tokens.shards];
  }

  template <class Tiles> void sum(Tiles& tiles) {
    for (std::size_t block = 0; block < groups_.blocks; block += groups_.group) {
      pack_left_columns({block, block + groups_.group});
      for (std::size_t column = columns_.begin; column < columns_.end; column += TileGateShape::wide) {
        bfloat16* const pairs = right_ + (column - columns_.begin) % own_ * groups_.rows;
        if (block == 0) pack_right_columns(column, pairs);
        for (std::size_t pair = 0; pair < pairs_together; ++pair)
          sum_pair(tiles, {block, block + groups_.group}, pairs + 2 * pair * depth_ * tile_size,
                   column + pair * pair_columns);
      }
    }
  }

 private:
  /// Calls body(first token, tokens, first k tile) for the blocks of a shard.
  template <class Body> void for_each_depth(std::size_t shard, Body&& body) const {
    const IndexRange own = tokens_.of(shard);
    for_each_block(own, groups_.depth, [&](std::size_t first, std::size_t count) {
      body(first, count, tiles_of_[shard] + (first - own.begin) / tile_depth);
    });
  }

  void pack_left_columns(IndexRange blocks) {
    bfloat16* place = left_;
    for_each_left_part(operands_, blocks, [&](const auto& o, IndexRange part) {
      const std::size_t width = part.end - part.begin;
      for (std::size_t s = 0; s < tokens_.shards; ++s)
        for_each_depth(s, [&](std::size_t first, std::size_t count, std::size_t tile) {
          pack_left([&](std::size_t k) { return o.rows[first_ + first + k] + part.begin; }, count, width,
                    depth_, place + 2 * tile * tile_size);
        });
      place += packed_left_size(width, depth_ * tile_depth);
    });
  }

  void pack_right_columns(std::size_t column, bfloat16* pairs) {
    using V = Vec<float, Arch>;
    constexpr std::size_t wide = TileGateShape::wide;
    alignas(cache_line) float sums[shard_places][wide];
    fold_shards(
        tokens_.shards,
        [&](std::size_t shard, std::size_t place) {
          std::fill_n(sums[place], wide, 0.0F);
          for_each_depth(shard, [&](std::size_t first, std::size_t count, std::size_t tile) {
            bfloat16* const to = pairs + 2 * tile * tile_size;
            if (tokens_.order == nullptr) {
              const bfloat16* const begin = dgates_ + first * gate_row_ + column;
              pack_right_pairs<Arch>([=, row = gate_row_](std::size_t k) { return begin + k * row; }, count,
                                     depth_, to, sums[place]);
            } else {
              const bfloat16* const begin = dgates_ + column;
              const std::uint32_t* const order = tokens_.order + first;
              pack_right_pairs<Arch>([=, row = gate_row_](std::size_t k) { return begin + order[k] * row; },
                                     count, depth_, to, sums[place]);
            }
          });
        },
        [&](std::size_t left, std::size_t from) {
          add_sums<float, Arch>({sums[left], wide}, {sums[from], wide}, 1, wide);
        });
    for (std::size_t i = 0; bias_ != nullptr && i < wide; i += V::size)
      store(bias_ + column + i, load<V>(bias_ + column + i) + load<V>(sums[0] + i));
  }

  /// The blocks of sums of these left columns with one pair of right tiles.
  template <class Tiles>
  void sum_pair(Tiles& tiles, IndexRange blocks, const bfloat16* right, std::size_t column) {
    const auto for_each_part = [&](auto&& f) { for_each_left_part(operands_, blocks, f); };
    const auto size = [](IndexRange part) {
      return ceil_div(part.end - part.begin, block_rows) * BlockedSums::block;
    };
    const auto waiting = [&](std::size_t place) {
      return waiting_ + (place - 1) * groups_.group * BlockedSums::block;
    };
    /// body(operand, columns, their sums at that place of the stack) for each part
    const auto for_each_sum = [&](std::size_t place, auto&& body) {
      std::size_t before = 0;
      for_each_part([&](const auto& o, IndexRange part) {
        body(o, part,
             place == 0 ? BlockedSums(o.columns, o.sum).at(part.begin, column) : waiting(place) + before);
        before += size(part);
      });
    };
    fold_shards(
        tokens_.shards,
        [&](std::size_t shard, std::size_t place) {
          const std::size_t begin = tiles_of_[shard];
          if (begin == tiles_of_[shard + 1])
            for_each_sum(place, [&](const auto& o, IndexRange part, float* sums) {
              if (place > 0 || !o.accumulate) std::fill_n(sums, size(part), 0.0F);
            });
          for_each_depth(shard, [&](std::size_t, std::size_t count, std::size_t tile) {
            const std::size_t end = tile + depth_tiles(count);
            for (std::size_t k = tile; k < end; k += block_depth) {
              const bfloat16* from = left_ + 2 * k * tile_size;
              for_each_sum(place, [&](const auto& o, IndexRange part, float* sums) {
                const bool add = k > begin || first_ > 0 || (place == 0 && o.accumulate);
                for (std::size_t i = part.begin; i < part.end; i += block_rows) {
                  tile_gemm_block<2, 2>(tiles, {from, tile_depth, 2 * tile_size, block_rows, true},
                                        {right + 2 * k * tile_size, 0}, std::min(block_depth, end - k), sums,
                                        pair_columns, pair_columns, add);
                  from += block_rows * depth_ * tile_depth;
                  sums += BlockedSums::block;
                }
              });
            }
          });
        },
        [&](std::size_t into, std::size_t from) {
          float* next = waiting(from);
          for_each_sum(into, [&](const auto&, IndexRange part, float* sums) {
            add_sums<float, Arch>({sums, 0}, {next, 0}, 1, size(part));
            next += size(part);
          });
        });
  }

  std::size_t gate_row_;
  const bfloat16* dgates_;
  GradientTokens tokens_;
  std::size_t first_;
  std::span<const GradientOperand<float>> operands_;
  OuterGroups groups_;
  IndexRange columns_;
  float* bias_;
  std::size_t own_;  // right columns that stay packed
  float* waiting_;   // [place - 1][block of left columns][32][32]
  bfloat16 *right_, *left_;
  std::array<std::size_t, GradientTokens::shard_limit + 1> tiles_of_{};  // where each shard's k tiles begin
  std::size_t depth_ = 0;                                                // k tiles of all
};

}  // namespace detail

/// sums (BlockedSums) (+)= rows^T dgates over all tokens for every operand, and bias [gate_row] += the sum of
/// dgates (null: not wanted), for the gate columns in `columns` (multiples of 64). Token k is row order[k] of
/// dgates, and row k of operands. What is there already is added to the first shard's sums. Allocates
/// nothing.
template <class Arch = DefaultArch>
void lstm_weight_gradient(const GateShape& shape, const bfloat16* dgates, const GradientTokens& tokens,
                          std::span<const GradientOperand<float>> operands, IndexRange columns, float* bias,
                          bfloat16* scratch) {
  std::size_t all = 0;
  for (const auto& o : operands) {
    all += o.columns;
    if (tokens.count == 0 && !o.accumulate) BlockedSums(o.columns, o.sum).clear(columns);
  }
  if (tokens.count == 0) return;
  const OuterGroups groups(operands.size(), all, tokens);
  with_tiles<Arch>([&](auto& tiles) {
    const auto sum = [&](const bfloat16* gates, const GradientTokens& together, std::size_t first) {
      detail::PackedOuter<Arch>(shape, gates, together, first, operands, groups, columns, bias, scratch)
          .sum(tiles);
    };
    if (tokens.shards > 1) return sum(dgates, tokens, 0);
    detail::for_each_block({0, tokens.count}, groups.depth, [&](std::size_t first, std::size_t count) {
      if (tokens.order == nullptr) return sum(dgates + first * shape.gate_row(), {.count = count}, first);
      sum(dgates, {.count = count, .order = tokens.order + first}, first);
    });
  });
}

/// Products with a weight matrix W [outputs, inputs], factors rounded to bfloat16.
struct TileProducts {
  using Stored = bfloat16;  ///< packed weights
  /// Rows that are best computed together.
  static std::size_t grain() { return block_rows; }
  /// What packed weights depend on besides the weights.
  static std::uint64_t order() { return arrangement(); }

  /// Numbers of a packed factor [depth, columns], tiles at the edge whole: of W^T [inputs, outputs] for x
  /// W^T, of W for x W.
  static std::size_t factor_size(std::size_t depth, std::size_t columns) {
    return ceil_div(columns, pair_columns) * 2 * depth_tiles(depth) * tile_size;
  }
  /// For x W^T (forward) or x W.
  static void pack_factor(ConstMatrixView<float> w, bool forward, bfloat16* packed) {
    const std::size_t terms = forward ? w.cols() : w.rows(), columns = forward ? w.rows() : w.cols(),
                      depth = depth_tiles(terms);
    for (std::size_t k = 0; k < depth; ++k)  // so that whole rows are read
      for (std::size_t n = 0; n < columns; n += tile_side) {
        bfloat16* tile = packed + ((n / pair_columns * depth + k) * 2 + n / tile_side % 2) * tile_size;
        const std::size_t count = std::min(tile_side, columns - n), first = k * tile_depth;
        if (forward) {
          pack_right_columns(
              count, first, terms, [&](std::size_t i) { return w.row_data(n + i); }, tile);
        } else {
          pack_right_rows(
              count, [&](std::size_t i) { return first + i < terms ? w.row_data(first + i) + n : nullptr; },
              tile);
        }
      }
  }
  /// y (+)= x times a factor of pack_factor(), x rounded on the way.
  static void multiply(ConstMatrixView<float> x, const bfloat16* packed, MatrixView<float> y,
                       bool accumulate) {
    tile_gemm(x, packed, y.cols(), y.data(), y.stride(), accumulate);
  }

  /// bfloat16 numbers of scratch memory that add_outer() needs, whichever of all these outputs it is given.
  static std::size_t outer_room(std::size_t outputs) {
    const std::size_t depth = outer_depth(outputs);
    return detail::packed_left_size(outputs, depth) + pair_columns * depth;
  }
  /// dw [outputs, inputs] += dy^T x for the outputs in `outputs`: rows in blocks, summed in order.
  static void add_outer(ConstMatrixView<float> dy, ConstMatrixView<float> x, IndexRange outputs,
                        MatrixView<float> dw, bfloat16* scratch) {
    const std::size_t columns = outputs.end - outputs.begin, step = outer_depth(dy.cols());
    bfloat16* const left = scratch + pair_columns * step;
    with_tiles<>([&](auto& tiles) {
      for (std::size_t first = 0; first < x.rows(); first += step) {
        const std::size_t count = std::min(step, x.rows() - first), depth = depth_tiles(count);
        detail::pack_left([&](std::size_t k) { return dy.row_data(first + k) + outputs.begin; }, count,
                          columns, depth, left);
        for (std::size_t n = 0; n < x.cols(); n += pair_columns) {
          for (std::size_t half = n; half < std::min(n + pair_columns, x.cols()); half += tile_side)
            for (std::size_t k = 0; k < depth; ++k)
              pack_right_rows(
                  std::min(tile_side, x.cols() - half),
                  [&](std::size_t i) {
                    const std::size_t row = k * tile_depth + i;
                    return row < count ? x.row_data(first + row) + half : nullptr;
                  },
                  scratch + (k * 2 + (half - n) / tile_side) * tile_size);
          for (std::size_t m = 0; m < columns; m += block_rows)
            detail::tile_gemm_block<2, 2>(tiles,
                                          {left + m * depth * tile_depth, tile_depth, 2 * tile_size,
                                           std::min(block_rows, columns - m), true},
                                          {scratch, 0}, depth, dw.row_data(outputs.begin + m) + n,
                                          dw.stride(), std::min(pair_columns, x.cols() - n), true);
        }
      }
    });
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
