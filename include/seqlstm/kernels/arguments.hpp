// What kernels are given: plain structs of sizes and pointers, the same for every instruction set.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>

SEQLSTM_PLAIN_NAMESPACE_BEGIN

/// Whose gates the rows of a weight matrix are. A gate row has four places for every unit, and each gate one
/// of them.
enum class Gates : std::uint8_t {
  lstm,        ///< i, f, g, o of W_ih and of W_hh; a panel's places side by side
  gru_input,   ///< r, z, n of a GRU's W_ih: places n, r, z, and one for the recurrent share of n, H' apart
  gru_hidden,  ///< r, z, n of its W_hh: the same places, but n is the last
  gru_input_tiles,  ///< gru_input where a panel's four places are side by side, as tiles and bytes have them
  gru_hidden_tiles  ///< gru_hidden alike
};

/// Sizes of one direction of an LSTM or a GRU as kernels store it: panels of so many lanes' hidden units
/// (pack.hpp).
struct GateShape {
  std::size_t input;   ///< I: columns of W_ih
  std::size_t hidden;  ///< H
  std::size_t lanes,   ///< units in a panel: a vector's lanes, 16 on tiles
      panel_count;     ///< H / lanes, rounded up
  Gates gates;         ///< those of the matrix, W_ih where one shape stands for both

  GateShape() = default;
  /// All sizes, and an LSTM's gates without another word.
  [[gnu::always_inline]] GateShape(std::size_t inputs, std::size_t units, std::size_t units_of_panel,
                                   std::size_t number_of_panels, Gates of = Gates::lstm)
      : input(inputs), hidden(units), lanes(units_of_panel), panel_count(number_of_panels), gates(of) {}

  /// panel_count.
  [[nodiscard, gnu::always_inline]] std::size_t panels() const { return panel_count; }
  /// H': H rounded up to whole panels, the columns of a state.
  [[nodiscard, gnu::always_inline]] std::size_t padded_hidden() const { return panel_count * lanes; }
  /// One panel's share of a gate row.
  [[nodiscard, gnu::always_inline]] std::size_t panel_row() const { return 4 * lanes; }
  /// Numbers in a row of gates.
  [[nodiscard, gnu::always_inline]] std::size_t gate_row() const { return panel_count * panel_row(); }

  /// The shape of W_hh, where this is that of W_ih.
  [[nodiscard, gnu::always_inline]] GateShape of_hidden() const {
    return {input, hidden, lanes, panel_count,
            gates == Gates::gru_input         ? Gates::gru_hidden
            : gates == Gates::gru_input_tiles ? Gates::gru_hidden_tiles
                                              : gates};
  }
  /// Gates of the matrix.
  [[nodiscard, gnu::always_inline]] std::size_t gate_count() const { return gates == Gates::lstm ? 4 : 3; }
  /// Whether a panel's four places are side by side; else a GRU's are H' apart.
  [[nodiscard, gnu::always_inline]] bool side_by_side() const {
    return gates != Gates::gru_input && gates != Gates::gru_hidden;
  }
  /// Numbers in a row of products with the matrix: those of its gates for each unit, panel by panel, and
  /// where places are side by side zeros in the place that is not its own.
  [[nodiscard, gnu::always_inline]] std::size_t product_row() const {
    return (side_by_side() ? 4 : gate_count()) * padded_hidden();
  }
  /// Place of a gate among the matrix's own, which follow one another in a gate row; of tiles among all four.
  [[nodiscard, gnu::always_inline]] std::size_t place(std::size_t gate) const {
    if (gates == Gates::gru_input || gates == Gates::gru_input_tiles) return (gate + 1) % 3;
    return gates == Gates::gru_hidden_tiles ? gate + 1 : gate;
  }
  /// The gate of the matrix with that place; gate_count() where there is none.
  [[nodiscard, gnu::always_inline]] std::size_t gate_at(std::size_t at) const {
    for (std::size_t gate = 0; gate < gate_count(); ++gate)
      if (place(gate) == at) return gate;
    return gate_count();
  }
  /// Where the matrix's gates begin in a gate row.
  [[nodiscard, gnu::always_inline]] std::size_t first_column() const {
    return gates == Gates::gru_hidden ? padded_hidden() : 0;
  }
  /// Columns of a gate row that the matrix has.
  [[nodiscard, gnu::always_inline]] IndexRange columns() const {
    return {first_column(), first_column() + product_row()};
  }
  /// Column of a unit's gate in a gate row.
  [[nodiscard, gnu::always_inline]] std::size_t gate_column(std::size_t gate, std::size_t unit) const {
    if (!side_by_side()) return first_column() + place(gate) * padded_hidden() + unit;
    return unit / lanes * panel_row() + place(gate) * lanes + unit % lanes;
  }
  /// The same in a row of products.
  [[nodiscard, gnu::always_inline]] std::size_t product_column(std::size_t gate, std::size_t unit) const {
    return (unit / lanes * (side_by_side() ? 4 : gate_count()) + place(gate)) * lanes + unit % lanes;
  }

