// The innermost part of the LSTM's forward pass: a few sequences, one or a few panels of hidden units, one
// step.
//
//   tile = bias (+ looked-up rows) + x W_ih^T + h W_hh^T      one order of terms, x first
//   i, f, g, o -> c, h in registers; store h, and for training also the gates and c
//
//   i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o)   c = f c' + i g   h = o tanh(c)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/kernels/bundle.hpp>
#include <seqlstm/kernels/math.hpp>
#include <seqlstm/kernels/pack.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// A forward pass on vectors, of either cell; weights by pack_gate_columns.
template <class T, class Arch = DefaultArch> struct LstmForward : LstmForwardArguments<T, T> {
  /// Room for bias + x W_ih^T of many tokens at once (lstm_projection.hpp): `gates` in training, else
  /// projection_size numbers for every part; null: x is multiplied step by step. The first row is token
  /// first_projected's.
  T* projected = nullptr;
  std::size_t first_projected = 0;  ///< packed row of the first token in `projected`
  T* gates_of_step = nullptr;       ///< [B][gate_row]: gates of a step that needs them without keeping them

  /// Where the gates of a packed token are kept, or those of row `row` of a step.
  [[nodiscard]] T* step_gates(std::size_t token, std::size_t row) const {
    const std::size_t size = this->shape.gate_row();
    return gates_of_step != nullptr ? gates_of_step + row * size : this->gates + token * size;
  }

  /// Gate row of a packed token in `projected`.
  [[nodiscard]] T* projected_row(std::size_t token) const {
    return projected + (token - first_projected) * this->shape.gate_row();
  }
  /// Columns of x that every step multiplies.
  [[nodiscard]] std::size_t columns_of_x() const {
    return this->x == nullptr || projected != nullptr ? 0 : this->shape.input;
  }
};

