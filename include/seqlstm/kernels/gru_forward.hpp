// The GRU's forward pass over a packed ragged batch, one direction (Cho et al. 2014), through the LSTM's
// loops (lstm_forward.hpp).
//
//   tile = bias (+ looked-up rows)          four sums a unit:
//        + x W_ih^T                         n, r, z
//        + h W_hh^T                         r, z, m
//   r = sigmoid(a_r)   n = tanh(a_n + r m)   z = sigmoid(a_z)   h' = n + z (h - n)
//
// The form of the paper multiplies r h by W_hn: a product that waits for r of all units. Its steps compute r
// and z of all panels first, then m = (r h) W_hn^T and n = tanh(a_n + m).
#pragma once

#include <seqlstm/kernels/lstm_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Places of a unit in a gate row, H' apart.
enum GruPlace : std::size_t {
  gru_n,  ///< candidate
  gru_r,  ///< reset gate
  gru_z,  ///< update gate
  gru_m   ///< W_hn h + b_hn; where the reset gate acts before the product, r h
};

namespace detail {

/// Rows of the tallest tile: 24 sums in 32 registers, 12 in 16.
template <class Arch> inline constexpr std::size_t gru_rows = has_32_registers<Arch> ? 8 : 4;

/// Rows sequences from `first_row` on, Panels panels from `panel` on; `number`, `next`, `stretch` and `sums`
/// as in lstm_forward_tile. ResetAfter: to the end of the step; else to r, z, r h and the candidate's terms
/// so far.
template <class T, class Arch, bool ResetAfter, bool Training, std::size_t Rows, std::size_t Panels>
[[gnu::flatten]] void gru_forward_tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                       std::size_t panel, std::size_t next, std::size_t number,
                                       const Stretch& stretch, T* sums) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size, wide = 3 * lanes;
  const std::size_t padded = a.shape.padded_hidden(), unit = panel * lanes, units = a.shape.hidden - unit;
  const PreviousToken previous{a.layout, a.reverse};
  const std::size_t token = a.layout.offset(t) + first_row, input = a.columns_of_x();
  const bool is_first = stretch.begin == 0, is_last = stretch.end == input + a.shape.hidden;

  std::array<const T*, Rows> x, h;
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    const std::size_t before = previous(t, first_row + i);
    x[i] = a.x == nullptr ? nullptr : a.x + (token + i) * a.ldx;
    h[i] = before == PreviousToken::none ? a.h0 + (first_row + i) * padded : a.y + before * a.ldy;
  });
  const auto gates_of = [&](std::size_t row) { return a.step_gates(token + row, first_row + row) + unit; };
  const auto y_of = [&](std::size_t row) { return a.y + (token + row) * a.ldy + unit; };

  // As in the LSTM's tile: what will be stored is fetched while the products run.
  if (Training && is_last)
    unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
      unrolled<4 * Panels>([&](auto j) __attribute__((always_inline)) {
        __builtin_prefetch(gates_of(row) + j % 4 * padded + j / 4 * lanes, 1);
      });
      __builtin_prefetch(y_of(row), 1);
    });

  using Sums = std::array<std::array<V, 4 * Panels>, Rows>;  // [row][panel, place]
  Sums sum;
  const auto each = [](auto&& body) __attribute__((always_inline)) {
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      unrolled<Panels>([&](auto p) __attribute__((always_inline)) { body(i, p); });
    });
  };
  const auto bias = [&](std::size_t p, std::size_t place) __attribute__((always_inline)) {
    return load<V>(a.bias + place * padded + unit + p * lanes);
  };
  const auto waiting = [&](std::size_t i, std::size_t j) { return sums + (i * 4 * Panels + j) * lanes; };
  if (is_first) {
    each([&](auto i, auto p) __attribute__((always_inline)) {
      unrolled<3>([&](auto g) __attribute__((always_inline)) {
        sum[i][4 * p + g] = a.projected == nullptr
                                ? bias(p, g)
                                : load<V>(a.projected_row(token + i) + g * padded + unit + p * lanes);
      });
    });
    for (const auto& lookup : a.lookups) {
      if (lookup.table == nullptr) continue;
      each([&](auto i, auto p) __attribute__((always_inline)) {
        const T* row =
            lookup.table + static_cast<std::size_t>(lookup.indices[token + i]) * a.shape.product_row();
        unrolled<3>([&](auto g) __attribute__((always_inline)) {
          sum[i][4 * p + g] = sum[i][4 * p + g] + load<V>(row + (panel + p) * wide + g * lanes);
          __builtin_prefetch(row + (next + p) * wide + g * lanes, 0, 2);
        });
      });
    }
  } else {
    each([&](auto i, auto p) __attribute__((always_inline)) {
      unrolled<3>([&](auto g)
                      __attribute__((always_inline)) { sum[i][4 * p + g] = load<V>(waiting(i, 4 * p + g)); });
    });
  }

  // Columns [begin, end) of one operand, which has `depth` of them, to Gates places from First on.
  const auto multiply = [&]<std::size_t First, std::size_t Gates>(
      std::index_sequence<First, Gates>, const std::array<const T*, Rows>& rows, const T* weights,
      std::size_t depth, std::size_t begin, std::size_t end) __attribute__((always_inline)) {
    const T* here = weights + (panel * depth + begin) * wide;
    const T* then = end < depth ? here + (end - begin) * wide : weights + next * depth * wide;
    const T* ahead = Panels > 1 ? here : share_ahead(here, then, end - begin, wide, number);
    Tile<V, Rows, Gates * Panels, Gates> tile;
    each([&](auto i, auto p) __attribute__((always_inline)) {
      unrolled<Gates>([&](auto g) __attribute__((always_inline)) {
        tile.sum[i][Gates * p + g] = sum[i][4 * p + First + g];
      });
    });
    tile.multiply(rows, 1, begin, end, here, wide, ahead, depth * wide);
    each([&](auto i, auto p) __attribute__((always_inline)) {
      unrolled<Gates>([&](auto g) __attribute__((always_inline)) {
        sum[i][4 * p + First + g] = tile.sum[i][Gates * p + g];
      });
    });
  };
  if (stretch.begin < input)
    multiply(std::index_sequence<gru_n, 3>(), x, a.weights_x, input, stretch.begin,
             std::min(stretch.end, input));
  // Nothing of x is added to m: its register is taken when h's turn comes.
  each([&](auto i, auto p) __attribute__((always_inline)) {
    sum[i][4 * p + gru_m] = is_first ? bias(p, gru_m) : load<V>(waiting(i, 4 * p + gru_m));
  });
  if (stretch.end > input)
    multiply(std::index_sequence < gru_r, ResetAfter ? 3 : 2 > (), h, a.weights_h, a.shape.hidden,
             std::max(stretch.begin, input) - input, stretch.end - input);
  if (!is_last) {
    each([&](auto i, auto p) __attribute__((always_inline)) {
      unrolled<4>([&](auto g)
                      __attribute__((always_inline)) { store(waiting(i, 4 * p + g), sum[i][4 * p + g]); });
    });
    return;
  }

  // Rows and panels side by side, as in the LSTM's tile.
  using Together = Bundle<V, Rows * Panels>;
  const auto all = [](auto&& body) __attribute__((always_inline)) {
    unrolled<Rows * Panels>([&](auto k) __attribute__((always_inline)) { body(k, k % Rows, k / Rows); });
  };
  const auto gate = [&](std::size_t g) __attribute__((always_inline)) {
    Together values;
    all([&](std::size_t k, std::size_t row, std::size_t p)
            __attribute__((always_inline)) { values[k] = sum[row][4 * p + g]; });
    return values;
  };
  const auto keep = [&](std::size_t g, const Together& values) __attribute__((always_inline)) {
    if constexpr (Training || !ResetAfter)
      all([&](std::size_t k, std::size_t row, std::size_t p)
              __attribute__((always_inline)) { store(gates_of(row) + g * padded + p * lanes, values[k]); });
  };
  const auto h_before = [&](std::size_t row, std::size_t p) __attribute__((always_inline)) {
    return load_partial<V>(h[row] + unit + p * lanes, units - p * lanes);
  };
  const Together r = sigmoid(gate(gru_r));
  keep(gru_r, r);
  if constexpr (ResetAfter) {
    Together n = gate(gru_n);
    const Together m = gate(gru_m);
    keep(gru_m, m);
    all([&](std::size_t k, std::size_t, std::size_t)
            __attribute__((always_inline)) { n[k] = fma(r[k], m[k], n[k]); });
    n = tanh(n);
    keep(gru_n, n);
    const Together z = sigmoid(gate(gru_z));
    keep(gru_z, z);
    all([&](std::size_t k, std::size_t row, std::size_t p) __attribute__((always_inline)) {
      const V y = fma(z[k], h_before(row, p) - n[k], n[k]);
      store_partial(y_of(row) + p * lanes, y, units - p * lanes);
    });
  } else {
    Together reset;
    all([&](std::size_t k, std::size_t row, std::size_t p)
            __attribute__((always_inline)) { reset[k] = r[k] * h_before(row, p); });
    keep(gru_m, reset);
    keep(gru_n, gate(gru_n) + gate(gru_m));
    keep(gru_z, sigmoid(gate(gru_z)));
  }
}

