// The kernels that layers, optimizers and gradients are computed by.
#pragma once

#include <seqlstm/kernels/tile_kernels.hpp>
#include <seqlstm/kernels/vector_kernels.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// For numbers T.
template <class T> using Kernels = kernels::VectorKernels<T>;
/// For floats whose factors are rounded to bfloat16.
using RoundedKernels = kernels::TileKernels;

/// A layer's sizes as kernels K store them.
template <class K> kernels::GateShape gate_shape(std::size_t input, std::size_t hidden) {
  const std::size_t lanes = K::lanes();
  return {input, hidden, lanes, kernels::ceil_div(hidden, lanes)};
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
