// Which kernels run, and what else there would be.
#pragma once

#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/cpu.hpp>
#include <seqlstm/kernels/set.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// The tier of CPUs whose kernels run: "baseline", "v3", "avx512", "avx512_bf16", "amx" or "neon" of the
/// compiled library, where option_error is thrown if SEQLSTM_CPU asks for what is not there. In a program
/// that compiles its own, arch_name(), and SEQLSTM_CPU says nothing.
inline std::string_view cpu_tier() {
#if defined(SEQLSTM_COMPILED_KERNELS)
  return kernels::detail::tier_in_use().name;
#else
  return arch_name();
#endif
}

/// The vectors that kernels run on: "avx512", "avx2_fma", "sse2", "neon64".
inline std::string_view kernel_arch() {
#if defined(SEQLSTM_COMPILED_KERNELS)
  return kernels::detail::kernel_table().arch;
#else
  return arch_name();
#endif
}

/// Another tier from now on; option_error, which names those that this CPU runs, where it is not to be had.
/// Layers pack their weights anew; streams of a width that the tier stores otherwise are refused. Not while
/// another thread trains or predicts, nor between forward and backward. The
/// environment variable SEQLSTM_CPU says it without a call.
inline void set_cpu_tier(std::string_view name) {
#if defined(SEQLSTM_COMPILED_KERNELS)
  kernels::detail::use_tier(kernels::detail::tier_of(name, "set_cpu_tier"));
#else
  if (name != cpu_tier())
    throw option_error("set_cpu_tier is '" + std::string(name) +
                       "', but this program compiled its kernels for " + std::string(cpu_tier()) +
                       "; link seqlstm::kernels for others");
#endif
}

/// One line for logs and bug reports: "kernels: avx512_bf16 (bf16 by dot), of baseline, v3, avx512,
/// avx512_bf16, amx; this CPU runs baseline, v3, avx512, avx512_bf16".
inline std::string cpu_report() {
  const std::string running =
      "kernels: " + std::string(cpu_tier()) + " (bf16 by " + std::string(matrix_unit_name()) + ")";
#if defined(SEQLSTM_COMPILED_KERNELS)
  return running + ", of " + kernels::detail::tier_names(true) + "; this CPU runs " +
         kernels::detail::tier_names(false);
#else
  return running + ", compiled with the program";
#endif
}

SEQLSTM_NAMESPACE_END