/// The second product of a step whose reset gate acts before it: n, h' of Rows sequences and one panel.
template <class T, class Arch, bool Training, std::size_t Rows>
[[gnu::flatten]] void gru_candidate_tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                         std::size_t panel) {
  using V = Vec<T, Arch>;
  constexpr std::size_t lanes = V::size, wide = 3 * lanes;
  const std::size_t padded = a.shape.padded_hidden(), hidden = a.shape.hidden, unit = panel * lanes;
  const PreviousToken previous{a.layout, a.reverse};
  const std::size_t token = a.layout.offset(t) + first_row;
  std::array<const T*, Rows> reset;
  std::array<T*, Rows> gates;
  Tile<V, Rows, 1> tile;
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    gates[i] = a.step_gates(token + i, first_row + i);
    reset[i] = gates[i] + gru_m * padded;
    tile.sum[i][0] = load<V>(gates[i] + gru_n * padded + unit);
  });
  const T* weights = a.weights_h + panel * hidden * wide + 2 * lanes;
  tile.multiply(reset, 1, 0, hidden, weights, wide, weights);
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    const std::size_t before = previous(t, first_row + i);
    const T* h = before == PreviousToken::none ? a.h0 + (first_row + i) * padded : a.y + before * a.ldy;
    const V n = tanh(tile.sum[i][0]), z = load<V>(gates[i] + gru_z * padded + unit);
    if constexpr (Training) store(gates[i] + gru_n * padded + unit, n);
    const V y = fma(z, load_partial<V>(h + unit, hidden - unit) - n, n);
    store_partial(a.y + (token + i) * a.ldy + unit, y, hidden - unit);
  });
}

