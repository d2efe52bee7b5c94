// Definitions of pool1d.hpp.
#pragma once

#include <cstdint>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/tap_runs.hpp>
#include <seqlstm/nn/pool1d.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE WindowPooling::WindowPooling(const char* kind, Pool1dOptions options)
    : name(options.name), kind_(kind), options_(std::move(options)) {
  if (options_.kernel == 0)
    throw option_error(title(kind, name) + ": the kernel is 0, expected at least one token");
  if (options_.stride == 0) options_.stride = options_.kernel;
}

SEQLSTM_INLINE std::size_t WindowPooling::output_length(std::size_t tokens) const {
  const auto& o = options_;
  if (tokens < o.kernel) return o.ceil_mode && tokens > 0 ? 1 : 0;
  const std::size_t behind = tokens - o.kernel, whole = behind / o.stride + 1;
  const bool is_left = o.ceil_mode && behind % o.stride != 0 && whole * o.stride < tokens;
  return whole + (is_left ? 1 : 0);
}

SEQLSTM_INLINE void WindowPooling::check_lengths(const PackedLayout& input) const {
  for (std::size_t r = 0; !options_.ceil_mode && r < input.sequences() && input.length(r) > 0; ++r)
    if (input.length(r) < options_.kernel)
      throw shape_error(title(kind_, name) + ": record " + std::to_string(input.record(r)) + " has " +
                        std::to_string(input.length(r)) + " steps, a kernel of " +
                        std::to_string(options_.kernel) +
                        " needs as many; leave shorter records out or set ceil_mode");
}

/// Which steps a window reads; those behind the longest sequence nobody has.
inline TapShape window_shape(const Pool1dOptions& options, const PackedLayout& input) {
  return {std::min(options.kernel, input.steps()), options.stride, 1, 0};
}

/// Adds what every window sends back to dx: add(place in the window, run, dx) for all runs; threads split the
/// steps of x.
template <Scalar T, class Add>
void add_from_windows(const SeqVar<T>& x, const PackedLayout& windows, const TapShape& shape, Add&& add) {
  const auto dx = x.tape().gradient_destination(x);
  for_parts(x.rows(), 1, x.value().size() * shape.taps / shape.stride, [&](IndexRange own) {
    shape.for_each_block(
        windows, *x.layout(), TapRows::Side::input, own,
        [&](IndexRange rows) {
          if (!dx.accumulate)
            std::fill_n(dx.gradient.row_data(rows.begin), (rows.end - rows.begin) * x.cols(), T(0));
        },
        [&](std::size_t place, const TapRun& run) { add(place, run, run.rows_of_input(dx.gradient)); });
  });
}

template <Scalar T>
SeqVar<T> max_pool1d(const SeqVar<T>& x, const PackedLayout& windows, const Pool1dOptions& options) {
  const TapShape shape = window_shape(options, *x.layout());
  SeqVar<T> y = x.tape().make_sequence(windows, x.cols(), x.needs_gradient());
  const MatrixView<T> largest = y.node()->value;
  const auto places =  // of the maxima in their windows
      x.tape().arena().template matrix<std::uint32_t>(largest.rows(), largest.cols());
  for_parts(largest.rows(), 1, largest.size() * shape.taps, [&](IndexRange own) {
    shape.for_each_block(
        windows, *x.layout(), TapRows::Side::output, own, [](IndexRange) {},
        [&](std::size_t k, const TapRun& run) {
          const auto here = run.rows_of_input(x.value());
          const auto best = run.rows_of_output(largest);
          const auto where = run.rows_of_output(places);
          const auto place = static_cast<std::uint32_t>(k);
          for (std::size_t r = 0; r < run.count; ++r)
            for (std::size_t c = 0; c < best.cols(); ++c) {
              const T v = here(r, c), old = best(r, c);
              const bool larger = k == 0 || v > old || (v != v && old == old);
              best(r, c) = larger ? v : old;
              where(r, c) = larger ? place : where(r, c);
            }
        });
  });
  x.tape().record(y, [x, windows_ = &windows, shape, places](ConstMatrixView<T> dy) {
    add_from_windows(x, *windows_, shape, [&](std::size_t k, const TapRun& run, MatrixView<T> dx) {
      const auto from = run.rows_of_output(dy);
      const auto where = run.rows_of_output(places);
      const auto place = static_cast<std::uint32_t>(k);
      for (std::size_t r = 0; r < run.count; ++r)
        for (std::size_t c = 0; c < dx.cols(); ++c) {
          const T old = dx(r, c), sum = old + from(r, c);
          dx(r, c) = where(r, c) == place ? sum : old;
        }
    });
  });
  return y;
}

template <Scalar T>
SeqVar<T> avg_pool1d(const SeqVar<T>& x, const PackedLayout& windows, const Pool1dOptions& options) {
  const TapShape shape = window_shape(options, *x.layout());
  SeqVar<T> y = x.tape().make_sequence(windows, x.cols(), x.needs_gradient());
  const MatrixView<T> means = y.node()->value;
  T* counts = x.tape().arena().template allocate_zero<T>(means.rows());
  const auto divide = [](ConstMatrixView<T> sum, T count, MatrixView<T> mean) {
    for (std::size_t c = 0; c < mean.cols(); ++c) mean(0, c) = sum(0, c) / count;
  };
  for_parts(means.rows(), 1, means.size() * shape.taps, [&](IndexRange own) {
    shape.for_each_block(
        windows, *x.layout(), TapRows::Side::output, own,
        [&](IndexRange rows) {
          std::fill_n(means.row_data(rows.begin), (rows.end - rows.begin) * means.cols(), T(0));
        },
        [&](std::size_t, const TapRun& run) {
          const auto sum = run.rows_of_output(means);
          Kernels<T>::add(sum, run.rows_of_input(x.value()), sum);
          for (std::size_t r = 0; r < run.count; ++r) counts[run.out + r * run.out_step] += T(1);
        });
    for (std::size_t r = own.begin; r < own.end; ++r)
      divide(means.row_range(r, 1), counts[r], means.row_range(r, 1));
  });
  x.tape().record(y, [x, windows_ = &windows, shape, counts, divide](ConstMatrixView<T> dy) {
    const auto shares = x.tape().arena().template matrix<T>(dy.rows(), dy.cols());
    for_parts(dy.rows(), 1, dy.size(), [&](IndexRange own) {
      for (std::size_t r = own.begin; r < own.end; ++r)
        divide(dy.row_range(r, 1), counts[r], shares.row_range(r, 1));
    });
    add_from_windows(x, *windows_, shape, [&](std::size_t, const TapRun& run, MatrixView<T> dx) {
      Kernels<T>::add(dx, run.rows_of_output(shares), dx);
    });
  });
  return y;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                             \
  template SeqVar<T> detail::max_pool1d(const SeqVar<T>& x, const PackedLayout& windows, \
                                        const Pool1dOptions& options);                   \
  template SeqVar<T> detail::avg_pool1d(const SeqVar<T>& x, const PackedLayout& windows, \
                                        const Pool1dOptions& options);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
