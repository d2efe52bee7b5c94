// Definitions of pooling.hpp.
#pragma once

#include <cstdint>
#include <seqlstm/nn/pooling.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> Var<T> pooled(const SeqVar<T>& x, std::size_t widths) {
  Var<T> out = x.tape().make(x.layout()->sequences(), widths * x.cols(), x.needs_gradient(), x.layout());
  std::fill_n(out.node()->value.data(), out.rows() * out.cols(), T(0));
  return out;
}

}  // namespace detail

template <Scalar T> Var<T> last(const SeqVar<T>& x) {
  Var<T> out = detail::pooled(x);
  const PackedLayout& layout = *x.layout();
  const std::size_t forward = x.reverse_from(), reverse = x.cols() - forward;
  const auto ends = [&layout](std::size_t r, std::size_t length) { return layout.offset(length - 1) + r; };
  detail::for_each_sequence(layout, 1, [&](std::size_t index, std::size_t r, std::size_t length) {
    if (length == 0) return;
    T* row = out.node()->value.row_data(index);
    std::copy_n(x.value().row_data(ends(r, length)), forward, row);
    std::copy_n(x.value().row_data(r) + forward, reverse, row + forward);
  });
  x.tape().record(out, [x, forward, reverse](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    const PackedLayout& packed = *x.layout();
    detail::for_each_sequence(packed, 1, [&](std::size_t index, std::size_t r, std::size_t length) {
      if (length == 0) return;
      const auto row = detail::one_row(dy, index);
      const auto end = detail::one_row(dx, packed.offset(length - 1) + r), start = detail::one_row(dx, r);
      detail::Kernels<T>::add(end.columns(0, forward), row.columns(0, forward), end.columns(0, forward));
      detail::Kernels<T>::add(start.columns(forward, reverse), row.columns(forward, reverse),
                              start.columns(forward, reverse));
    });
  });
  return out;
}

template <Scalar T> Var<T> adaptive_mean(const SeqVar<T>& x, std::size_t bins) {
  if (bins == 0) throw option_error("adaptive_mean: no bins, expected at least one");
  Var<T> out = detail::pooled(x, bins);
  // body(tokens, how many, the bin's columns of the sequence's row) for every bin that has tokens
  const auto for_each_bin = [bins, cols = x.cols()](const auto& row, std::size_t length, auto&& body) {
    for (std::size_t k = 0; length > 0 && k < bins; ++k) {
      const IndexRange tokens{k * length / bins, ((k + 1) * length + bins - 1) / bins};
      body(tokens, static_cast<T>(tokens.end - tokens.begin), row.columns(k * cols, cols));
    }
  };
  detail::for_each_sequence(*x.layout(), x.cols(), [&](std::size_t index, std::size_t r, std::size_t length) {
    for_each_bin(detail::one_row(out.node()->value, index), length,
                 [&](IndexRange tokens, T count, const MatrixView<T>& mean) {
                   for (std::size_t t = tokens.begin; t < tokens.end; ++t)
                     detail::Kernels<T>::add(mean, detail::one_row(x.value(), x.layout()->offset(t) + r),
                                             mean);
                   for (auto& v : mean.row(0)) v /= count;
                 });
  });
  x.tape().record(out, [x, for_each_bin](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    detail::for_each_sequence(
        *x.layout(), x.cols(), [&](std::size_t index, std::size_t r, std::size_t length) {
          for_each_bin(detail::one_row(dy, index), length,
                       [&](IndexRange tokens, T count, const auto& dmean) {
                         for (std::size_t t = tokens.begin; t < tokens.end; ++t)
                           detail::Kernels<T>::add_scaled(T(1) / count, dmean,
                                                          detail::one_row(dx, x.layout()->offset(t) + r));
                       });
        });
  });
  return out;
}

template <Scalar T> Var<T> max(const SeqVar<T>& x) {
  Var<T> out = detail::pooled(x);
  const std::size_t cols = x.cols();
  auto* places =
      x.tape().arena().template allocate<std::size_t>(out.rows() * cols);  // packed rows of the maxima
  detail::for_each_sequence(*x.layout(), cols, [&](std::size_t index, std::size_t r, std::size_t length) {
    T* best = out.node()->value.row_data(index);
    std::size_t* place = places + index * cols;
    for (std::size_t t = 0; t < length; ++t) {
      const std::size_t token = x.layout()->offset(t) + r;
      const T* here = x.value().row_data(token);
      for (std::size_t c = 0; c < cols; ++c) {
        const bool nan_first = here[c] != here[c] && best[c] == best[c];
        const bool larger = t == 0 || here[c] > best[c] || nan_first;
        best[c] = larger ? here[c] : best[c];
        place[c] = larger ? token : place[c];
      }
    }
  });
  x.tape().record(out, [x, cols, places](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    detail::for_each_sequence(*x.layout(), 1, [&](std::size_t index, std::size_t, std::size_t length) {
      for (std::size_t c = 0; length > 0 && c < cols; ++c) dx(places[index * cols + c], c) += dy(index, c);
    });
  });
  return out;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                              \
  template Var<T> detail::pooled(const SeqVar<T>& x, std::size_t widths); \
  template Var<T> last(const SeqVar<T>& x);                               \
  template Var<T> adaptive_mean(const SeqVar<T>& x, std::size_t bins);    \
  template Var<T> max(const SeqVar<T>& x);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