/// A GRU among the loops of lstm_forward.hpp.
template <bool ResetAfter> struct GruCell {
  static constexpr std::size_t input_gates = 3;                              ///< vectors of a panel of W_ih
  static constexpr bool has_second_product = !ResetAfter;                    ///< (r h) W_hn^T
  template <class Arch> static constexpr std::size_t rows = gru_rows<Arch>;  ///< of the tallest tile
  /// Columns of a stretch of so many in all: as many bytes as an LSTM's. All are alike, so each fetches all
  /// of the next; of one and a half there is one.
  static std::size_t stretch(std::size_t columns) {
    constexpr std::size_t longest = forward_depth * 4 / 3;
    if (columns <= longest + longest / 2) return columns;
    return ceil_div(columns, ceil_div(columns, longest));
  }
  /// Where vector `gate` of a panel of W_ih is added in a gate row.
  template <std::size_t Lanes>
  [[gnu::always_inline]] static std::size_t place(const GateShape& shape, std::size_t panel,
                                                  std::size_t gate) {
    return gate * shape.padded_hidden() + panel * Lanes;
  }
  template <class T, class Arch, bool Training, std::size_t Rows, std::size_t Panels>
  [[gnu::always_inline]] static void tile(const LstmForward<T, Arch>& a, std::size_t t, std::size_t first_row,
                                          std::size_t panel, std::size_t next, std::size_t number,
                                          const Stretch& stretch, T* sums) {
    gru_forward_tile<T, Arch, ResetAfter, Training, Rows, Panels>(a, t, first_row, panel, next, number,
                                                                  stretch, sums);
  }
  template <class T, class Arch, bool Training>
  static void second_product(const LstmForward<T, Arch>& a, std::size_t t, IndexRange rows,
                             IndexRange panels) {
    for (std::size_t panel = panels.begin; panel < panels.end; ++panel)
      for (std::size_t r = rows.begin; r < rows.end;)
        with_height<rows_of_second<Arch>>(rows.end - r, [&](auto height) {
          gru_candidate_tile<T, Arch, Training, height>(a, t, r, panel);
          r += height;
        });
  }

 private:
  template <class Arch> static constexpr std::size_t rows_of_second = 2 * tile_rows<Arch>;
};

}  // namespace detail

/// Numbers of room that gru_forward needs for so many parts.
template <class T> std::size_t gru_forward_room(const LstmForwardArguments<T, T>& a, std::size_t parts) {
  if (a.gates != nullptr) return 0;
  if (!a.reset_after) return parts * a.layout.sequences() * a.shape.gate_row();
  return a.projects ? parts * projection_size(a.shape, a.layout) : 0;
}

/// Runs all steps of `part`; see lstm_forward. Allocates nothing.
template <class T, class Arch = DefaultArch>
void gru_forward(const LstmForwardArguments<T, T>& arguments, const LstmPart& part) {
  LstmForward<T, Arch> a{arguments};
  if (a.reset_after) return forward_steps<detail::GruCell<true>, T, Arch>(a, part);
  a.projects = false;
  if (a.gates == nullptr) a.gates_of_step = a.room + part.number * a.layout.sequences() * a.shape.gate_row();
  forward_steps<detail::GruCell<false>, T, Arch>(a, part);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