  /// Calls body(column of the gate row, row of the weight matrix) for every gate of every unit.
  template <class Body> [[gnu::always_inline]] void for_each_gate(Body&& body) const {
    for (std::size_t u = 0; u < hidden; ++u)
      for (std::size_t g = 0; g < gate_count(); ++g) body(gate_column(g, u), g * hidden + u);
  }
};

/// A table of products (W_ih times a vector) and, for each packed token, which row is added to its
/// pre-activations.
template <class T> struct GateLookup {
  const T* table;               ///< [rows][product_row]; null: no lookup
  const std::int32_t* indices;  ///< [tokens]
};

/// One direction's forward pass, of an LSTM or of a GRU, which has no c and keeps in `gates` n, r, z and the
/// recurrent share of n (before the reset gate) or r h. States are [B][padded_hidden] in packed row order,
/// zero behind H. Weights and saved gates are stored as `Stored`.
template <class T, class Stored> struct LstmForwardArguments {
  GateShape shape;    ///< sizes of the direction
  LayoutView layout;  ///< which tokens each step has
  bool reverse;       ///< steps run from the last token to the first
  const T* x;         ///< [tokens] rows of I numbers, ldx apart; null where tokens are looked up
  std::size_t ldx;    ///< numbers from one row of x to the next
  std::array<GateLookup<T>, 2> lookups;  ///< rows added to the pre-activations; a null table adds none
  const Stored* weights_x;               ///< W_ih, packed by columns
  const Stored* weights_h;               ///< W_hh alike
  const T* bias;                         ///< pack_bias
  const T* h0;                           ///< [B][padded_hidden]: h before the first step
  const T* c0;      ///< training: [B][padded_hidden], c before the first step; inference: not read
  T* y;             ///< [tokens] rows of H numbers, ldy apart: h of every step
  std::size_t ldy;  ///< numbers from one row of y to the next
  Stored* gates;    ///< training: [tokens][gate_row], i f g o after their functions; else null
  T* c;  ///< training: [tokens][padded_hidden]; inference: [B][padded_hidden], the running state, c0 on entry
  bool projects;     ///< inputs of many steps are multiplied at once; not together with lookups; tiles ignore
                     ///< it, and a GRU that resets first
  Stored* room;      ///< scratch memory, forward_room() numbers
  bool reset_after;  ///< GRU: the reset gate multiplies W_hn h + b_hn, not h before the product
};

/// One direction's backward pass: what the forward pass saved, and gradients of its results. c, c0 and dc are
/// an LSTM's; y, ldy, h0 and reset_after are a GRU's.
template <class T, class Stored> struct LstmBackwardArguments {
  GateShape shape;          ///< sizes of the direction
  LayoutView layout;        ///< which tokens each step has
  bool reverse;             ///< steps run from the last token to the first
  Stored* gates;            ///< in: gates, out: gradients of the pre-activations; [tokens][gate_row]
  const T* c;               ///< [tokens][padded_hidden]
  const T* c0;              ///< [B][padded_hidden]
  const T* dy;              ///< [tokens] rows of H numbers, lddy apart
  std::size_t lddy;         ///< numbers from one row of dy to the next
  const Stored* weights_h;  ///< W_hh, packed by rows
  T* dh;                    ///< [B][padded_hidden] in: gradient of the last h, out: of h0
  T* dc;                    ///< [B][padded_hidden] in: gradient of the last c, out: of c0
  Stored* room;             ///< scratch memory, backward_room() numbers
  const T* y;               ///< [tokens] rows of H numbers, ldy apart
  std::size_t ldy;          ///< numbers from one row of y to the next
  const T* h0;              ///< [B][padded_hidden]
  bool reset_after;         ///< as in the forward pass
};

/// What one thread computes of a direction: all steps of some rows and unit panels. Where the panels are not
/// all of them the rows are everybody's, and the team meets in every step.
struct LstmPart {
  IndexRange rows,  ///< of the batch, in packed row order
      panels;       ///< of units; in a backward pass they begin at a multiple of backward_panels
  /// Threads that share the rows, each with panels of its own; null: no other thread has these rows.
  const TeamMember* team;
  std::size_t number;  ///< which part of the room is its own, or its team's

  /// Waits for the team; returns at once where there is none.
  [[gnu::always_inline]] void meet() const {
    if (team != nullptr) team->wait();
  }
};

