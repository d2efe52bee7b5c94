// The kernels as tables of functions: how a program calls those that were compiled for other CPUs than itself
// was (docs/architecture.md). One list names each function once; tables, their callers (linked.hpp) and what
// fills them (src/tier.cpp) are made of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <seqlstm/kernels/arguments.hpp>
#include <span>

// clang-format off
/// F(result, name, parameters, arguments) for what layers compute on either set of kernels. Number, Stored,
/// Forward, Backward and Operand are the set's. VectorKernels says what each does.
#define SEQLSTM_LAYER_KERNELS(F)                                                                                       \
  F(std::size_t, lanes, (), ())                                                                                        \
  F(std::size_t, spare_rows, (), ())                                                                                   \
  F(std::size_t, columns_size, (const GateShape& shape, std::size_t n), (shape, n))                                    \
  F(std::size_t, rows_size, (const GateShape& shape, std::size_t n), (shape, n))                                       \
  F(void, pack_columns, (const GateShape& shape, ConstMatrixView<Number> w, Stored* packed, IndexRange panels),             \
    (shape, w, packed, panels))                                                                                        \
  F(void, pack_rows, (const GateShape& shape, ConstMatrixView<Number> w, Stored* packed, IndexRange panels),                \
    (shape, w, packed, panels))                                                                                        \
  F(std::size_t, forward_room, (const Forward& run, std::size_t parts), (run, parts))                                  \
  F(std::size_t, backward_room, (const Backward& run, std::size_t parts), (run, parts))                                \
  F(void, forward, (const Forward& run, const LstmPart& part), (run, part))                                            \
  F(void, backward, (const Backward& run, const LstmPart& part), (run, part))                                          \
  F(std::size_t, gru_forward_room, (const Forward& run, std::size_t parts), (run, parts))                              \
  F(std::size_t, gru_backward_room, (const Backward& run, std::size_t parts), (run, parts))                            \
  F(void, gru_forward, (const Forward& run, const LstmPart& part), (run, part))                                        \
  F(void, gru_backward, (const Backward& run, const LstmPart& part), (run, part))                                      \
  F(void, gate_rows, (const GateShape& shape, ConstMatrixView<Number> rows, const Stored* columns, Number* table),     \
    (shape, rows, columns, table))                                                                                     \
  F(Number, rounded, (Number weight), (weight))                                                                        \
  F(void, times_rows, (const GateShape& shape, const Stored* gradients, std::size_t rows, const Stored* weights,       \
                       MatrixView<Number> out, bool accumulate),                                                       \
    (shape, gradients, rows, weights, out, accumulate))                                                                \
  F(std::size_t, gradient_room, (const GateShape& shape, std::size_t columns, const GradientTokens& tokens),           \
    (shape, columns, tokens))                                                                                          \
  F(void, weight_gradient, (const GateShape& shape, const Stored* dgates, const GradientTokens& tokens,                \
                            std::span<const Operand> operands, IndexRange columns, Number* bias, Stored* scratch),     \
    (shape, dgates, tokens, operands, columns, bias, scratch))                                                         \
  F(std::size_t, sums_size, (const GateShape& shape, std::size_t n), (shape, n))                                       \
  F(void, clear_sums, (const GateShape& shape, std::size_t n, Number* sums, IndexRange columns), (shape, n, sums, columns)) \
  F(void, add_to_sums, (const GateShape& shape, ConstMatrixView<Number> rows, const std::int32_t* ids, std::size_t n,  \
                        Number* sums, IndexRange columns),                                                                  \
    (shape, rows, ids, n, sums, columns))                                                                              \
  F(void, unpack_sums, (const GateShape& shape, Number* sums, MatrixView<Number> gradient, IndexRange panels),              \
    (shape, sums, gradient, panels))                                                                                   \
  F(void, add_gate_rows, (const GateShape& shape, const Stored* gradients, const GradientTokens& tokens,               \
                          const std::int32_t* indices, MatrixView<Number> sums, IndexRange columns),                   \
    (shape, gradients, tokens, indices, sums, columns))                                                                \
  F(void, store_factors, (const GateShape& shape, const Number* sums, std::size_t rows, IndexRange columns,                 \
                          Stored* factors),                                                                            \
    (shape, sums, rows, columns, factors))                                                                             \
  F(std::size_t, grain, (), ())                                                                                        \
  F(std::size_t, factor_size, (std::size_t depth, std::size_t columns), (depth, columns))                              \
  F(void, pack_factor, (ConstMatrixView<Number> w, bool forward, Stored* packed), (w, forward, packed))                \
  F(void, multiply, (ConstMatrixView<Number> x, const Stored* packed, MatrixView<Number> y, bool accumulate),          \
    (x, packed, y, accumulate))                                                                                        \
  F(std::size_t, outer_room, (std::size_t outputs), (outputs))                                                         \
  F(void, add_outer, (ConstMatrixView<Number> dy, ConstMatrixView<Number> x, IndexRange outputs, MatrixView<Number> dw,     \
                      Stored* scratch),                                                                                \
    (dy, x, outputs, dw, scratch))

