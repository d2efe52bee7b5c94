// NEON whose vectors are divided by the instruction for it. xsimd makes quotients of floats there from
// estimates, which are wrong by up to 2.2 units in the last place. simd.hpp includes it.
#pragma once

#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstdint>
#include <seqlstm/core/abi.hpp>
#pragma push_macro("I")  // of <complex.h>
#undef I
#include <xsimd/xsimd.hpp>
#pragma pop_macro("I")

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// xsimd's neon64, but the operator / of floats is rounded correctly (xsimd::div and xsimd::sqrt are not).
struct Neon : xsimd::neon64 {};

}  // namespace kernels

SEQLSTM_NAMESPACE_END

// What xsimd asks of an instruction set; its vectors of this one are types of ours.
namespace xsimd {

namespace types {

XSIMD_DECLARE_SIMD_REGISTER_ALIAS(seqlstm::kernels::Neon, neon64);

template <class T>
struct get_bool_simd_register<T, seqlstm::kernels::Neon>
    : detail::neon_bool_simd_register<T, seqlstm::kernels::Neon> {};

}  // namespace types

template <>
[[gnu::always_inline]] inline batch<float, seqlstm::kernels::Neon>&
batch<float, seqlstm::kernels::Neon>::operator/=(const batch<float, seqlstm::kernels::Neon>& other) noexcept {
  return *this = batch(vdivq_f32(*this, other));
}

// xsimd 8.1 makes these for neon64 alone.
template <>
[[gnu::always_inline]] inline batch<float, seqlstm::kernels::Neon>::batch(float value) noexcept
    : types::simd_register<float, seqlstm::kernels::Neon>(vdupq_n_f32(value)) {}

template <>
[[gnu::always_inline]] inline batch<std::int32_t, seqlstm::kernels::Neon>::batch(std::int32_t value) noexcept
    : types::simd_register<std::int32_t, seqlstm::kernels::Neon>(vdupq_n_s32(value)) {}

}  // namespace xsimd

#endif