/// One factor of the outer products that weight gradients sum, and where their sum goes.
template <class T> struct GradientOperand {
  const T* const* rows;  ///< [tokens]: where the token's numbers begin
  std::size_t columns;   ///< N: how many there are
  T* sum;                ///< sums_size numbers, in vectors' kernels [N][gate_row]
  bool accumulate;       ///< add to `sum`, else overwrite it
  IndexRange columns_of_gates = {0,
                                 static_cast<std::size_t>(-1)};  ///< columns of gate rows it is multiplied by
};

/// What normalises columns: (x - mean) * inverse * weight.
template <class T> struct ColumnScale {
  const T* mean;     ///< [columns]
  const T* inverse;  ///< [columns]: 1 / sqrt(variance + eps)
  const T* weight;   ///< [columns]
};

/// The tokens whose outer products weight gradients sum: all of a batch, or those of some shards of it, whose
/// sums are added up in pairs, neighbours first (ShardTree).
struct GradientTokens {
  std::size_t count = 0;                 ///< of all shards together
  const std::uint32_t* order = nullptr;  ///< [count]: token k's row of gate gradients; null: row k
  std::size_t shards = 1;                ///< a power of two, at most shard_limit
  const std::size_t* ends = nullptr;  ///< [shards]: where each shard ends among the tokens; null: one shard

  static constexpr std::size_t shard_limit = 16;  ///< shards that one call can sum

  /// The tokens of a shard.
  [[nodiscard, gnu::always_inline]] IndexRange of(std::size_t shard) const {
    if (ends == nullptr) return {0, count};
    return {shard == 0 ? 0 : ends[shard - 1], ends[shard]};
  }
};

/// One record of a CTC loss (ctc.hpp). It has a frame, and one for each label and each blank between equal
/// ones.
template <class T> struct CtcRecord {
  static constexpr std::size_t spare = 8;  ///< numbers behind a row of states: lanes of the widest vector

  LayoutView layout;             ///< of the batch
  std::size_t row;               ///< the record: frame t is packed row layout.offset(t) + row
  ConstMatrixView<T> logits;     ///< [tokens, classes]
  const T* log_sums;             ///< [tokens]: log sum exp of each row of the logits
  std::size_t blank;             ///< class of blanks
  const std::int32_t* labels;    ///< [label_count] classes, none of them the blank
  std::size_t label_count;       ///< S
  const std::int32_t* by_class;  ///< [label_count]: places of the labels, sorted by class
  T share;                       ///< of the record in the loss
  MatrixView<T> gradient;  ///< [tokens, classes] in: softmax, out: the gradient; without data: not wanted
  double* room;            ///< scratch memory, room_size() numbers

  /// Numbers in a row of labels, or of blanks.
  [[nodiscard, gnu::always_inline]] std::size_t columns() const {
    return (label_count + spare) / spare * spare;
  }
  /// Numbers of scratch memory.
  [[nodiscard, gnu::always_inline]] std::size_t room_size() const {
    const std::size_t rows = gradient.data() == nullptr ? 2 : layout.length(row);
    return 7 * columns() + 3 * spare + rows * (2 * columns() + spare);
  }
};

/// One step of LSTM cells (lstm_cells.hpp): pre-activations that the products gave, and the cells' own
/// weights.
template <class T> struct LstmCells {
  MatrixView<T> gates;          ///< [rows, 4H] in: pre-activations of i, f, g, o; out: after their functions
  const T* bias;                ///< [4H], added to the pre-activations
  const T* peephole;            ///< [3H]: what i, o and f see of c; null: nothing
  const T* norm_weight;         ///< [H]: c is normalised before h is made of it; null: it is not
  const T* norm_bias;           ///< [H], added to the normalised c
  T eps;                        ///< added to the variance
  ConstMatrixView<T> c_before;  ///< [rows, H]
  MatrixView<T> c;              ///< [rows, H]; may be c_before
  MatrixView<T> output;         ///< [rows, H]: o tanh(c)
};
/// The way back through such a step.
template <class T> struct LstmCellsBackward {
  MatrixView<T> gates;             ///< [rows, 4H] in: gates; out: gradients of their pre-activations
  const T* peephole;               ///< as in the forward pass, alike the next three
  const T* norm_weight;            ///< [H] or null
  const T* norm_bias;              ///< [H] or null
  T eps;                           ///< added to the variance
  ConstMatrixView<T> c_before, c;  ///< [rows, H]
  ConstMatrixView<T> doutput;      ///< [rows, H]: gradient of the output
  MatrixView<T> dc;                ///< [rows, H] in: gradient of c from later steps; out: that of c_before
  MatrixView<T> dnormal;           ///< [rows, H]: gradient of the normalised c, where there is one
  T *mean, *inverse;               ///< [rows]: the moments of c, where it is normalised
};

