// One direction of one LSTM layer: its four parameters and their copies in the kernels' order.
#pragma once

#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/cached.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <tuple>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> struct LstmDirection;

/// A direction's weights as the kernels K read them in a forward pass.
template <class K> class ForwardLstmWeights {
 public:
  using T = typename K::Number;
  using Stored = typename K::Stored;

  kernels::GateShape shape{};
  AlignedBuffer<Stored> x_columns, h_columns;
  AlignedBuffer<T> bias;

  void pack(const LstmDirection<T>& d);

  /// table [rows][gate_row] = rows W_ih^T. A row's bits do not depend on the others.
  void gate_rows(ConstMatrixView<T> rows, T* table) const {
    K::gate_rows(shape, rows, x_columns.data(), table);
  }
  /// The same for row k of the identity matrix: column k of W_ih.
  void one_hot_gate_row(const Parameter<T>& weight_ih, std::size_t k, T* row) const {
    std::fill_n(row, shape.gate_row(), T(0));
    shape.for_each_gate(
        [&](std::size_t column, std::size_t gate) { row[column] = K::rounded(weight_ih.view()(gate, k)); });
  }
};

/// The same for the backward pass.
template <class K> struct BackwardLstmWeights {
  using T = typename K::Number;
  AlignedBuffer<typename K::Stored> x_rows, h_rows;

  void pack(const LstmDirection<T>& d);
};

template <Scalar T> struct LstmDirection {
  Parameter<T> weight_ih;  ///< [4H, I], gates i, f, g, o
  Parameter<T> weight_hh;  ///< [4H, H]
  Parameter<T> bias_ih;    ///< [4H]
  Parameter<T> bias_hh;    ///< [4H]

  LstmDirection() = default;
  LstmDirection(std::size_t input, std::size_t hidden);

  [[nodiscard]] std::size_t input() const { return weight_ih.cols(); }
  [[nodiscard]] std::size_t hidden() const { return weight_hh.cols(); }
  [[nodiscard]] bool trainable() const {
    return weight_ih.trainable || weight_hh.trainable || bias_ih.trainable || bias_hh.trainable;
  }

  /// What kernels K read in each pass; made anew when a parameter changed, that is once per update.
  template <class K> const ForwardLstmWeights<K>& packed_forward() const {
    return packed<K, ForwardLstmWeights<K>>(weight_ih, weight_hh, bias_ih, bias_hh);
  }
  template <class K> const BackwardLstmWeights<K>& packed_backward() const {
    return packed<K, BackwardLstmWeights<K>>(weight_ih, weight_hh);
  }

  /// Calls body(range of unit panels of kernels K) on as many threads as going over all weights once is
  /// worth.
  template <class K, class Body> void for_panels(Body&& body) const {
    for_parts(gate_shape<K>(input(), hidden()).panels(), 1, weight_ih.size() + weight_hh.size(), body);
  }

 private:
  template <class K, class Packed, class... Parameters>
  const Packed& packed(const Parameters&... made_from) const {
    return std::get<Cached<Packed, 1 + sizeof...(Parameters)>>(packed_).get(
        {made_from.version()..., K::order()}, [this](Packed& weights) { weights.pack(*this); });
  }

  using Vectors = Kernels<T>;
  using Tiles = RoundedKernels;
  std::tuple<Cached<ForwardLstmWeights<Vectors>, 5>, Cached<BackwardLstmWeights<Vectors>, 3>,
             Cached<ForwardLstmWeights<Tiles>, 5>, Cached<BackwardLstmWeights<Tiles>, 3>>
      packed_;
};

template <class K> void ForwardLstmWeights<K>::pack(const LstmDirection<T>& d) {
  shape = gate_shape<K>(d.input(), d.hidden());
  x_columns.reserve_discard(K::columns_size(shape, d.input()));
  h_columns.reserve_discard(K::columns_size(shape, d.hidden()));
  bias.reserve_discard(shape.gate_row());
  d.template for_panels<K>([&](IndexRange panels) {
    K::pack_columns(shape, d.weight_ih.view(), x_columns.data(), panels);
    K::pack_columns(shape, d.weight_hh.view(), h_columns.data(), panels);
  });
  kernels::pack_bias(shape, d.bias_ih.data(), d.bias_hh.data(), bias.data());
}

template <class K> void BackwardLstmWeights<K>::pack(const LstmDirection<T>& d) {
  const auto shape = gate_shape<K>(d.input(), d.hidden());
  x_rows.reserve_discard(K::rows_size(shape, d.input()));
  h_rows.reserve_discard(K::rows_size(shape, d.hidden()));
  d.template for_panels<K>([&](IndexRange panels) {
    K::pack_rows(shape, d.weight_ih.view(), x_rows.data(), panels);
    K::pack_rows(shape, d.weight_hh.view(), h_rows.data(), panels);
  });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/lstm_direction.ipp>
#endif
