// Definitions of conv_lookup.hpp.
#pragma once

#include <seqlstm/nn/detail/conv_lookup.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, class P>
ConvLookup<T, P>::ConvLookup(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const Parameter<T>& weight,
                             const TapFactors<T, P>& factors)
    : tape_(&tape), sources_(tokens.sources), weight_(&weight) {
  for (std::size_t s = 0; s < 2; ++s) {
    if (!is_lookup(s)) continue;
    distinct_[s] = distinct_rows(tape, sources_[s], *tokens.batch);
    tables_[s] = make_tables(s, factors);
  }
}

template <Scalar T, class P> bool ConvLookup<T, P>::trains_rows() const {
  return trains(0) || trains(1);
}

template <Scalar T, class P>
T* ConvLookup<T, P>::make_tables(std::size_t s, const TapFactors<T, P>& factors) const {
  const TapSizes sizes(*weight_);
  const DistinctRows<T>& distinct = distinct_[s];
  auto& arena = tape_->arena();
  T* tables = arena.template allocate<T>(distinct.count * sizes.taps * sizes.outputs);
  if (sources_[s].table == nullptr) {  // unit vectors: columns of W_k
    for (std::size_t k = 0; k < sizes.taps; ++k)
      for (std::size_t row = 0; row < distinct.count; ++row) {
        const auto column = static_cast<std::size_t>(distinct.rows[row]);
        T* const to = of_tap(tables, s, k).row_data(row);
        if constexpr (detail::trains<P>) {
          for (std::size_t o = 0; o < sizes.outputs; ++o)
            to[o] = P::rounded(weight_->view()(o, column * sizes.taps + k));
        } else {
          factors[k].column(column, to);
        }
      }
    return tables;
  }
  const auto rows = gathered_rows(arena, sources_[s], distinct);
  for (std::size_t k = 0; k < sizes.taps; ++k)
    factors[k].multiply_parallel(rows, of_tap(tables, s, k), false);
  return tables;
}

template <Scalar T, class P>
void ConvLookup<T, P>::add_rows(std::size_t tap, const TapRun& run, MatrixView<T> y) const {
  for (std::size_t s = 0; s < 2; ++s) {
    if (!is_lookup(s)) continue;
    for_tokens(s, run, y, [&](MatrixView<T> rows, const std::int32_t* ids) {
      Kernels<T>::gather_rows(of_tap(tables_[s], s, tap), ids, rows.rows(), rows, true);
    });
  }
}

template <Scalar T, class P>
void ConvLookup<T, P>::add_weight_gradient(std::size_t s, T* sums, MatrixView<T> gradient) const {
  const TapSizes sizes(*weight_);
  const DistinctRows<T>& distinct = distinct_[s];
  if (sources_[s].table == nullptr) {
    for (std::size_t k = 0; k < sizes.taps; ++k)
      for (std::size_t row = 0; row < distinct.count; ++row)
        for (std::size_t o = 0; o < sizes.outputs; ++o)
          gradient(o, static_cast<std::size_t>(distinct.rows[row]) * sizes.taps + k) +=
              of_tap(sums, s, k)(row, o);
    return;
  }
  auto& arena = tape_->arena();
  const auto rows = gathered_rows(arena, sources_[s], distinct);
  const TapSums<T> products(arena, *weight_);
  if constexpr (detail::trains<P>)
    products.template for_each_part<P>(arena, distinct.count, [&](const TapPart& part, auto* scratch) {
      for (std::size_t k = part.taps().begin; k < part.taps().end; ++k)
        P::add_outer(of_tap(sums, s, k), rows, part.outputs(k), products.of(k), scratch);
    });
  products.add_to(gradient);
}

template <Scalar T, class P>
void ConvLookup<T, P>::add_table_gradient(std::size_t s, T* sums, const TapFactors<T, P>& factors,
                                          MatrixView<T> target) const {
  const TapSizes sizes(*weight_);
  const auto gradient = tape_->arena().template matrix<T>(distinct_[s].count, sizes.inputs);
  for (std::size_t k = 0; k < sizes.taps; ++k)
    factors[k].multiply_parallel(of_tap(sums, s, k), gradient, k > 0);
  add_row_gradients(sources_[s], distinct_[s], gradient, target);
}

#if !SEQLSTM_HEADER_ONLY
template class ConvLookup<float, QuantizedKernels>;
template class ConvLookup<float, RoundedKernels>;
template class ConvLookup<float, Kernels<float>>;
template class ConvLookup<double, Kernels<double>>;
#endif

}  // namespace detail

SEQLSTM_NAMESPACE_END