/// Functions of single numbers whose derivative is a function of their result.
enum class Activation {
  sigmoid,  ///< 1 / (1 + e^-x)
  tanh,     ///< hyperbolic tangent
  relu      ///< max(x, 0)
};

/// The numbers of one update, after schedules and bias corrections (optim/).
template <class T> struct SgdStep {
  T rate,         ///< learning rate
      momentum,   ///< what the buffer keeps of itself
      decay;      ///< weight decay: so much of a weight is added to its gradient
  bool nesterov;  ///< the weight follows gradient + momentum * buffer, not the buffer
};
/// The same for Adam and AdamW (optim/adam.hpp), t counting the updates:
/// w = shrink w - rate mean / (root sqrt(square) + epsilon).
template <class T> struct AdamStep {
  T rate,           ///< learning rate / (1 - beta1^t)
      root,         ///< 1 / sqrt(1 - beta2^t)
      keep_mean,    ///< beta1
      new_mean,     ///< 1 - beta1
      keep_square,  ///< beta2
      new_square,   ///< 1 - beta2
      epsilon,      ///< keeps the quotient finite
      shrink,       ///< AdamW: 1 - learning rate * weight decay; Adam: 1
      decay;        ///< Adam: weight decay, added to the gradient; AdamW: 0
};
/// The same for RMSprop (optim/rmsprop.hpp): w -= rate gradient / (sqrt(square) + epsilon).
template <class T> struct RmsPropStep {
  T rate,       ///< learning rate
      keep,     ///< alpha: what the mean square keeps of itself
      fresh,    ///< 1 - alpha
      epsilon,  ///< keeps the quotient finite
      decay;    ///< weight decay: so much of a weight is added to its gradient
};

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

using SEQLSTM_PLAIN::Activation;
using SEQLSTM_PLAIN::AdamStep;
using SEQLSTM_PLAIN::ColumnScale;
using SEQLSTM_PLAIN::CtcRecord;
using SEQLSTM_PLAIN::GateLookup;
using SEQLSTM_PLAIN::Gates;
using SEQLSTM_PLAIN::GateShape;
using SEQLSTM_PLAIN::GradientOperand;
using SEQLSTM_PLAIN::GradientTokens;
using SEQLSTM_PLAIN::LstmBackwardArguments;
using SEQLSTM_PLAIN::LstmCells;
using SEQLSTM_PLAIN::LstmCellsBackward;
using SEQLSTM_PLAIN::LstmForwardArguments;
using SEQLSTM_PLAIN::LstmPart;
using SEQLSTM_PLAIN::RmsPropStep;
using SEQLSTM_PLAIN::SgdStep;

/// a / b rounded up, for b > 0; a + b must not overflow.
template <class T> [[nodiscard]] constexpr std::size_t ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

/// The packed token before (t, r) in the direction's order, or `none` where the sequence begins.
struct PreviousToken {
  /// No token before: the states are those of h0 and c0.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  LayoutView layout;  ///< of the batch
  bool reverse;       ///< the direction runs from the last token to the first
  /// Packed row of the token before the one of step t and row r, or `none`.
  [[nodiscard]] std::size_t operator()(std::size_t t, std::size_t r) const {
    if (!reverse) return t == 0 ? none : layout.offset(t - 1) + r;
    return r < layout.active(t + 1) ? layout.offset(t + 1) + r : none;
  }
};

/// Rows [begin, end) of part `part`: consecutive rows with about the same number of tokens in every part.
inline IndexRange rows_of_part(const LayoutView& layout, std::size_t parts, std::size_t part) {
  const auto cut = [&](std::size_t p) {
    const std::size_t goal = layout.tokens() * p / parts;
    std::size_t row = 0, sum = 0;
    while (row < layout.sequences() && (p == parts || sum + layout.length(row) / 2 < goal))
      sum += layout.length(row++);
    return row;
  };
  return {part == 0 ? 0 : cut(part), cut(part + 1)};
}

/// Packs two bias vectors of the gates into one gate row, their sum where they share a place.
template <class T> void pack_bias(const GateShape& shape, const T* bias_ih, const T* bias_hh, T* packed) {
  std::fill_n(packed, shape.gate_row(), T(0));
  shape.for_each_gate([&](std::size_t column, std::size_t row) { packed[column] = bias_ih[row]; });
  shape.of_hidden().for_each_gate(
      [&](std::size_t column, std::size_t row) { packed[column] += bias_hh[row]; });
}

/// Unit panels that a range of panels of a backward pass begins at a multiple of: one panel of W_hh.
inline constexpr std::size_t backward_panels = 4;

}  // namespace kernels

SEQLSTM_NAMESPACE_END
