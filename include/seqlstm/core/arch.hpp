// Which instruction set this translation unit is compiled for; cpu_tier() (kernels/report.hpp) says what
// runs.
#pragma once

#include <seqlstm/core/abi.hpp>
#include <string_view>

#define SEQLSTM_STRINGIZE_EXPANDED(text) #text
#define SEQLSTM_STRINGIZE(text) SEQLSTM_STRINGIZE_EXPANDED(text)

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_FLAGS_NAMESPACE_BEGIN
/// "avx512", "avx2_fma", ..., "sse2" or "neon64": what the caller's compiler flags allowed.
constexpr std::string_view arch_name() {
  return SEQLSTM_STRINGIZE(SEQLSTM_ABI_ARCH);
}
SEQLSTM_FLAGS_NAMESPACE_END
/// The inline namespace's whole tag, "v0_1_0_avx2_fma_s3s1omxzec": objects with the same share the library's
/// code.
constexpr std::string_view abi_name() {
  return SEQLSTM_STRINGIZE(SEQLSTM_ABI);
}

SEQLSTM_NAMESPACE_END
