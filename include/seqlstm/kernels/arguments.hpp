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

/// Sizes of one LSTM direction as kernels store it: panels of so many lanes' hidden units (pack.hpp).
struct GateShape {
  std::size_t input;   ///< I, 0 when tokens are looked up instead of multiplied
  std::size_t hidden;  ///< H
  std::size_t lanes, panel_count;

  [[nodiscard, gnu::always_inline]] std::size_t panels() const { return panel_count; }
  [[nodiscard, gnu::always_inline]] std::size_t padded_hidden() const { return panel_count * lanes; }
  /// One panel's share of a gate row.
  [[nodiscard, gnu::always_inline]] std::size_t panel_row() const { return 4 * lanes; }
  /// Numbers in a row of interleaved gates.
  [[nodiscard, gnu::always_inline]] std::size_t gate_row() const { return panel_count * panel_row(); }

  /// Calls body(packed column, row of the [4H, .] matrix) for every gate of every unit; gates i, f, g, o.
  template <class Body> [[gnu::always_inline]] void for_each_gate(Body&& body) const {
    for (std::size_t u = 0; u < hidden; ++u)
      for (std::size_t g = 0; g < 4; ++g)
        body(u / lanes * panel_row() + g * lanes + u % lanes, g * hidden + u);
  }
};

/// A table of gate rows (W_ih times a vector) and, for each packed token, which row is added to its
/// pre-activations.
template <class T> struct GateLookup {
  const T* table;               ///< [rows][gate_row]; null: no lookup
  const std::int32_t* indices;  ///< [tokens]
};

/// One direction's forward pass. States are [B][padded_hidden] in packed row order, zero behind H. Weights
/// and saved gates are stored as `Stored`.
template <class T, class Stored> struct LstmForwardArguments {
  GateShape shape;
  LayoutView layout;
  bool reverse;
  const T* x;  ///< [tokens] rows of I numbers, ldx apart; null where tokens are looked up
  std::size_t ldx;
  std::array<GateLookup<T>, 2> lookups;
  const Stored* weights_x;  ///< W_ih, packed by columns
  const Stored* weights_h;  ///< W_hh alike
  const T* bias;            ///< pack_bias
  const T* h0;
  const T* c0;
  T* y;  ///< [tokens] rows of H numbers, ldy apart: h of every step
  std::size_t ldy;
  Stored* gates;  ///< training: [tokens][gate_row], i f g o after their functions; else null
  T* c;  ///< training: [tokens][padded_hidden]; inference: [B][padded_hidden], the running state, c0 on entry
  bool projects;  ///< whether inputs of many steps are multiplied at once; not together with lookups
  Stored* room;   ///< scratch memory
};

/// One direction's backward pass: what the forward pass saved, and gradients of its results.
template <class T, class Stored> struct LstmBackwardArguments {
  GateShape shape;
  LayoutView layout;
  bool reverse;
  Stored* gates;  ///< in: gates, out: gradients of the pre-activations; [tokens][gate_row]
  const T* c;     ///< [tokens][padded_hidden]
  const T* c0;    ///< [B][padded_hidden]
  const T* dy;    ///< [tokens] rows of H numbers, lddy apart
  std::size_t lddy;
  const Stored* weights_h;  ///< W_hh, packed by rows
  T* dh;                    ///< [B][padded_hidden] in: gradient of the last h, out: of h0
  T* dc;                    ///< [B][padded_hidden] in: gradient of the last c, out: of c0
  Stored* room;             ///< scratch memory
};

/// What one thread computes of a direction: all steps of some rows and unit panels. Where the panels are not
/// all of them the rows are everybody's, and the team meets in every step.
struct LstmPart {
  Range rows, panels;
  const TeamMember* team;
  std::size_t number;  ///< which part of the room is its own, or its team's

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
};

/// What normalises columns: (x - mean) * inverse * weight.
template <class T> struct ColumnScale {
  const T* mean;
  const T* inverse;  ///< 1 / sqrt(variance + eps)
  const T* weight;
};

/// Functions of single numbers whose derivative is a function of their result.
enum class Activation { sigmoid, tanh, relu };

/// The numbers of one update, after schedules and bias corrections (optim/).
template <class T> struct SgdStep {
  T rate, momentum, decay;
  bool nesterov;
};
template <class T> struct AdamStep {
  T rate, root, keep_mean, new_mean, keep_square, new_square, epsilon, shrink, decay;
};
template <class T> struct RmsPropStep { T rate, keep, fresh, epsilon, decay; };

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

using SEQLSTM_PLAIN::Activation;
using SEQLSTM_PLAIN::AdamStep;
using SEQLSTM_PLAIN::ColumnScale;
using SEQLSTM_PLAIN::GateLookup;
using SEQLSTM_PLAIN::GateShape;
using SEQLSTM_PLAIN::GradientOperand;
using SEQLSTM_PLAIN::LstmBackwardArguments;
using SEQLSTM_PLAIN::LstmForwardArguments;
using SEQLSTM_PLAIN::LstmPart;
using SEQLSTM_PLAIN::RmsPropStep;
using SEQLSTM_PLAIN::SgdStep;

template <class T> [[nodiscard]] constexpr std::size_t ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

/// The packed token before (t, r) in the direction's order, or `none` where the sequence begins.
struct PreviousToken {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  LayoutView layout;
  bool reverse;
  [[nodiscard]] std::size_t operator()(std::size_t t, std::size_t r) const {
    if (!reverse) return t == 0 ? none : layout.offset(t - 1) + r;
    return r < layout.active(t + 1) ? layout.offset(t + 1) + r : none;
  }
};

/// Rows [begin, end) of part `part`: consecutive rows with about the same number of tokens in every part.
inline Range rows_of_part(const LayoutView& layout, std::size_t parts, std::size_t part) {
  const auto cut = [&](std::size_t p) {
    const std::size_t goal = layout.tokens() * p / parts;
    std::size_t row = 0, sum = 0;
    while (row < layout.sequences() && (p == parts || sum + layout.length(row) / 2 < goal))
      sum += layout.length(row++);
    return row;
  };
  return {part == 0 ? 0 : cut(part), cut(part + 1)};
}

/// Packs the sum of two bias vectors [4H] into one gate row.
template <class T> void pack_bias(const GateShape& shape, const T* bias_ih, const T* bias_hh, T* packed) {
  std::fill_n(packed, shape.gate_row(), T(0));
  shape.for_each_gate(
      [&](std::size_t column, std::size_t row) { packed[column] = bias_ih[row] + bias_hh[row]; });
}

/// Unit panels that a range of panels of a backward pass begins at a multiple of: one panel of W_hh.
inline constexpr std::size_t backward_panels = 4;

}  // namespace kernels

SEQLSTM_NAMESPACE_END
