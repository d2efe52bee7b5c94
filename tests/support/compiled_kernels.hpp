// The kernels are compiled once for all programs that test layers, instead of once in every file: half of
// what compiling such a file takes. The compiler includes this first; compiled_kernels.cpp holds the code.
#pragma once

#include <seqlstm/kernels/lstm_kernels.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

extern template void gemm_panels(const float*, std::size_t, std::size_t, std::size_t, std::size_t,
                                 const float*, std::size_t, float*, std::size_t, bool);
extern template void lstm_forward(LstmForward<float>, const LstmPart&);
extern template void lstm_backward(const LstmBackward<float>&, const LstmPart&);
extern template void lstm_weight_gradient(const LstmShape<float>&, const float*, std::size_t,
                                          std::span<const GradientOperand<float>>, Range, float*, float*);

extern template void gemm_panels(const double*, std::size_t, std::size_t, std::size_t, std::size_t,
                                 const double*, std::size_t, double*, std::size_t, bool);
extern template void lstm_forward(LstmForward<double>, const LstmPart&);
extern template void lstm_backward(const LstmBackward<double>&, const LstmPart&);
extern template void lstm_weight_gradient(const LstmShape<double>&, const double*, std::size_t,
                                          std::span<const GradientOperand<double>>, Range, double*, double*);

extern template void tile_gemm(ConstMatrixView<float>, const bfloat16*, std::size_t, float*, std::size_t,
                               bool);
extern template void lstm_forward(const LstmForwardBf16&, const LstmPart&);
extern template void lstm_backward(const LstmBackwardBf16&, const LstmPart&);
extern template void lstm_weight_gradient(const TileGateShape&, const bfloat16*, std::size_t,
                                          std::span<const GradientOperand<float>>, Range, float*, bfloat16*);

}  // namespace kernels

SEQLSTM_NAMESPACE_END
