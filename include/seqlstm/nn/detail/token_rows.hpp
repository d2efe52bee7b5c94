// The tokens of a recurrent layer whose weight gradients are summed together, and what their sums are made
// of.
#pragma once

#include <array>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/row_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Rows that W_hh is multiplied by: h before every token, and r h where W_hn has that instead, else null.
template <Scalar T> struct HiddenFactors {
  const T* const* h = nullptr;
  const T* const* reset = nullptr;
};

/// Rows of a table that tokens look up.
template <Scalar T> struct LookedUp {
  DistinctRows<T> distinct;           // of each shard after the other
  kernels::GradientTokens rows = {};  // these, as what weight gradients sum
  EqualRows equal = {};               // of several shards
};

/// All tokens of a batch, or those of some shards, one shard after the other. Gate gradients stay where they
/// are.
template <Scalar T, class Stored> struct TokenRows {
  kernels::GradientTokens tokens;
  std::array<const Stored*, 2> gates{};  // gradients of each direction: rows [gate_row]
  std::array<HiddenFactors<T>, 2> previous{};
  const T* const* x = nullptr;  // null for lookups
  std::array<LookedUp<T>, 2> lookups{};

  /// Those of the shards that `own` hands out.
  [[nodiscard]] TokenRows of_shards(Arena& arena, GatheredRows<T>& own) const {
    const std::span<const std::size_t> ends = own.ends();
    TokenRows part;
    part.tokens = {own.size(), own.numbers().data(), ends.size(), ends.data()};
    part.gates = gates;
    if (x != nullptr) part.x = own(x);
    for (std::size_t d = 0; d < 2; ++d) {
      if (previous[d].h != nullptr) part.previous[d].h = own(previous[d].h);
      if (previous[d].reset != nullptr) part.previous[d].reset = own(previous[d].reset);
    }
    for (std::size_t s = 0; s < 2; ++s) {
      if (lookups[s].distinct.rows == nullptr) continue;
      auto* row_ends = arena.allocate<std::size_t>(ends.size());
      LookedUp<T>& lookup = part.lookups[s];
      lookup.distinct = distinct_parts(arena, lookups[s].distinct,
                                       own(std::as_const(lookups[s].distinct.indices)), ends, row_ends);
      lookup.rows = {lookup.distinct.count, nullptr, ends.size(), row_ends};
      lookup.equal = EqualRows::find(arena, lookup.distinct.rows, {row_ends, ends.size()});
    }
    return part;
  }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
