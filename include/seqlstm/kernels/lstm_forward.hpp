// The LSTM's forward pass over a packed ragged batch, one direction (Hochreiter and Schmidhuber 1997; Gers et
// al. 2000).
//
//   for each chunk of steps: bias + x W_ih^T of its tokens, where that pays (lstm_projection.hpp)
//   for each step t in the direction's order             a thread runs all steps of its own rows; or all
//                                                        threads meet behind every step, each with its panels
//     for each panel of W hidden units                   weights of a panel are contiguous
//       for each stretch of their columns                as much as the cache keeps: one, but for wide layers
//         for each tile of active rows                   lstm_forward_tile.hpp
//
// One or two active rows are taken with several panels at once. A Cell is what the tiles belong to: LstmCell,
// or one of gru_forward.hpp, which runs through the same loops.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/lstm_projection.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail {

/// Rows that one tile of several panels takes: few rows leave registers free, and sums must be many to hide
/// each other's latency.
template <class Arch> inline constexpr std::size_t few_rows = has_32_registers<Arch> ? 2 : 1;
/// Panels such a tile spans.
template <class Arch> constexpr std::size_t tile_panels(std::size_t rows) {
  return 2 * few_rows<Arch> / rows;
}

/// The tiles of one step, of the rows in `rows`. Training: whether gates and c are kept.
template <class Cell, class T, class Arch, bool Training> class ForwardStep {
 public:
  ForwardStep(const LstmForward<T, Arch>& arguments, std::size_t t, IndexRange rows, IndexRange panels)
      : a_(arguments),
        t_(t),
        rows_(rows),
        panels_(panels),
        depth_(arguments.columns_of_x() + arguments.shape.hidden) {}

  void run() const {
    const std::size_t panels = panels_.end;
    std::size_t panel = panels_.begin;
    if (rows_.end - rows_.begin <= few_rows<Arch>)
      with_height<few_rows<Arch>>(rows_.end - rows_.begin, [&](auto height) {
        constexpr std::size_t group = tile_panels<Arch>(height);
        for (; panel + group <= panels; panel += group)
          Cell::template tile<T, Arch, Training, height, group>(a_, t_, rows_.begin, panel, panel, 0, whole(),
                                                                nullptr);
      });
    for (; panel < panels; ++panel) {
      const std::size_t size = Cell::stretch(depth_);
      if (depth_ <= size + size / 2) {
        tiles(panel, rows_, whole(), nullptr);
      } else {
        in_stretches(panel, size);
      }
    }
  }

 private:
  [[nodiscard]] Stretch whole() const { return {0, depth_}; }

  /// All tiles of one panel.
  void tiles(std::size_t panel, IndexRange rows, const Stretch& stretch, T* sums) const {
    constexpr std::size_t wide = LstmShape<T, Arch>::wide;
    const std::size_t next = panel + 1 < panels_.end ? panel + 1 : panels_.begin;
    std::size_t r = rows.begin, number = 0;
    while (r < rows.end) {
      with_height<Cell::template rows<Arch>>(rows.end - r, [&](auto height) {
        T* own = sums == nullptr ? nullptr : sums + (r - rows.begin) * wide;
        Cell::template tile<T, Arch, Training, height, 1>(a_, t_, r, panel, next, number++, stretch, own);
        r += height;
      });
    }
  }
  /// The same with weights that the cache does not keep from tile to tile: stretch by stretch.
  void in_stretches(std::size_t panel, std::size_t size) const {
    constexpr std::size_t waiting = 66;  // rows whose sums wait, in L1
    alignas(cache_line) T sums[waiting * LstmShape<T, Arch>::wide];
    for (std::size_t first = rows_.begin; first < rows_.end; first += waiting) {
      const IndexRange rows{first, std::min(rows_.end, first + waiting)};
      for (std::size_t begin = 0; begin < depth_; begin += size)
        tiles(panel, rows, {begin, std::min(depth_, begin + size)}, sums);
    }
  }

  const LstmForward<T, Arch>& a_;
  std::size_t t_;
  IndexRange rows_, panels_;
  std::size_t depth_;  // columns of x and h
};

/// Steps [s, end), counted in the direction's order, whose inputs are projected together.
template <class T, class Arch> std::size_t chunk_end(const LstmForward<T, Arch>& a, std::size_t s) {
  const std::size_t steps = a.layout.steps();
  if (a.projected == nullptr) return steps;
  std::size_t tokens = 0;
  while (s < steps && tokens < projection_tokens) {
    tokens += a.layout.active(a.reverse ? steps - 1 - s : s);
    ++s;
  }
  return s;
}

}  // namespace detail

/// Runs all steps of `part`. A row's result does not depend on the other rows. Allocates nothing.
template <class Cell, class T, class Arch> void forward_steps(LstmForward<T, Arch> a, const LstmPart& part) {
  const std::size_t steps = a.layout.steps();
  const bool in_gates = a.gates != nullptr;
  if (a.projects)
    a.projected = in_gates ? a.gates : a.room + part.number * projection_size(a.shape, a.layout);
  const auto run_step = [&]<bool Training>(std::bool_constant<Training>, std::size_t t, IndexRange active) {
    detail::ForwardStep<Cell, T, Arch, Training>(a, t, active, part.panels).run();
    if constexpr (Cell::has_second_product) {
      part.meet();
      Cell::template second_product<T, Arch, Training>(a, t, active, part.panels);
    }
  };
  for (std::size_t s = 0; s < steps;) {
    const std::size_t end = detail::chunk_end(a, s);
    if (a.projected != nullptr) {
      const IndexRange chunk = a.reverse ? IndexRange{steps - end, steps - s} : IndexRange{s, end};
      a.first_projected = in_gates ? 0 : a.layout.offset(chunk.begin);
      project_inputs<Cell>(a, chunk, part.rows, part.panels);
    }
    for (; s < end; ++s) {
      const std::size_t t = a.reverse ? steps - 1 - s : s;
      const IndexRange active{part.rows.begin, std::min(part.rows.end, a.layout.active(t))};
      if (active.end <= active.begin) continue;
      if (a.gates != nullptr) {
        run_step(std::true_type(), t, active);
      } else {
        run_step(std::false_type(), t, active);
      }
      part.meet();
    }
  }
}

/// The LSTM's.
template <class T, class Arch = DefaultArch>
void lstm_forward(const LstmForwardArguments<T, T>& arguments, const LstmPart& part) {
  forward_steps<detail::LstmCell, T, Arch>({arguments}, part);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
