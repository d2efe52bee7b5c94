// The share of pre-activations that does not wait for h, for many tokens at once: bias + x W_ih^T.
//
//   for each panel of hidden units                         its weights are read once for all the tokens
//     for each tile of tokens: the chain of terms that the step would have begun with, stored where the step
//                              takes it up again, so results keep their bits
#pragma once

#include <seqlstm/kernels/lstm_forward_tile.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Tokens that are projected together, at least; a chunk ends with the step that reaches them.
inline constexpr std::size_t projection_tokens = 512;

/// Numbers of room that one part's projection needs outside training.
inline std::size_t projection_size(const GateShape& shape, const LayoutView& layout) {
  return std::min(layout.tokens(), projection_tokens + layout.sequences()) * shape.gate_row();
}

namespace detail {

/// The tokens of the rows [begin, end) in steps [first, last), one after the other.
class TokensOfSteps {
 public:
  TokensOfSteps(const LayoutView& layout, IndexRange steps, IndexRange rows)
      : layout_(&layout), rows_(rows), t_(steps.begin), row_(rows.begin) {
    for (std::size_t t = steps.begin; t < steps.end; ++t) {
      const std::size_t active = std::min(rows.end, layout.active(t));
      count_ += active > rows.begin ? active - rows.begin : 0;
    }
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  std::size_t next() {
    while (row_ >= std::min(rows_.end, layout_->active(t_))) {
      ++t_;
      row_ = rows_.begin;
    }
    return layout_->offset(t_) + row_++;
  }

 private:
  const LayoutView* layout_;
  IndexRange rows_;
  std::size_t t_, row_, count_ = 0;
};

template <class Cell, class T, class Arch, std::size_t Rows>
[[gnu::flatten]] void projection_tile(const LstmForward<T, Arch>& a, TokensOfSteps& tokens, std::size_t panel,
                                      std::size_t next, std::size_t number) {
  using V = Vec<T, Arch>;
  constexpr std::size_t gates = Cell::input_gates, wide = gates * V::size;
  const std::size_t depth = a.shape.input;
  const auto place = [&](std::size_t gate) { return Cell::template place<V::size>(a.shape, panel, gate); };
  std::array<const T*, Rows> x;
  std::array<T*, Rows> row;
  for (std::size_t i = 0; i < Rows; ++i) {
    const std::size_t token = tokens.next();
    x[i] = a.x + token * a.ldx;
    row[i] = a.projected_row(token);
  }
  Tile<V, Rows, gates, gates> tile;
  unrolled<gates>([&](auto j) __attribute__((always_inline)) {
    const V bias = load<V>(a.bias + place(j));
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) { tile.sum[i][j] = bias; });
  });
  const T* here = a.weights_x + panel * depth * wide;
  const T* then = a.weights_x + next * depth * wide;
  tile.multiply(x, 1, 0, depth, here, wide, share_ahead(here, then, depth, wide, number));
  unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
    unrolled<gates>([&](auto j) __attribute__((always_inline)) { store(row[i] + place(j), tile.sum[i][j]); });
  });
}

}  // namespace detail

/// Fills a.projected for the rows in `rows`, units of `panels` and steps [begin, end) in `steps`. Allocates
/// nothing.
template <class Cell, class T, class Arch>
void project_inputs(const LstmForward<T, Arch>& a, IndexRange steps, IndexRange rows, IndexRange panels) {
  const detail::TokensOfSteps all(a.layout, steps, rows);
  for (std::size_t panel = panels.begin; panel < panels.end; ++panel) {
    const std::size_t next = panel + 1 < panels.end ? panel + 1 : panels.begin;
    detail::TokensOfSteps tokens = all;
    std::size_t left = tokens.count(), number = 0;
    while (left > 0) {
      with_height<Cell::template rows<Arch>>(left, [&](auto height) {
        detail::projection_tile<Cell, T, Arch, height>(a, tokens, panel, next, number++);
        left -= height;
      });
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
