// Definitions of lstm_stream.hpp.
#pragma once

#include <seqlstm/nn/detail/lstm_cell_step.hpp>
#include <seqlstm/nn/lstm_stream.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
LstmStream<T>::LstmStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t output,
                          std::size_t padded)
    : detail::RecurrentStream<T>(streams, layers, hidden, output, padded, true) {}

template <Scalar T>
template <class K, class Stack>
ConstMatrixView<T> LstmStream<T>::advance_cells(const Stack& stack, ConstMatrixView<T> x) {
  const std::size_t n = this->streams();
  return this->advance_each(x, [&](std::size_t l, ConstMatrixView<T> input, auto& layer) {
    const auto& direction = stack.weights(l, 0);
    const std::size_t hidden = direction.hidden();
    T* room = this->room(detail::LstmCellRoom<T>::size(n, hidden));
    auto rows = detail::LstmCellRoom<T>(room, n, hidden).rows(0, n);
    rows.x = input;
    rows.h_before = layer.h;
    rows.c_before = rows.c = layer.c;
    rows.y = layer.next;
    if (direction.weight_hr.size() == 0) rows.output = rows.y;
    detail::lstm_cell_step<K, T>(direction.template step_weights<K>(), rows);
  });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class LstmStream<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
