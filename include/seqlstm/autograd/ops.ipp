// Definitions of ops.hpp.
#pragma once

#include <seqlstm/autograd/ops.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> void require_same_shape(const char* what, const Variable<T>& a, const Variable<T>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols())
    throw shape_error(std::string(what) + ": the left value is " + shape_text(a.value()) +
                      ", the right one is " + shape_text(b.value()) + "; expected equal shapes");
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template void detail::require_same_shape(const char* what, const Variable<T>& a, const Variable<T>& b);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