/// The same for what is computed in the numbers themselves, whatever the precision.
#define SEQLSTM_NUMBER_KERNELS(F)                                                                                      \
  F(void, lstm_cells, (const LstmCells<Number>& cells), (cells))                                                       \
  F(void, lstm_cells_backward, (const LstmCellsBackward<Number>& cells), (cells))                                      \
  F(void, gather_rows, (ConstMatrixView<Number> table, const std::int32_t* ids, std::size_t count,                     \
                        MatrixView<Number> out, bool accumulate),                                                      \
    (table, ids, count, out, accumulate))                                                                              \
  F(void, scatter_add_rows, (ConstMatrixView<Number> rows, const std::int32_t* ids, MatrixView<Number> table,          \
                             IndexRange columns),                                                                           \
    (rows, ids, table, columns))                                                                                       \
  F(void, add, (ConstMatrixView<Number> a, ConstMatrixView<Number> b, MatrixView<Number> out), (a, b, out))            \
  F(void, multiply_elements, (ConstMatrixView<Number> a, ConstMatrixView<Number> b, MatrixView<Number> out,            \
                              bool accumulate),                                                                        \
    (a, b, out, accumulate))                                                                                           \
  F(void, scale, (Number factor, ConstMatrixView<Number> x, MatrixView<Number> out), (factor, x, out))                 \
  F(void, add_scaled, (Number factor, ConstMatrixView<Number> x, MatrixView<Number> out), (factor, x, out))            \
  F(void, exponential, (ConstMatrixView<Number> x, MatrixView<Number> y), (x, y))                                      \
  F(void, activate, (Activation function, ConstMatrixView<Number> x, MatrixView<Number> y), (function, x, y))          \
  F(void, activate_backward, (Activation function, ConstMatrixView<Number> y, ConstMatrixView<Number> dy,              \
                              MatrixView<Number> dx, bool accumulate),                                                 \
    (function, y, dy, dx, accumulate))                                                                                 \
  F(void, mask_elements, (const Number* x, const std::uint8_t* keep, Number kept, Number* out, std::size_t n,          \
                          bool accumulate),                                                                            \
    (x, keep, kept, out, n, accumulate))                                                                               \
  F(void, softmax_rows, (ConstMatrixView<Number> x, MatrixView<Number> y), (x, y))                                     \
  F(void, softmax_backward_rows, (ConstMatrixView<Number> y, ConstMatrixView<Number> dy, MatrixView<Number> dx),       \
    (y, dy, dx))                                                                                                       \
  F(void, log_sum_exp_rows, (ConstMatrixView<Number> x, Number* out), (x, out))                                        \
  F(void, add_column_sums, (ConstMatrixView<Number> x, IndexRange columns, Number* out), (x, columns, out))                 \
  F(double, add_squares, (double start, const Number* x, const Number* y, std::size_t n), (start, x, y, n))            \
  F(double, sum_of_squares, (const Number* x, std::size_t n), (x, n))                                                  \
  F(void, column_moments, (ConstMatrixView<Number> x, IndexRange columns, Number* mean, Number* variance),                  \
    (x, columns, mean, variance))                                                                                      \
  F(void, normalize_columns, (ConstMatrixView<Number> x, IndexRange columns, const ColumnScale<Number>& scale,              \
                              const Number* bias, MatrixView<Number> y),                                               \
    (x, columns, scale, bias, y))                                                                                      \
  F(void, normalize_sums, (ConstMatrixView<Number> x, ConstMatrixView<Number> dy, IndexRange columns,                       \
                           const ColumnScale<Number>& scale, Number* sum_dy, Number* sum_product),                     \
    (x, dy, columns, scale, sum_dy, sum_product))                                                                      \
  F(void, normalize_backward, (ConstMatrixView<Number> x, ConstMatrixView<Number> dy, IndexRange columns,                   \
                               const ColumnScale<Number>& scale, const Number* sum_dy, const Number* sum_product,      \
                               MatrixView<Number> dx),                                                                 \
    (x, dy, columns, scale, sum_dy, sum_product, dx))                                                                  \
  F(void, normalize_backward_fixed, (ConstMatrixView<Number> dy, IndexRange columns, const ColumnScale<Number>& scale,      \
                                     MatrixView<Number> dx),                                                           \
    (dy, columns, scale, dx))                                                                                          \
  F(void, normalize_rows, (ConstMatrixView<Number> x, Number eps, const Number* weight, const Number* bias,            \
                           Number* mean, Number* inverse, MatrixView<Number> y),                                       \
    (x, eps, weight, bias, mean, inverse, y))                                                                          \
  F(void, normalize_rows_backward, (ConstMatrixView<Number> x, ConstMatrixView<Number> dy, const Number* weight,       \
                                    const Number* mean, const Number* inverse, MatrixView<Number> dx),                 \
    (x, dy, weight, mean, inverse, dx))                                                                                \
  F(void, add_normal_products, (ConstMatrixView<Number> x, ConstMatrixView<Number> dy, IndexRange columns,             \
                                const Number* mean, const Number* inverse, Number* out),                               \
    (x, dy, columns, mean, inverse, out))                                                                              \
  F(void, add_outer_rows, (ConstMatrixView<Number> w, ConstMatrixView<Number> x, MatrixView<Number> s), (w, x, s))     \
  F(void, add_dot_rows, (ConstMatrixView<Number> s, ConstMatrixView<Number> x, MatrixView<Number> w), (s, x, w))       \
  F(void, mix_rows, (ConstMatrixView<Number> w, ConstMatrixView<Number> s, MatrixView<Number> x, bool accumulate),     \
    (w, s, x, accumulate))                                                                                             \
  F(double, ctc_record, (const CtcRecord<Number>& record), (record))                                                   \
  F(void, sgd, (const SgdStep<Number>& step, std::size_t n, Number* weights, const Number* gradients, Number* buffer), \
    (step, n, weights, gradients, buffer))                                                                             \
  F(void, adam, (const AdamStep<Number>& step, std::size_t n, Number* weights, const Number* gradients, Number* mean,  \
                 Number* square),                                                                                      \
    (step, n, weights, gradients, mean, square))                                                                       \
  F(void, rmsprop, (const RmsPropStep<Number>& step, std::size_t n, Number* weights, const Number* gradients,          \
                    Number* square),                                                                                   \
    (step, n, weights, gradients, square))