namespace detail {

/// A share of a tile's terms: columns [begin, end) of x and h side by side (of h alone where x is projected).
/// Before the first one come bias and lookups, behind the last one the gate functions. In between the sums
/// wait in memory, which does not change them.
struct Stretch {
  std::size_t begin, end;
};

/// Rows sequences from `first_row` on, Panels panels from `panel` on. `number` counts the tiles over a panel,
/// the first of which fetch panel `next`;
/// `sums` holds Rows * Panels * 4W numbers, and is not used where a stretch is first and last.
template <class T, class Arch, bool Training, std::size_t Rows, std::size_t Panels>
[[gnu::flatten]] void lstm_forward_tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                        std::size_t panel, std::size_t next, std::size_t number,
                                        const Stretch& stretch, T* sums) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size, wide = 4 * lanes;
  const std::size_t padded = a.shape.padded_hidden(), gate_row = a.shape.gate_row();
  const std::size_t unit = panel * lanes, units = a.shape.hidden - unit;
  const PreviousToken previous{a.layout, a.reverse};
  const std::size_t token = a.layout.offset(t) + first_row;
  const std::size_t input = a.columns_of_x();
  const bool is_first = stretch.begin == 0, is_last = stretch.end == input + a.shape.hidden;

  std::array<const T*, Rows> x, h, c_before;
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    const std::size_t before = previous(t, first_row + i);
    const bool begins = before == PreviousToken::none;
    x[i] = a.x == nullptr ? nullptr : a.x + (token + i) * a.ldx;
    h[i] = begins ? a.h0 + (first_row + i) * padded : a.y + before * a.ldy;
    c_before[i] = (!Training ? a.c + (first_row + i) * padded
                             : (begins ? a.c0 + (first_row + i) * padded : a.c + before * padded)) +
                  unit;
  });
  const auto gates_of = [&](std::size_t row) { return a.gates + (token + row) * gate_row + panel * wide; };
  const auto c_of = [&](std::size_t row) {
    return a.c + (Training ? token + row : first_row + row) * padded + unit;
  };
  const auto y_of = [&](std::size_t row) { return a.y + (token + row) * a.ldy + unit; };

  // What will be stored is fetched while the products run: a burst of stores to memory not in the cache would
  // stop the next tile.
  if (Training && is_last)
    unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
      unrolled<4 * Panels>([&](auto g) __attribute__((always_inline)) {
        __builtin_prefetch(gates_of(row) + g * lanes, 1);
      });
      __builtin_prefetch(c_of(row), 1);
      __builtin_prefetch(y_of(row), 1);
    });

  Tile<V, Rows, 4 * Panels> tile;
  const auto each_sum = [&](auto&& body) __attribute__((always_inline)) {
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      unrolled<4 * Panels>([&](auto j) __attribute__((always_inline)) { body(tile.sum[i][j], i, j); });
    });
  };
  const auto place = [&](std::size_t i, std::size_t j) { return sums + (i * 4 * Panels + j) * lanes; };
  if (is_first && a.projected != nullptr) {
    each_sum([&](V & sum, std::size_t i, std::size_t j) __attribute__((always_inline)) {
      sum = load<V>(a.projected_row(token + i) + panel * wide + j * lanes);
    });
  } else if (is_first) {
    tile.fill(a.bias + panel * wide);
    for (const auto& lookup : a.lookups) {
      if (lookup.table == nullptr) continue;
      each_sum([&](V & sum, std::size_t i, std::size_t j) __attribute__((always_inline)) {
        const T* row =
            lookup.table + static_cast<std::size_t>(lookup.indices[token + i]) * gate_row + j * lanes;
        sum = sum + load<V>(row + panel * wide);
        __builtin_prefetch(row + next * wide, 0, 2);
      });
    }
  } else {
    each_sum([&](V & sum, std::size_t i, std::size_t j)
                 __attribute__((always_inline)) { sum = load<V>(place(i, j)); });
  }
  // Columns [begin, end) of one operand, which has `depth` of them. Few rows leave no tiles to fetch for.
  const auto multiply = [&](const std::array<const T*, Rows>& rows, const T* weights, std::size_t depth,
                            std::size_t begin, std::size_t end) __attribute__((always_inline)) {
    const T* here = weights + (panel * depth + begin) * wide;
    const T* then = end < depth ? here + (end - begin) * wide : weights + next * depth * wide;
    const T* ahead = Panels > 1 ? here : share_ahead(here, then, end - begin, wide, number);
    tile.multiply(rows, 1, begin, end, here, wide, ahead, depth * wide);
  };
  if (stretch.begin < input) multiply(x, a.weights_x, input, stretch.begin, std::min(stretch.end, input));
  if (stretch.end > input)
    multiply(h, a.weights_h, a.shape.hidden, std::max(stretch.begin, input) - input, stretch.end - input);
  if (!is_last) {
    each_sum([&](const V& sum, std::size_t i, std::size_t j)
                 __attribute__((always_inline)) { store(place(i, j), sum); });
    return;
  }

  // Rows and panels side by side: gate by gate, each a chain of some twenty dependent operations.
  using Together = Bundle<V, Rows * Panels>;
  const auto each = [](auto&& body) __attribute__((always_inline)) {
    unrolled<Rows * Panels>([&](auto k) __attribute__((always_inline)) { body(k, k % Rows, k / Rows); });
  };
  const auto gate = [&](std::size_t g) __attribute__((always_inline)) {
    Together values;
    each([&](std::size_t k, std::size_t row, std::size_t p)
             __attribute__((always_inline)) { values[k] = tile.sum[row][4 * p + g]; });
    return values;
  };
  const auto keep = [&](std::size_t g, const Together& values) __attribute__((always_inline)) {
    if constexpr (Training)
      each([&](std::size_t k, std::size_t row, std::size_t p)
               __attribute__((always_inline)) { store(gates_of(row) + p * wide + g * lanes, values[k]); });
  };
  const Together i = sigmoid(gate(0));
  keep(0, i);
  const Together g = tanh(gate(2));
  keep(2, g);
  Together c = i * g;
  const Together f = sigmoid(gate(1));
  keep(1, f);
  each([&](std::size_t k, std::size_t row, std::size_t p) __attribute__((always_inline)) {
    c[k] = fma(f[k], load<V>(c_before[row] + p * lanes), c[k]);
    store(c_of(row) + p * lanes, c[k]);
  });
  const Together o = sigmoid(gate(3));
  keep(3, o);
  const Together y = o * tanh(c);
  each([&](std::size_t k, std::size_t row, std::size_t p)
           __attribute__((always_inline)) { store_partial(y_of(row) + p * lanes, y[k], units - p * lanes); });
}

/// Columns of x and h in an LSTM's stretch: its weights for one panel, and those fetched for the next, fit L2
/// beside h.
inline constexpr std::size_t forward_depth = 512;

/// What the loops over steps, panels and tiles (lstm_forward.hpp, lstm_projection.hpp) ask of a cell.
struct LstmCell {
  static constexpr std::size_t input_gates = 4;      ///< vectors of a panel of W_ih
  static constexpr bool has_second_product = false;  ///< no product waits for the gates of all units
  template <class Arch> static constexpr std::size_t rows = tile_rows<Arch>;  ///< of the tallest tile
  /// Columns of a stretch of so many in all.
  static std::size_t stretch(std::size_t /*columns*/) { return forward_depth; }
  /// Where vector `gate` of a panel of W_ih is added in a gate row.
  template <std::size_t Lanes>
  [[gnu::always_inline]] static std::size_t place(const GateShape&, std::size_t panel, std::size_t gate) {
    return (4 * panel + gate) * Lanes;
  }
  template <class T, class Arch, bool Training, std::size_t Rows, std::size_t Panels>
  [[gnu::always_inline]] static void tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                          std::size_t panel, std::size_t next, std::size_t number,
                                          const Stretch& stretch, T* sums) {
    lstm_forward_tile<T, Arch, Training, Rows, Panels>(a, t, first_row, panel, next, number, stretch, sums);
  }
};

}  // namespace detail

}  // namespace kernels

SEQLSTM_NAMESPACE_END
