// Which rows of two packed batches one tap of a convolution, or one place of a pooling's window, brings
// together.
//
// Output step t and input step t * stride + shift are both rows of the same sequences, longest first, so the
// tap joins row r of one step to row r of the other for all r that both have. Where neither step's number of
// rows changes, such blocks lie at even distances:
//
//   for each span of output steps in which both numbers of rows stay the same
//     gaps in neither batch: all its rows are one run, and the next span may go on with it
//
//     few rows, many steps: a run for each sequence, a row of every step
//
//     else: a run for each step
#pragma once

#include <algorithm>
#include <cstddef>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Rows out + j * out_step and in + j * in_step belong together, for j < count.
struct TapRun {
  std::size_t out, out_step, in, in_step, count;

  template <class T> [[nodiscard]] MatrixView<T> rows_of_output(const MatrixView<T>& all) const {
    return {all.row_data(out), count, all.cols(), out_step * all.stride()};
  }
  template <class T> [[nodiscard]] MatrixView<T> rows_of_input(const MatrixView<T>& all) const {
    return {all.row_data(in), count, all.cols(), in_step * all.stride()};
  }
};

/// The pairs of rows of one tap, in runs.
class TapRows {
 public:
  enum class Side { output, input };

  /// The tap reads input step t * stride + shift at output step t. A stride beyond the last step is as good
  /// as any other, and shorter distances cannot overflow.
  TapRows(const PackedLayout& output, const PackedLayout& input, std::size_t stride, std::ptrdiff_t shift)
      : out_(output.view()),
        in_(input.view()),
        stride_(static_cast<std::ptrdiff_t>(std::min(stride, std::max<std::size_t>(1, in_.steps())))),
        shift_(shift) {}

  /// Calls body(run) for the pairs whose row of `side` is in `rows`, every one once.
  template <class Body> void for_each_run(Side side, IndexRange rows, Body&& body) const {
    Joined<Body> joined(body);
    auto [t, end] = output_steps(side, rows);
    while (t < end) {
      const Span span = span_at(t, end - t);
      const std::size_t first = side == Side::output ? span.out : span.in,
                        step = side == Side::output ? span.out_step : span.in_step;
      const std::size_t low = rows.begin > first ? rows.begin - first : 0,
                        high = std::min(span.rows, rows.end - first);
      if (low > 0 || high < span.rows) {  // the first and the last step may be somebody else's in part
        if (low < high) joined.add({span.out + low, 0, span.in + low, 0, high - low, 1});
        ++t;
        continue;
      }
      const std::size_t whole = std::min(span.steps, (rows.end - first - span.rows) / step + 1);
      joined.add({span.out, span.out_step, span.in, span.in_step, span.rows, whole});
      t += whole;
    }
    joined.finish();
  }

 private:
  /// `rows` rows in each of `steps` steps, which begin so many rows apart.
  struct Span {
    std::size_t out, out_step, in, in_step, rows, steps;
    [[nodiscard]] bool gapless() const { return steps == 1 || (out_step == rows && in_step == rows); }
  };
  struct Steps {
    std::size_t begin, end;
  };

  /// Joins spans that continue one another.
  template <class Body> class Joined {
   public:
    explicit Joined(Body& body) : body_(body) {}
    void add(const Span& span) {
      const std::size_t count = span.rows * span.steps;
      if (span.gapless() && span.out == run_.out + run_.count && span.in == run_.in + run_.count) {
        run_.count += count;
        return;
      }
      finish();
      if (span.gapless()) {
        run_ = {span.out, 1, span.in, 1, count};
      } else if (span.rows < few_rows && span.rows < span.steps) {
        for (std::size_t r = 0; r < span.rows; ++r)
          body_(TapRun{span.out + r, span.out_step, span.in + r, span.in_step, span.steps});
      } else {
        for (std::size_t j = 0; j < span.steps; ++j)
          body_(TapRun{span.out + j * span.out_step, 1, span.in + j * span.in_step, 1, span.rows});
      }
    }
    void finish() {
      if (run_.count > 0) body_(run_);
      run_.count = 0;
    }

   private:
    /// From so many rows on a step is a block of its own; the kernels take fewer rows at a time less well
    /// than rows that lie apart.
    static constexpr std::size_t few_rows = 16;
    Body& body_;
    TapRun run_{0, 1, 0, 1, 0};
  };