/// The same for inference with int8 factors. ByteKernels says what each does.
#define SEQLSTM_BYTE_KERNELS(F)                                                                                        \
  F(std::size_t, lanes, (), ())                                                                                        \
  F(std::size_t, spare_rows, (), ())                                                                                   \
  F(std::size_t, columns_size, (const GateShape& shape, std::size_t n), (shape, n))                                    \
  F(void, pack_columns, (const GateShape& shape, ConstMatrixView<Number> w, Stored* packed, IndexRange panels),        \
    (shape, w, packed, panels))                                                                                        \
  F(std::size_t, forward_room, (const Forward& run, std::size_t parts), (run, parts))                                  \
  F(void, forward, (const Forward& run, const LstmPart& part), (run, part))                                            \
  F(std::size_t, gru_forward_room, (const Forward& run, std::size_t parts), (run, parts))                              \
  F(void, gru_forward, (const Forward& run, const LstmPart& part), (run, part))                                        \
  F(void, gate_rows, (const GateShape& shape, ConstMatrixView<Number> rows, const Stored* columns, Number* table),     \
    (shape, rows, columns, table))                                                                                     \
  F(void, gate_column, (const GateShape& shape, const Stored* columns, std::size_t k, Number* row),                    \
    (shape, columns, k, row))                                                                                          \
  F(std::size_t, grain, (), ())                                                                                        \
  F(std::size_t, factor_size, (std::size_t depth, std::size_t columns), (depth, columns))                              \
  F(void, pack_factor, (ConstMatrixView<Number> w, bool forward, Stored* packed), (w, forward, packed))                \
  F(void, factor_column,                                                                                               \
    (std::size_t depth, std::size_t columns, const Stored* packed, std::size_t k, Number* to),                         \
    (depth, columns, packed, k, to))                                                                                   \
  F(void, multiply, (ConstMatrixView<Number> x, const Stored* packed, MatrixView<Number> y, bool accumulate),          \
    (x, packed, y, accumulate))
// clang-format on

