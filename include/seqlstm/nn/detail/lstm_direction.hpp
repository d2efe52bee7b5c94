// One direction of one LSTM layer: its four parameters and their copies in the kernels' order.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/kernels/pack.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Weights as the kernels read them; made anew when a parameter's version changed, that is once per update.
template <Scalar T> struct PackedLstmWeights {
  kernels::LstmShape<T> shape;
  AlignedBuffer<T> x_columns, h_columns, bias;  // for the forward pass
  AlignedBuffer<T> x_rows, h_rows;              // for the backward pass
};

/// table [rows][gate_row] = rows W_ih^T. A row's bits do not depend on the others.
template <Scalar T> void gate_rows(const PackedLstmWeights<T>& packed, ConstMatrixView<T> rows, T* table) {
  const std::size_t row = packed.shape.gate_row();
  kernels::gemm_panels<T>(rows.data(), rows.stride(), 1, rows.rows(), packed.shape.input,
                          packed.x_columns.data(), row, table, row, false);
}
/// The same for row k of the identity matrix: column k of W_ih.
template <Scalar T> void one_hot_gate_row(const PackedLstmWeights<T>& packed, std::size_t k, T* row) {
  constexpr std::size_t wide = kernels::LstmShape<T>::wide;
  for (std::size_t p = 0; p < packed.shape.panels(); ++p)
    std::copy_n(packed.x_columns.data() + (p * packed.shape.input + k) * wide, wide, row + p * wide);
}

template <Scalar T> struct LstmDirection {
  Parameter<T> weight_ih;  ///< [4H, I], gates i, f, g, o
  Parameter<T> weight_hh;  ///< [4H, H]
  Parameter<T> bias_ih;    ///< [4H]
  Parameter<T> bias_hh;    ///< [4H]

  LstmDirection() = default;
  LstmDirection(std::size_t input, std::size_t hidden)
      : weight_ih(4 * hidden, input),
        weight_hh(4 * hidden, hidden),
        bias_ih(4 * hidden),
        bias_hh(4 * hidden) {}

  [[nodiscard]] std::size_t input() const { return weight_ih.cols(); }
  [[nodiscard]] std::size_t hidden() const { return weight_hh.cols(); }
  [[nodiscard]] bool trainable() const {
    return weight_ih.trainable || weight_hh.trainable || bias_ih.trainable || bias_hh.trainable;
  }

  const PackedLstmWeights<T>& packed_forward() {
    const Versions version = {weight_ih.version(), weight_hh.version(), bias_ih.version(), bias_hh.version()};
    if (forward_version_ == version) return packed_;
    auto& p = packed_;
    p.shape = {input(), hidden()};
    p.x_columns.reserve_discard(p.shape.gate_row() * input());
    p.h_columns.reserve_discard(p.shape.gate_row() * hidden());
    p.bias.reserve_discard(p.shape.gate_row());
    for_panels([&](Range panels) {
      kernels::pack_gate_columns(p.shape, weight_ih.view(), p.x_columns.data(), panels);
      kernels::pack_gate_columns(p.shape, weight_hh.view(), p.h_columns.data(), panels);
    });
    kernels::pack_bias(p.shape, bias_ih.data(), bias_hh.data(), p.bias.data());
    forward_version_ = version;
    return p;
  }
  const PackedLstmWeights<T>& packed_backward() {
    packed_forward();
    if (backward_version_ == forward_version_) return packed_;
    auto& p = packed_;
    p.x_rows.reserve_discard(kernels::packed_size<T>(p.shape.gate_row(), input()));
    p.h_rows.reserve_discard(kernels::packed_size<T>(p.shape.gate_row(), hidden()));
    for_panels([&](Range panels) {
      kernels::pack_gate_rows(p.shape, weight_ih.view(), p.x_rows.data(), panels);
      kernels::pack_gate_rows(p.shape, weight_hh.view(), p.h_rows.data(), panels);
    });
    backward_version_ = forward_version_;
    return p;
  }

  /// Calls body(range of unit panels) on as many threads as going over all weights once is worth.
  template <class Body> void for_panels(Body&& body) const {
    for_parts(kernels::LstmShape<T>{input(), hidden()}.panels(), 1, weight_ih.size() + weight_hh.size(),
              body);
  }

 private:
  using Versions = std::array<std::uint64_t, 4>;

  PackedLstmWeights<T> packed_;
  Versions forward_version_{}, backward_version_{};
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