  /// The span that begins at step t, of `most` steps at most.
  [[nodiscard]] Span span_at(std::size_t t, std::size_t most) const {
    const std::size_t s = input_step(t), out = out_.active(t), in = in_.active(s);
    const auto stride = static_cast<std::size_t>(stride_);
    // A step has the rows of the step before while the shortest of its sequences goes on.
    const std::size_t same_out = out_.length(out - 1) - t,
                      same_in = (in_.length(in - 1) - 1 - s) / stride + 1;
    return {out_.offset(t),    out,
            in_.offset(s),     stride * in,
            std::min(out, in), std::min({most, same_out, same_in})};
  }
  [[nodiscard]] std::size_t input_step(std::size_t t) const {
    return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(t) * stride_ + shift_);
  }
  static std::size_t step_of(const LayoutView& layout, std::size_t row) {
    return static_cast<std::size_t>(std::upper_bound(layout.offsets, layout.offsets + layout.steps(), row) -
                                    layout.offsets - 1);
  }
  /// Output steps that have the tap and rows of `side` in `rows`.
  [[nodiscard]] Steps output_steps(Side side, IndexRange rows) const {
    if (rows.begin >= rows.end || out_.steps() == 0 || in_.steps() == 0) return {0, 0};
    std::size_t out_begin = 0, out_end = out_.steps(), in_begin = 0, in_end = in_.steps();
    std::size_t& begin = side == Side::output ? out_begin : in_begin;
    std::size_t& end = side == Side::output ? out_end : in_end;
    const LayoutView& layout = side == Side::output ? out_ : in_;
    begin = step_of(layout, rows.begin);
    end = step_of(layout, rows.end - 1) + 1;
    return {std::max(out_begin, first_reading(in_begin)), std::min(out_end, first_reading(in_end))};
  }
  /// The first output step whose input step is s or later.
  [[nodiscard]] std::size_t first_reading(std::size_t s) const {
    const std::ptrdiff_t distance = static_cast<std::ptrdiff_t>(s) - shift_;
    return distance <= 0 ? 0 : static_cast<std::size_t>((distance - 1) / stride_ + 1);
  }

  LayoutView out_, in_;
  std::ptrdiff_t stride_, shift_;
};

/// Output step t reads the input steps t * stride + k * dilation - left, for k < taps.
struct TapShape {
  std::size_t taps, stride, dilation, left;

  /// Calls body(tap, run) for the runs of one tap of `which` after the other: those whose row of `side` is in
  /// `rows`.
  template <class Body>
  void for_each_run(const PackedLayout& output, const PackedLayout& input, TapRows::Side side,
                    IndexRange rows, IndexRange which, Body&& body) const {
    for (std::size_t k = which.begin; k < which.end; ++k) {
      const auto shift = static_cast<std::ptrdiff_t>(k * dilation) - static_cast<std::ptrdiff_t>(left);
      TapRows(output, input, stride, shift).for_each_run(side, rows, [&](const TapRun& run) {
        body(k, run);
      });
    }
  }
  /// The same for all taps, block by block, after begin(rows) of a block: what a block and its runs touch
  /// stays in L2 for all taps.
  template <class Begin, class Body>
  void for_each_block(const PackedLayout& output, const PackedLayout& input, TapRows::Side side,
                      IndexRange rows, Begin&& begin, Body&& body) const {
    for (std::size_t first = rows.begin; first < rows.end; first += block_rows) {
      const IndexRange block{first, std::min(rows.end, first + block_rows)};
      begin(block);
      for_each_run(output, input, side, block, {0, taps}, body);
    }
  }

  static constexpr std::size_t block_rows = 512;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