SEQLSTM_PLAIN_NAMESPACE_BEGIN

#define SEQLSTM_POINTER(result, name, parameters, arguments) result(*name) parameters;

/// Kernels for numbers T.
template <class T> struct VectorTable {
  using Number = T;                                      ///< numbers that layers hand in and out
  using Stored = T;                                      ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<Number, Stored>;  ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<Number>;                 ///< what weight_gradient() sums

  SEQLSTM_LAYER_KERNELS(SEQLSTM_POINTER)
  SEQLSTM_NUMBER_KERNELS(SEQLSTM_POINTER)
};

/// Kernels with factors rounded to bfloat16, and the unit that multiplies them (matrix_unit.hpp) by number.
struct TileTable {
  using Number = float;                                  ///< numbers that layers hand in and out
  using Stored = bfloat16;                               ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<Number, Stored>;  ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<Number>;                 ///< what weight_gradient() sums

  SEQLSTM_LAYER_KERNELS(SEQLSTM_POINTER)

  std::uint64_t (*order)();    ///< tells the arrangements of packed factors apart
  bool (*has_unit)(int unit);  ///< whether build, CPU and system have that MatrixUnit
  int (*unit)();               ///< in use; -1 before somebody chooses
  void (*use_unit)(int unit);  ///< multiplies from now on; checks nothing
};

/// Kernels with factors quantised to int8, for inference.
struct ByteTable {
  using Number = float;                                    ///< numbers that layers hand in and out
  using Stored = std::int8_t;                              ///< packed weights
  using Forward = LstmForwardArguments<Number, Stored>;    ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< there is no backward()

  SEQLSTM_BYTE_KERNELS(SEQLSTM_POINTER)
};

#undef SEQLSTM_POINTER

/// All that was compiled for one tier of CPUs.
struct KernelTable {
  const char* arch;             ///< arch_name() there: the vectors
  VectorTable<float> floats;    ///< VectorKernels<float>
  VectorTable<double> doubles;  ///< VectorKernels<double>
  TileTable tiles;              ///< TileKernels
  ByteTable bytes;              ///< ByteKernels
};

/// A tier of CPUs, and whether this one belongs to it.
struct KernelTier {
  const char* name;               ///< "baseline", "v3", "avx512", "avx512_bf16", "amx" or "neon"
  bool (*runs_here)();            ///< whether CPU and system run it
  const KernelTable* (*table)();  ///< never null; to be asked only where runs_here()
};

/// What the library of compiled kernels holds: its tiers, the lowest first, and the one in use (null before
/// the first call).
struct KernelLibrary {
  const KernelTier* tiers;                ///< [count]
  std::size_t count;                      ///< of tiers
  std::atomic<const KernelTier*> chosen;  ///< the tier in use
  std::atomic<const KernelTable*> table;  ///< its kernels
};

SEQLSTM_PLAIN_NAMESPACE_END

// Named after the versions of library and headers, so that another library does not link: the linker misses
// "seqlstm_kernels_0_1_0_for_headers_0_2_0". SEQLSTM_COMPILED_KERNELS is the library's version.
#define SEQLSTM_LIBRARY_JOIN_EXPANDED(library, major, minor, patch) \
  seqlstm_kernels_##library##_for_headers_##major##_##minor##_##patch
#define SEQLSTM_LIBRARY_JOIN(library, major, minor, patch) \
  SEQLSTM_LIBRARY_JOIN_EXPANDED(library, major, minor, patch)
#define SEQLSTM_OWN_VERSION_EXPANDED(major, minor, patch) major##_##minor##_##patch
#define SEQLSTM_OWN_VERSION(major, minor, patch) SEQLSTM_OWN_VERSION_EXPANDED(major, minor, patch)
#if defined(SEQLSTM_COMPILED_KERNELS)
#define SEQLSTM_LIBRARY_VERSION SEQLSTM_COMPILED_KERNELS
#else
#define SEQLSTM_LIBRARY_VERSION \
  SEQLSTM_OWN_VERSION(SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, SEQLSTM_VERSION_PATCH)
#endif
#define SEQLSTM_KERNEL_LIBRARY                                                                \
  SEQLSTM_LIBRARY_JOIN(SEQLSTM_LIBRARY_VERSION, SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, \
                       SEQLSTM_VERSION_PATCH)

extern "C" {
/// Of the compiled library; only programs that link it refer to it.
[[gnu::visibility("default")]] extern seqlstm::SEQLSTM_PLAIN::KernelLibrary SEQLSTM_KERNEL_LIBRARY;
}
