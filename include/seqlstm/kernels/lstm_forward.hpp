// The LSTM's forward pass over a packed ragged batch, one direction (Hochreiter and Schmidhuber 1997; Gers et
// al. 2000).
//
//   for each step t in the direction's order             no barrier: a thread runs all steps of its own rows
//     for each panel of W hidden units                   weights of a panel are contiguous
//       for each tile of active rows
//         tile = bias (+ looked-up rows) + x W_ih^T + h W_hh^T      one K loop, x first
//         i, f, g, o -> c, h in registers; store h, and for training also the gates and c
//
//   i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o)   c = f c' + i g   h = o tanh(c)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/bundle.hpp>
#include <seqlstm/kernels/math.hpp>
#include <seqlstm/kernels/pack.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// A table of gate rows (W_ih times a vector) and, for each packed token, which row is added to its
/// pre-activations.
template <class T> struct GateLookup {
  const T* table = nullptr;             ///< [rows][gate_row]; null: no lookup
  const std::int32_t* slots = nullptr;  ///< [tokens]
};

/// Arguments of one direction's forward pass. States are [B][padded_hidden] in packed row order, zero behind
/// H.
template <class T, class Arch = DefaultArch> struct LstmForward {
  LstmShape<T, Arch> shape;
  const PackedLayout* layout = nullptr;
  bool reverse = false;
  const T* x = nullptr;  ///< [tokens] rows of I numbers, ldx apart; null where tokens are looked up
  std::size_t ldx = 0;
  std::array<GateLookup<T>, 2> lookups;
  const T* weights_x = nullptr;  ///< pack_gate_columns(W_ih)
  const T* weights_h = nullptr;  ///< pack_gate_columns(W_hh)
  const T* bias = nullptr;       ///< pack_bias
  const T* h0 = nullptr;
  const T* c0 = nullptr;
  T* y = nullptr;  ///< [tokens] rows of H numbers, ldy apart: h of every step
  std::size_t ldy = 0;
  T* gates = nullptr;  ///< training: [tokens][gate_row], i f g o after their functions; null for inference
  T* c = nullptr;  ///< training: [tokens][padded_hidden]; inference: [B][padded_hidden], the running state,
                   ///< c0 on entry
};

/// The packed token before (t, r) in the direction's order, or `none` where the sequence begins.
struct PreviousToken {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  const PackedLayout& layout;
  bool reverse;
  [[nodiscard]] std::size_t operator()(std::size_t t, std::size_t r) const {
    if (!reverse) return t == 0 ? none : layout.offset(t - 1) + r;
    return r < layout.active(t + 1) ? layout.offset(t + 1) + r : none;
  }
};

/// Rows [begin, end) of part `part`: consecutive rows with about the same number of tokens in every part.
inline Range rows_of_part(const PackedLayout& layout, std::size_t parts, std::size_t part) {
  const auto cut = [&](std::size_t p) {
    const std::size_t goal = layout.tokens() * p / parts;
    std::size_t row = 0, sum = 0;
    while (row < layout.sequences() && (p == parts || sum + layout.length(row) / 2 < goal))
      sum += layout.length(row++);
    return row;
  };
  return {part == 0 ? 0 : cut(part), cut(part + 1)};
}

