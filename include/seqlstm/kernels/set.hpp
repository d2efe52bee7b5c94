// The kernels that layers, optimizers and gradients are computed by: compiled with the program, or those of
// the library it is linked to.
#pragma once

#if defined(SEQLSTM_COMPILED_KERNELS)
#include <seqlstm/kernels/linked.hpp>
#else
#include <seqlstm/kernels/byte_kernels.hpp>
#include <seqlstm/kernels/tile_kernels.hpp>
#include <seqlstm/kernels/vector_kernels.hpp>
#endif
#include <seqlstm/kernels/matrix_unit.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

#if defined(SEQLSTM_COMPILED_KERNELS)
template <class T> using Kernels = kernels::LinkedVectorKernels<T>;
using RoundedKernels = kernels::LinkedTileKernels;
using QuantizedKernels = kernels::LinkedByteKernels;
#else
/// For numbers T.
template <class T> using Kernels = kernels::VectorKernels<T>;
/// For floats whose factors are rounded to bfloat16.
using RoundedKernels = kernels::TileKernels;
/// For floats whose factors are quantised to int8, in inference.
using QuantizedKernels = kernels::ByteKernels;
#endif

/// Whether kernels K have a way back.
template <class K> inline constexpr bool trains = !std::is_same_v<typename K::Stored, std::int8_t>;

/// A layer's sizes as kernels K store them; of W_ih, where W_hh has a shape of its own.
template <class K>
kernels::GateShape gate_shape(std::size_t input, std::size_t hidden,
                              kernels::Gates gates = kernels::Gates::lstm) {
  const std::size_t lanes = K::lanes();
  if (!std::is_same_v<typename K::Stored, typename K::Number> && gates == kernels::Gates::gru_input)
    gates = kernels::Gates::gru_input_tiles;
  return {input, hidden, lanes, kernels::ceil_div(hidden, lanes), gates};
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
