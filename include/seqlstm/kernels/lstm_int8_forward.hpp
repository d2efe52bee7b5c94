// The LSTM's forward pass with int8 factors, one direction, for inference: lstm_forward.hpp on bytes.
//
//   for each step t in the direction's order             threads share rows or panels, as there
//     quantise x and h of the active rows, each by itself
//     for each panel of 16 hidden units                  its weights serve all rows
//       for each block of 32 rows: int32 sums of x W_ih^T and of h W_hh^T
//         bias (+ looked-up rows) + scales * sums; the gate functions, c and h
//
// x and h have a scale each: h is below 1, x is what it is.
#pragma once

#include <seqlstm/kernels/byte_gemm.hpp>
#include <seqlstm/kernels/gru_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Sizes of an LSTM direction in bytes' blocks: panels of 16 units, a gate a vector.
using ByteGateShape = PanelShape<byte_side>;

namespace detail {

/// How one part's share of the scratch memory is laid out, in bytes: whole sixteens of rows.
struct ByteForwardRoom {
  std::size_t rows, x_stride, h_stride;

  ByteForwardRoom(const GateShape& shape, std::size_t batch, bool has_x)
      : rows(ceil_div(batch, byte_side) * byte_side),
        x_stride(has_x ? byte_stride(shape.input) : 0),
        h_stride(byte_stride(shape.hidden)) {}
  [[nodiscard]] static std::size_t sums() { return byte_rows * byte_columns; }  // of one factor
  [[nodiscard]] std::size_t size() const {
    return rows * (x_stride + h_stride + 2 * sizeof(float)) + 2 * sums() * sizeof(std::int32_t) + byte_line;
  }
};

/// Of an LSTM, or of a GRU (gru_int8_forward.hpp): the gate functions tell them apart.
template <class Arch, class Products, bool Gru> class ForwardBytePart {
 public:
  ForwardBytePart(const LstmForwardArguments<float, std::int8_t>& arguments, const LstmPart& part,
                  Products& products)
      : a_(arguments),
        part_(part),
        products_(products),
        room_(a_.shape, a_.layout.sequences(), a_.x != nullptr) {
    const std::size_t number = part.team != nullptr ? part.team->number() : part.number;
    const std::size_t size = ceil_div(room_.size(), byte_line) * byte_line;
    auto* own = reinterpret_cast<std::uint8_t*>(a_.room + number * size);
    inputs_ = own;
    states_ = inputs_ + room_.rows * room_.x_stride;
    sums_x_ = reinterpret_cast<std::int32_t*>(states_ + room_.rows * room_.h_stride);
    sums_h_ = sums_x_ + ByteForwardRoom::sums();
    scales_x_ = reinterpret_cast<float*>(sums_h_ + ByteForwardRoom::sums());
    scales_h_ = scales_x_ + room_.rows;
  }

  void run() {
    const IndexRange rows = part_.rows;
    const std::size_t steps = a_.layout.steps();
    for (std::size_t s = 0; s < steps; ++s) {
      const std::size_t t = a_.reverse ? steps - 1 - s : s;
      const std::size_t end = std::min(rows.end, a_.layout.active(t));
      if (end <= rows.begin) continue;
      step(t, end - rows.begin);
      part_.meet();
    }
  }

 private:
  using V = Vec<float, Arch>;
  static constexpr std::size_t lanes = V::size, side = byte_side, wide = byte_columns;
  static constexpr std::size_t together = 4;  // rows whose gate functions are computed side by side

  /// One step of the first `rows` rows of the part.
  void step(std::size_t t, std::size_t rows) {
    t_ = t;
    token_ = a_.layout.offset(t) + part_.rows.begin;
    quantize(rows);
    for (std::size_t panel = part_.panels.begin; panel < part_.panels.end; ++panel)
      for (std::size_t r = 0; r < rows; r += byte_rows) block(panel, r, std::min(byte_rows, rows - r));
  }
  void quantize(std::size_t rows) {
    for (std::size_t r = 0; r < rows; ++r) {
      scales_h_[r] =
          quantize_row<Arch>(before_of(part_.rows.begin + r), a_.shape.hidden, states_ + r * room_.h_stride);
      if (a_.x == nullptr) continue;
      scales_x_[r] =
          quantize_row<Arch>(a_.x + (token_ + r) * a_.ldx, a_.shape.input, inputs_ + r * room_.x_stride);
    }
  }

  static ByteBlock panel_of(const std::int8_t* weights, std::size_t terms, std::size_t panel) {
    return {terms, 4, weights + panel * ByteBlock::size(terms, 4)};
  }
  /// A panel for up to 32 rows.
  void block(std::size_t panel, std::size_t first, std::size_t rows) {
    const ByteBlock of_h = panel_of(a_.weights_h, a_.shape.hidden, panel);
    products_.multiply(states_ + first * room_.h_stride, room_.h_stride, rows, of_h, of_h.corrections(),
                       sums_h_);
    if (a_.x == nullptr) return finish(panel, first, rows, of_h, of_h);
    const ByteBlock of_x = panel_of(a_.weights_x, a_.shape.input, panel);
    products_.multiply(inputs_ + first * room_.x_stride, room_.x_stride, rows, of_x, of_x.corrections(),
                       sums_x_);
    finish(panel, first, rows, of_x, of_h);
  }
  void finish(std::size_t panel, std::size_t first, std::size_t rows, const ByteBlock& of_x,
              const ByteBlock& of_h) {
    for (std::size_t unit = 0; unit < side; unit += lanes) {
      const Columns columns{panel, unit, of_x.scales() + unit, of_h.scales() + unit};
      std::size_t r = 0;
      for (; r + together <= rows; r += together) units<together>(columns, first, r);
      for (; r < rows; ++r) units<1>(columns, first, r);
    }
  }

  /// A vector's units of a panel, and the scales of their weights, gate after gate.
  struct Columns {
    std::size_t panel, unit;
    const float *scales_x, *scales_h;
  };
  /// The step's end of Rows rows from block row `row` on.
  template <std::size_t Rows>
  [[gnu::flatten]] void units(const Columns& columns, std::size_t first, std::size_t row) {
    if constexpr (Gru) {
      gru_states<Rows>(columns, first, row);
    } else {
      cells<Rows>(columns, first, row);
    }
  }
  /// c = f c' + i g, h = o tanh(c).
  template <std::size_t Rows>
  [[gnu::always_inline]] void cells(const Columns& columns, std::size_t first, std::size_t row) {
    const auto i = RoughFunctions::sigmoid(completed<Rows>(columns, 0, first, row));
    const auto f = RoughFunctions::keep(completed<Rows>(columns, 1, first, row));
    const auto g = RoughFunctions::tanh(completed<Rows>(columns, 2, first, row));
    const auto o = RoughFunctions::sigmoid(completed<Rows>(columns, 3, first, row));
    const std::size_t padded = a_.shape.padded_hidden(), unit = columns.panel * side + columns.unit;
    float* c_row = a_.c + (part_.rows.begin + first + row) * padded + unit;
    Bundle<V, Rows> c;
    unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
      c[k] = fma(f[k], load<V>(c_row + k * padded), i[k] * g[k]);
      store(c_row + k * padded, c[k]);
    });
    store_h<Rows>(first + row, unit, o * RoughFunctions::tanh(c));
  }
  /// h = n + z (h' - n), n = tanh(x's share + r m).
  template <std::size_t Rows>
  [[gnu::always_inline]] void gru_states(const Columns& columns, std::size_t first, std::size_t row) {
    const std::size_t unit = columns.panel * side + columns.unit, hidden = a_.shape.hidden;
    const auto r = RoughFunctions::sigmoid(completed<Rows>(columns, gru_r, first, row));
    const auto z = RoughFunctions::keep(completed<Rows>(columns, gru_z, first, row));
    const auto m = completed<Rows>(columns, gru_m, first, row);
    Bundle<V, Rows> n = completed<Rows>(columns, gru_n, first, row);
    unrolled<Rows>([&](auto k) __attribute__((always_inline)) { n[k] = fma(r[k], m[k], n[k]); });
    n = RoughFunctions::tanh(n);
    if (unit >= hidden) return;
    Bundle<V, Rows> h;
    unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
      const V before = load_partial<V>(before_of(part_.rows.begin + first + row + k) + unit, hidden - unit);
      h[k] = fma(z[k], before - n[k], n[k]);
    });
    store_h<Rows>(first + row, unit, h);
  }
  template <std::size_t Rows>
  [[gnu::always_inline]] void store_h(std::size_t row, std::size_t unit, const Bundle<V, Rows>& h) {
    if (unit >= a_.shape.hidden) return;
    float* y = a_.y + (token_ + row) * a_.ldy + unit;
    unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
      store_partial(y + k * a_.ldy, h[k], a_.shape.hidden - unit);
    });
  }
  /// h of a row before this step.
  [[nodiscard]] const float* before_of(std::size_t row) const {
    const std::size_t before = PreviousToken{a_.layout, a_.reverse}(t_, row);
    return before == PreviousToken::none ? a_.h0 + row * a_.shape.padded_hidden() : a_.y + before * a_.ldy;
  }
  /// A gate's pre-activations. Of units behind H they are zero whatever x is.
  template <std::size_t Rows>
  [[gnu::always_inline]] Bundle<V, Rows> completed(const Columns& columns, std::size_t gate,
                                                   std::size_t first, std::size_t row) const {
    const std::size_t place = gate * side, column = columns.panel * wide + place + columns.unit,
                      token = token_ + first + row;
    const V bias = load<V>(a_.bias + column);
    Bundle<V, Rows> all;
    const auto add = [&](const std::int32_t* sums, const float* scales, const float* of_rows)
        __attribute__((always_inline)) {
      const V scale = load<V>(scales + place);
      unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
        const V sum = integers_as<V>(sums + (row + k) * wide + place + columns.unit);
        all[k] = fma(sum, scale * V(of_rows[first + row + k]), all[k]);
      });
    };
    unrolled<Rows>([&](auto k) __attribute__((always_inline)) { all[k] = bias; });
    for (const auto& lookup : a_.lookups)
      if (lookup.table != nullptr)
        unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
          const auto slot = static_cast<std::size_t>(lookup.indices[token + k]);
          all[k] = all[k] + load<V>(lookup.table + slot * a_.shape.gate_row() + column);
        });
    // A GRU's W_ih has nothing for m, and its W_hh nothing for n.
    if (a_.x != nullptr && !(Gru && gate == gru_m)) add(sums_x_, columns.scales_x, scales_x_);
    if (!(Gru && gate == gru_n)) add(sums_h_, columns.scales_h, scales_h_);
    const std::size_t unit = columns.panel * side + columns.unit;
    if (unit + lanes > a_.shape.hidden)
      unrolled<Rows>([&](auto k) __attribute__((always_inline)) {
        all[k] = keep_first(all[k], a_.shape.hidden - std::min(unit, a_.shape.hidden));
      });
    return all;
  }

  const LstmForwardArguments<float, std::int8_t>& a_;
  const LstmPart& part_;
  Products& products_;
  ByteForwardRoom room_;
  std::uint8_t *inputs_, *states_;
  std::int32_t *sums_x_, *sums_h_;
  float *scales_x_, *scales_h_;
  std::size_t t_ = 0, token_ = 0;  // of this step; the token of the part's first row
};

}  // namespace detail

/// Bytes of scratch memory for `parts` parts.
inline std::size_t lstm_int8_forward_scratch(const GateShape& shape, std::size_t batch, std::size_t parts,
                                             bool has_x) {
  const std::size_t size = detail::ByteForwardRoom(shape, batch, has_x).size();
  return parts * ceil_div(size, byte_line) * byte_line;
}

/// Runs all steps of `part`, in inference. A row's result does not depend on the other rows. Allocates
/// nothing.
template <class Arch = DefaultArch>
void lstm_forward(const LstmForwardArguments<float, std::int8_t>& a, const LstmPart& part) {
  with_byte_products([&](auto& products) {
    detail::ForwardBytePart<Arch, std::remove_reference_t<decltype(products)>, false>(a, part, products)
        .run();
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
