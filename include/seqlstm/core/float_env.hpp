// Denormal numbers cost a hundred cycles each; training and inference run with them flushed to zero.
#pragma once

#include <cstdint>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The calling thread's floating-point control word.
class FloatControl {
 public:
  /// What is set in the calling thread now.
  static FloatControl current() {
    FloatControl control;
#if defined(__SSE2__)
    control.word_ = __builtin_ia32_stmxcsr();  // not _mm_getcsr: intrinsics headers stay in kernels/
#elif defined(__aarch64__)
    asm volatile("mrs %0, fpcr" : "=r"(control.word_));
#endif
    return control;
  }
  /// The same control word with denormal results and operands treated as zero.
  [[nodiscard]] FloatControl flushing() const {
    FloatControl control = *this;
    control.word_ |= flush_bits;
    return control;
  }
  /// Are denormal results and operands both treated as zero?
  [[nodiscard]] bool flushes() const {
    return (word_ & flush_bits) == flush_bits;
  }
  /// Sets it in the calling thread.
  void apply() const {
#if defined(__SSE2__)
    __builtin_ia32_ldmxcsr(word_);
#elif defined(__aarch64__)
    asm volatile("msr fpcr, %0" ::"r"(word_));
#endif
  }

 private:
#if defined(__SSE2__)
  using Word = std::uint32_t;
  static constexpr Word flush_bits = 0x8040;  // FTZ and DAZ
#else
  using Word = std::uint64_t;
  static constexpr Word flush_bits = std::uint64_t{1} << 24U;  // FZ
#endif
  Word word_ = 0;
};

/// Flushes denormals to zero while it lives and restores what was set before. parallel_for carries it to
/// workers.
class FlushDenormals {
 public:
  FlushDenormals() : saved_(FloatControl::current()) { saved_.flushing().apply(); }
  ~FlushDenormals() { saved_.apply(); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  FloatControl saved_;
};

SEQLSTM_NAMESPACE_END