namespace detail {

template <class T, class Arch, bool Training, std::size_t Rows>
[[gnu::flatten]] void lstm_forward_tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                        std::size_t panel, std::size_t number) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size, wide = 4 * lanes;
  const std::size_t padded = a.shape.padded_hidden(), gate_row = a.shape.gate_row();
  const PreviousToken previous{*a.layout, a.reverse};
  const std::size_t token = a.layout->offset(t) + first_row;

  std::array<const T*, Rows> x, h, c_before;
  for (std::size_t i = 0; i < Rows; ++i) {
    const std::size_t before = previous(t, first_row + i);
    const bool begins = before == PreviousToken::none;
    x[i] = a.x == nullptr ? nullptr : a.x + (token + i) * a.ldx;
    h[i] = begins ? a.h0 + (first_row + i) * padded : a.y + before * a.ldy;
    c_before[i] = !Training ? a.c + (first_row + i) * padded
                            : (begins ? a.c0 + (first_row + i) * padded : a.c + before * padded);
  }

  // What will be stored is fetched while the products run: a burst of stores to memory not in the cache would
  // stop the next tile.
  if constexpr (Training)
    unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
      const T* gates = a.gates + (token + row) * gate_row + panel * wide;
      unrolled<4>([&](auto g) __attribute__((always_inline)) { __builtin_prefetch(gates + g * lanes, 1); });
      __builtin_prefetch(a.c + (token + row) * padded + panel * lanes, 1);
      __builtin_prefetch(a.y + (token + row) * a.ldy + panel * lanes, 1);
    });
  Tile<V, Rows, 4> tile;
  tile.fill(a.bias + panel * wide);
  for (const auto& lookup : a.lookups) {
    if (lookup.table == nullptr) continue;
    unrolled<Rows>([&](auto i) {
      const T* row =
          lookup.table + static_cast<std::size_t>(lookup.slots[token + i]) * gate_row + panel * wide;
      unrolled<4>([&](auto j) { tile.sum[i][j] = tile.sum[i][j] + load<V>(row + j * lanes); });
    });
  }
  const std::size_t next = panel + 1 < a.shape.panels() ? panel + 1 : 0;
  const auto multiply = [&](const std::array<const T*, Rows>& rows, const T* weights, std::size_t depth)
      __attribute__((always_inline)) {
    const T* here = weights + panel * depth * wide;
    tile.multiply(rows, 1, here, wide, depth,
                  share_ahead(here, weights + next * depth * wide, depth, wide, number));
  };
  if (a.x != nullptr) multiply(x, a.weights_x, a.shape.input);
  multiply(h, a.weights_h, a.shape.hidden);

  // The rows side by side: gate by gate, each a chain of some twenty dependent operations.
  using Rowwise = Bundle<V, Rows>;
  const auto gate = [&](std::size_t g) __attribute__((always_inline)) {
    Rowwise sums;
    unrolled<Rows>([&](auto row) __attribute__((always_inline)) { sums[row] = tile.sum[row][g]; });
    return sums;
  };
  const std::size_t unit = panel * lanes, units = a.shape.hidden - unit;
  const auto keep = [&](std::size_t g, const Rowwise& values) __attribute__((always_inline)) {
    if constexpr (Training)
      unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
        store(a.gates + (token + row) * gate_row + panel * wide + g * lanes, values[row]);
      });
  };
  const Rowwise i = sigmoid(gate(0));
  keep(0, i);
  const Rowwise g = tanh(gate(2));
  keep(2, g);
  Rowwise c = i * g;
  const Rowwise f = sigmoid(gate(1));
  keep(1, f);
  unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
    c[row] = fma(f[row], load<V>(c_before[row] + unit), c[row]);
    store((Training ? a.c + (token + row) * padded : a.c + (first_row + row) * padded) + unit, c[row]);
  });
  const Rowwise o = sigmoid(gate(3));
  keep(3, o);
  const Rowwise y = o * tanh(c);
  unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
    store_partial(a.y + (token + row) * a.ldy + unit, y[row], units);
  });
}

template <class T, class Arch, bool Training>
void lstm_forward_rows(const LstmForward<T, Arch>& a, Range rows) {
  const std::size_t steps = a.layout->steps();
  for (std::size_t s = 0; s < steps; ++s) {
    const std::size_t t = a.reverse ? steps - 1 - s : s;
    const std::size_t end = std::min(rows.end, a.layout->active(t));
    for (std::size_t panel = 0; panel < a.shape.panels(); ++panel) {
      std::size_t r = rows.begin;
      for (std::size_t number = 0; r < end; ++number) {
        with_height<tile_rows<Arch>>(end - r, [&](auto height) {
          lstm_forward_tile<T, Arch, Training, height>(a, t, r, panel, number);
          r += height;
        });
      }
    }
  }
}

}  // namespace detail

/// Runs all steps of the packed rows in `rows`. A row's result does not depend on the other rows. Allocates
/// nothing.
template <class T, class Arch = DefaultArch>
void lstm_forward(const LstmForward<T, Arch>& arguments, Range rows) {
  if (arguments.gates != nullptr) {
    detail::lstm_forward_rows<T, Arch, true>(arguments, rows);
  } else {
    detail::lstm_forward_rows<T, Arch, false>(arguments, rows);
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
