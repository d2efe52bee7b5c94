// Definitions of tape.hpp.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> MatrixView<T> Tape<T>::gradient(const Variable<T>& v) {
  auto* node = v.node();
  if (node->gradient.data() == nullptr) node->gradient = arena_.template zero_matrix<T>(v.rows(), v.cols());
  return node->gradient;
}

template <Scalar T> typename Tape<T>::Destination Tape<T>::gradient_destination(const Variable<T>& v) {
  auto* node = v.node();
  const bool accumulate = node->gradient.data() != nullptr;
  if (!accumulate) node->gradient = arena_.template matrix<T>(v.rows(), v.cols());
  return {node->gradient, accumulate};
}

template <Scalar T> void Tape<T>::backward(const Var<T>& loss) {
  if (loss.rows() != 1 || loss.cols() != 1)
    throw shape_error("backward: the loss must be 1x1, got " + shape_text(loss.value()) +
                      "; reduce it first");
  check_backward();
  gradient(loss)(0, 0) = T(1);
  run_backward();
}

template <Scalar T> void Tape<T>::backward(const Variable<T>& result, ConstMatrixView<T> dresult) {
  check_backward(result, dresult);
  const bool first = result.node()->gradient.data() == nullptr;
  if (first) result.node()->gradient = arena_.template matrix<T>(result.rows(), result.cols());
  const auto target = result.node()->gradient;
  for_parts(target.rows(), 1, target.size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const T* from = dresult.row_data(r);
      T* to = target.row_data(r);
      if (first) {
        std::copy_n(from, target.cols(), to);
      } else {
        for (std::size_t c = 0; c < target.cols(); ++c) to[c] += from[c];
      }
    }
  });
  run_backward();
}

template <Scalar T> void Tape<T>::backward_in_place(const Variable<T>& result, MatrixView<T> dresult) {
  if (result.node()->gradient.data() != nullptr) return backward(result, ConstMatrixView<T>(dresult));
  check_backward(result, dresult);
  result.node()->gradient = dresult;
  run_backward();
}

template <Scalar T> void Tape<T>::check_backward(const Variable<T>& result, ConstMatrixView<T> dresult) {
  if (dresult.rows() != result.rows() || dresult.cols() != result.cols())
    throw shape_error("backward: gradient is " + shape_text(dresult) + ", the value is " +
                      shape_text(result.value()));
  check_backward();
}

template <Scalar T>
detail::Node<T>* Tape<T>::leaf_node(MatrixView<T> value, MatrixView<T> gradient, const PackedLayout* layout) {
  if (layout != nullptr && value.rows() != layout->tokens())
    throw shape_error("tape: a sequence value has " + std::to_string(value.rows()) +
                      " rows, its layout has " + std::to_string(layout->tokens()) + " tokens");
  if (gradient.data() != nullptr && (gradient.rows() != value.rows() || gradient.cols() != value.cols()))
    throw shape_error("tape: a leaf's value is " + shape_text(value) + ", its gradient " +
                      shape_text(gradient) + "; they must have one shape");
  return arena_.emplace(detail::Node<T>{value, gradient, gradient.data() != nullptr, layout});
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Tape<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
