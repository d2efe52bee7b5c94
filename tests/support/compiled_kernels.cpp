// What compiled_kernels.hpp promises.

#include "support/compiled_kernels.hpp"

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

template void gemm_panels(const float*, std::size_t, std::size_t, std::size_t, std::size_t, const float*,
                          std::size_t, float*, std::size_t, bool);
template void lstm_forward<float>(const LstmForwardArguments<float, float>&, const LstmPart&);
template void lstm_backward<float>(const LstmBackwardArguments<float, float>&, const LstmPart&);
template void lstm_weight_gradient<float>(const GateShape&, const float*, std::size_t,
                                   std::span<const GradientOperand<float>>, Range, float*, float*);

template void gemm_panels(const double*, std::size_t, std::size_t, std::size_t, std::size_t, const double*,
                          std::size_t, double*, std::size_t, bool);
template void lstm_forward<double>(const LstmForwardArguments<double, double>&, const LstmPart&);
template void lstm_backward<double>(const LstmBackwardArguments<double, double>&, const LstmPart&);
template void lstm_weight_gradient<double>(const GateShape&, const double*, std::size_t,
                                   std::span<const GradientOperand<double>>, Range, double*, double*);

template void tile_gemm(ConstMatrixView<float>, const bfloat16*, std::size_t, float*, std::size_t, bool);
template void lstm_forward<>(const LstmForwardArguments<float, bfloat16>&, const LstmPart&);
template void lstm_backward<>(const LstmBackwardArguments<float, bfloat16>&, const LstmPart&);
template void lstm_weight_gradient<>(const GateShape&, const bfloat16*, std::size_t,
                                   std::span<const GradientOperand<float>>, Range, float*, bfloat16*);

}  // namespace kernels

SEQLSTM_NAMESPACE_END
