// The LSTM's forward pass with bfloat16 factors, one direction: lstm_forward.hpp on tiles.
//
//   for each step t in the direction's order             threads share rows or panels, as there
//     round x of the active rows
//     for each panel of 16 hidden units                  its weights serve all rows; there and back by turns,
//                                                        where L2 still has the last ones
//       for each block of 32 rows: sums of x W_ih^T + h W_hh^T, gates i f, then g o
//                                                        meanwhile vectors apply the gate functions to the
//                                                        block before
//
// h is kept twice: as y in float, and rounded, in two buffers by turns, as the next step's left factor.
#pragma once

#include <seqlstm/kernels/lstm_forward.hpp>
#include <seqlstm/kernels/tile_gemm.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Bytes of a part's weights up to which a step begins with the panels that the step before ended with: twice
/// the L2 this was measured on (docs/performance/log.md). Of more, too little is left there.
inline constexpr std::size_t turning_weights = std::size_t{4} << 20U;

namespace detail {

/// How one part's share of the scratch memory is laid out.
struct Bf16ForwardRoom {
  std::size_t rows, x_stride, h_stride;

  Bf16ForwardRoom(const GateShape& shape, std::size_t batch, bool has_x)
      : rows(ceil_div(batch, tile_side) * tile_side),
        x_stride(has_x ? left_stride(shape.input) : 0),
        h_stride(left_stride(shape.hidden)) {}
  [[nodiscard]] std::size_t inputs() const { return rows * x_stride; }
  [[nodiscard]] std::size_t states() const { return rows * h_stride; }  // of one of two buffers
  [[nodiscard]] static std::size_t sums() {
    return block_rows * TileGateShape::wide;
  }  // floats, of one of two
  [[nodiscard]] std::size_t size() const {
    return inputs() + 2 * states() + 2 * sums() * (sizeof(float) / sizeof(bfloat16));
  }
};

/// Of an LSTM, or of a GRU (gru_bf16.hpp): the gate functions tell them apart.
template <class Arch, class Tiles, bool Gru, bool Training> class ForwardBf16Part {
 public:
  ForwardBf16Part(const LstmForwardArguments<float, bfloat16>& arguments, const LstmPart& part, Tiles& tiles)
      : a_(arguments),
        part_(part),
        tiles_(tiles),
        room_(a_.shape, a_.layout.sequences(), a_.x != nullptr),
        x_depth_(a_.x != nullptr ? depth_tiles(a_.shape.input) : 0),
        h_depth_(depth_tiles(a_.shape.hidden)) {
    const auto scratch_of = [&](std::size_t number) { return a_.room + number * room_.size(); };
    const bool team = part.team != nullptr;
    bfloat16* own = scratch_of(team ? part.team->number() : part.number);
    inputs_ = own;
    sums_[0] = reinterpret_cast<float*>(own + room_.inputs() + 2 * room_.states());
    sums_[1] = sums_[0] + Bf16ForwardRoom::sums();
    states_[0] = scratch_of(team ? 0 : part.number) + room_.inputs();  // a team's is everybody's
    states_[1] = states_[0] + room_.states();
  }

  void run() {
    const IndexRange rows = part_.rows;
    if (rows.begin >= rows.end) return;
    begin_states();
    part_.meet();
    const std::size_t steps = a_.layout.steps();
    for (std::size_t s = 0; s < steps; ++s) {
      const std::size_t t = a_.reverse ? steps - 1 - s : s;
      const std::size_t end = std::min(rows.end, a_.layout.active(t));
      if (end <= rows.begin) continue;
      step(t, end - rows.begin);
      std::swap(states_[0], states_[1]);
      part_.meet();
    }
    if (Training) finish_lines();
  }

 private:
  using V = Vec<float, Arch>;
  static constexpr std::size_t lanes = V::size, side = TileGateShape::lanes, wide = TileGateShape::wide;
  static constexpr std::size_t together = 4;        // rows whose gate functions are computed side by side
  static constexpr std::size_t pieces_of_rows = 3;  // i and f, g and o, c and h; r and z, n, h

  /// Sums that wait for their gate functions. The work comes in pieces, so that vectors are busy beside every
  /// product of tiles: of four rows i and f, then g and o, then their c and h, or a GRU's r and z, n, and h.
  struct Pending {
    float* sums = nullptr;
    std::size_t panel = 0, first = 0, rows = 0, piece = 0;

    [[nodiscard]] std::size_t pieces() const { return ceil_div(rows, together) * pieces_of_rows; }
  };

  static void round_left(const float* from, std::size_t count, bfloat16* to, std::size_t stride) {
    round_row(from, count, to, stride);
    if constexpr (Tiles::arranges) Tiles::arrange_left(to, stride);
  }
  void begin_states() {
    const bool writes = part_.team == nullptr || part_.team->number() == 0;
    const std::size_t padded = a_.shape.padded_hidden();
    for (std::size_t r = part_.rows.begin; writes && r < part_.rows.end; ++r)
      for (auto* state : states_)
        round_left(a_.h0 + r * padded, a_.shape.hidden, state + (r - part_.rows.begin) * room_.h_stride,
                   room_.h_stride);
  }

  /// One step of the first `rows` rows of the part.
  void step(std::size_t t, std::size_t rows) {
    t_ = t;
    token_ = a_.layout.offset(t) + part_.rows.begin;
    for (std::size_t r = 0; x_depth_ > 0 && r < rows; ++r)
      round_left(a_.x + (token_ + r) * a_.ldx, a_.shape.input, inputs_ + r * room_.x_stride, room_.x_stride);
    const auto [first, last] = part_.panels;
    const bool back = t % 2 == 1 && (last - first) * panel_bytes() <= turning_weights;
    for (std::size_t number = 0; number < last - first; ++number) {
      const std::size_t panel = back ? last - 1 - number : first + number;
      for (std::size_t r = 0; r < rows; r += block_rows) block(panel, r, std::min(block_rows, rows - r));
    }
    finish();
  }

  /// Of the weights of a panel.
  [[nodiscard]] std::size_t panel_bytes() const {
    return 4 * (x_depth_ + h_depth_) * tile_size * sizeof(bfloat16);
  }

  /// Sums of a panel for up to 32 rows; meanwhile the gate functions of the block before.
  void block(std::size_t panel, std::size_t first, std::size_t rows) {
    float* sums = sums_[0];
    std::swap(sums_[0], sums_[1]);
    const bool tall = rows > tile_side;
    const std::size_t products = (tall ? 2 : 1) * (x_depth_ + h_depth_);
    const std::size_t share = ceil_div(pending_.pieces(), products);
    const auto meanwhile = [&]() __attribute__((always_inline)) {
      advance(share);
    };
    if (tall) {
      for (std::size_t pair = 0; pair < 2; ++pair)
        add_up(TileBlock<Tiles, 2, 2>(tiles_), panel, pair, first, rows, sums + pair * 2 * tile_side,
               meanwhile);
    } else {
      add_up(TileBlock<Tiles, 1, 4>(tiles_), panel, 0, first, rows, sums, meanwhile);
    }
    finish();
    pending_ = {sums, panel, first, rows, 0};
  }
  template <class Block, class Work>
  void add_up(Block block, std::size_t panel, std::size_t pair, std::size_t first, std::size_t rows,
              float* sums, Work&& meanwhile) {
    block.clear();
    const auto multiply = [&](const bfloat16* left, std::size_t stride, const bfloat16* weights,
                              std::size_t depth) __attribute__((always_inline)) {
      const std::size_t next = 2 * depth * tile_size;
      block.multiply({left + first * stride, stride, tile_depth, rows, true},
                     {weights + (panel * 2 + pair) * next, next}, depth, meanwhile);
    };
    if (x_depth_ > 0) multiply(inputs_, room_.x_stride, a_.weights_x, x_depth_);
    multiply(states_[0], room_.h_stride, a_.weights_h, h_depth_);
    block.store(sums, TileGateShape::wide);
  }

  [[gnu::always_inline]] void advance(std::size_t pieces) {
    const std::size_t end = std::min(pending_.pieces(), pending_.piece + pieces);
    for (; pending_.piece < end; ++pending_.piece) piece(pending_.piece);
  }
  void finish() { advance(pending_.pieces()); }

  void piece(std::size_t number) {
    const std::size_t row = number / pieces_of_rows * together;
    if (pending_.rows - row >= together) return piece<together>(number % pieces_of_rows, row);
    for (std::size_t r = row; r < pending_.rows; ++r) piece<1>(number % pieces_of_rows, r);
  }
  /// A piece for Rows rows from pending row `row` on.
  template <std::size_t Rows> [[gnu::flatten]] void piece(std::size_t which, std::size_t row) {
    for (std::size_t unit = 0; unit < side; unit += lanes) {
      if constexpr (Gru) {
        if (which == 0) activate<Rows, 1>(RoughFunctions::sigmoid, RoughFunctions::keep, row, unit);
        if (which == 1) candidate<Rows>(row, unit);
        if (which == 2) gru_states<Rows>(row, unit);
        continue;
      }
      if (which == 0) activate<Rows, 0>(RoughFunctions::sigmoid, RoughFunctions::keep, row, unit);
      if (which == 1) activate<Rows, 2>(RoughFunctions::tanh, RoughFunctions::sigmoid, row, unit);
      if (which == 2) states<Rows>(row, unit);
    }
  }
  /// The sums of gates Gate and Gate + 1 become these gates.
  template <std::size_t Rows, std::size_t Gate, class First, class Second>
  [[gnu::always_inline]] void activate(const First& first_function, const Second& second_function,
                                       std::size_t row, std::size_t unit) {
    const std::size_t column = pending_.panel * wide + Gate * side + unit,
                      token = token_ + pending_.first + row;
    float* sums = pending_.sums + row * wide + Gate * side + unit;
    const auto first = first_function(completed<Rows>(sums, column, token)),
               second = second_function(completed<Rows>(sums + side, column + side, token));
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      store(sums + i * wide, first[i]);
      store(sums + i * wide + side, second[i]);
      if constexpr (Training) {
        bfloat16* gates = a_.gates + (token + i) * a_.shape.gate_row() + column;
        if constexpr (Gru) {  // r and z begin in the middle of a line
          store_two(gates, side, first[i], second[i]);
        } else {
          store_two<true>(gates, side, first[i], second[i]);
        }
      }
    });
  }
  /// Sums of one gate with what is added to the products. Of units behind H they are zero whatever x is:
  /// infinity times their zero weights is not.
  template <std::size_t Rows>
  [[gnu::always_inline]] Bundle<V, Rows> completed(const float* sums, std::size_t column,
                                                   std::size_t token) const {
    const V bias = load<V>(a_.bias + column);
    Bundle<V, Rows> all;
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) { all[i] = load<V>(sums + i * wide) + bias; });
    for (const auto& lookup : a_.lookups)
      if (lookup.table != nullptr)
        unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
          const auto slot = static_cast<std::size_t>(lookup.indices[token + i]);
          all[i] = all[i] + load<V>(lookup.table + slot * a_.shape.gate_row() + column);
        });
    const std::size_t unit = column / wide * side + column % side;
    if (unit + lanes > a_.shape.hidden)
      unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
        all[i] = keep_first(all[i], a_.shape.hidden - std::min(unit, a_.shape.hidden));
      });
    return all;
  }
  /// c = f c' + i g, h = o tanh(c).
  template <std::size_t Rows> [[gnu::always_inline]] void states(std::size_t row, std::size_t first) {
    const std::size_t padded = a_.shape.padded_hidden(), unit = pending_.panel * side + first,
                      token = token_ + pending_.first + row, active = pending_.first + row;
    const float* gates = pending_.sums + row * wide + first;
    const auto gate = [&](std::size_t g, std::size_t i) __attribute__((always_inline)) {
      return load<V>(gates + i * wide + g * side);
    };
    Bundle<V, Rows> c;
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      const std::size_t r = part_.rows.begin + active + i;
      const std::size_t before = Training ? PreviousToken{a_.layout, a_.reverse}(t_, r) : 0;
      const float* c_before = !Training                       ? a_.c + r * padded
                              : before == PreviousToken::none ? a_.c0 + r * padded
                                                              : a_.c + before * padded;
      c[i] = fma(gate(1, i), load<V>(c_before + unit), gate(0, i) * gate(2, i));
      store(a_.c + (Training ? token + i : r) * padded + unit, c[i]);
    });
    const Bundle<V, Rows> tanh_c = RoughFunctions::tanh(c);
    unrolled<Rows>([&](auto i)
                       __attribute__((always_inline)) { store_h(row + i, unit, gate(3, i) * tanh_c[i]); });
  }
  /// h of a unit, and rounded for the next step.
  [[gnu::always_inline]] void store_h(std::size_t row, std::size_t unit, const V& h) {
    const std::size_t active = pending_.first + row;
    if (unit < a_.shape.hidden)
      store_partial(a_.y + (token_ + active) * a_.ldy + unit, h, a_.shape.hidden - unit);
    bfloat16* next = states_[1] + active * room_.h_stride + unit;
    if constexpr (Tiles::arranges) {
      Tiles::store_left(next, h);
    } else {
      store(next, h);
    }
  }
  /// n = tanh(x's share + r m), in the place of x's share.
  template <std::size_t Rows> [[gnu::always_inline]] void candidate(std::size_t row, std::size_t unit) {
    const std::size_t column = pending_.panel * wide + unit, token = token_ + pending_.first + row;
    float* sums = pending_.sums + row * wide + unit;
    Bundle<V, Rows> n = completed<Rows>(sums, column, token);
    const Bundle<V, Rows> m = completed<Rows>(sums + 3 * side, column + 3 * side, token);
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      n[i] = fma(load<V>(sums + i * wide + side), m[i], n[i]);
    });
    n = RoughFunctions::tanh(n);
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      store(sums + i * wide, n[i]);
      if constexpr (Training) {
        bfloat16* gates = a_.gates + (token + i) * a_.shape.gate_row() + column;
        store(gates, n[i]);
        store(gates + 3 * side, m[i]);
      }
    });
  }
  /// h = n + z (h' - n).
  template <std::size_t Rows> [[gnu::always_inline]] void gru_states(std::size_t row, std::size_t first) {
    const std::size_t unit = pending_.panel * side + first,
                      units = a_.shape.hidden - std::min(unit, a_.shape.hidden);
    const float* sums = pending_.sums + row * wide + first;
    const PreviousToken previous{a_.layout, a_.reverse};
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      const std::size_t r = part_.rows.begin + pending_.first + row + i, before = previous(t_, r);
      const float* h =
          before == PreviousToken::none ? a_.h0 + r * a_.shape.padded_hidden() : a_.y + before * a_.ldy;
      const V n = load<V>(sums + i * wide), z = load<V>(sums + i * wide + 2 * side);
      const V h_before = units > 0 ? load_partial<V>(h + unit, units) : V(0.0F);
      store_h(row + i, unit, fma(z, h_before - n, n));
    });
  }

  const LstmForwardArguments<float, bfloat16>& a_;
  const LstmPart& part_;
  Tiles& tiles_;
  Bf16ForwardRoom room_;
  std::size_t x_depth_, h_depth_;
  bfloat16* inputs_;
  bfloat16* states_[2];  // h of the step before, h of this one
  float* sums_[2];
  Pending pending_;
  std::size_t t_ = 0, token_ = 0;  // of this step; the token of the part's first row
};

}  // namespace detail

/// bfloat16 numbers of scratch memory for `parts` parts.
inline std::size_t lstm_forward_scratch(const GateShape& shape, std::size_t batch, std::size_t parts,
                                        bool has_x) {
  return parts * detail::Bf16ForwardRoom(shape, batch, has_x).size();
}

/// Runs all steps of `part`. A row's result does not depend on the other rows. Allocates nothing.
template <class Arch = DefaultArch>
void lstm_forward(const LstmForwardArguments<float, bfloat16>& a, const LstmPart& part) {
  with_tiles<Arch>([&](auto& tiles) {
    using Tiles = std::remove_reference_t<decltype(tiles)>;
    if (a.gates != nullptr) {
      detail::ForwardBf16Part<Arch, Tiles, false, true>(a, part, tiles).run();
    } else {
      detail::ForwardBf16Part<Arch, Tiles, false, false>(a, part, tiles).run();
    }
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
