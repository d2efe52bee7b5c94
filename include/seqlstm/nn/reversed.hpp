// Sequences from their last token to their first: what makes a forward layer read backward.
#pragma once

#include <seqlstm/autograd/tape.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
/// Row t of every sequence of y becomes (with `add`: gets added to it) row length - 1 - t of x.
template <Scalar T>
void reverse_rows(const PackedLayout& layout, ConstMatrixView<T> x, MatrixView<T> y, bool add);
}  // namespace detail

/// y(t) = x(length - 1 - t), each sequence by itself; x [tokens, columns], y alike. So
/// `gru(reversed(x))` reads from the end, and layers that take turns, `b(reversed(a(x)))`, see all of a
/// sequence for half of what a bidirectional stack of their depth takes. last(y) is x's first token.
template <Scalar T> SeqVar<T> reversed(const SeqVar<T>& x) {
  Tape<T>* tape = &x.tape();
  SeqVar<T> y = tape->make_like(x, x.cols(), x.needs_gradient());
  detail::reverse_rows<T>(*x.layout(), x.value(), y.node()->value, false);
  tape->record(y, [tape, x](ConstMatrixView<T> dy) {
    const auto to = tape->gradient_destination(x);
    detail::reverse_rows<T>(*x.layout(), dy, to.gradient, to.accumulate);
  });
  return y;
}

/// reversed() as a layer. No parameters.
struct Reversed {
  /// reversed(x), of x's shape.
  template <Scalar T> SeqVar<T> operator()(const SeqVar<T>& x) const { return reversed(x); }
  template <class Visitor> void fields(Visitor&) {}
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/reversed.ipp>
#endif
