// Var and SeqVar: light handles to values on a tape.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/view.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> class Tape;

namespace detail {

/// A value on the tape and, during backward, its gradient. Lives in the tape's arena.
template <Scalar T> struct Node {
  MatrixView<T> value;
  MatrixView<T> gradient;  // empty until something flows back
  bool needs_gradient = false;
  const PackedLayout* layout = nullptr;
  std::size_t reverse_from = std::numeric_limits<std::size_t>::max();
};

}  // namespace detail

/// What Var and SeqVar have in common. Copying a handle copies no numbers; it is valid until the tape's next
/// step.
template <Scalar T> class Variable {
 public:
  Variable() = default;
  Variable(Tape<T>* tape, detail::Node<T>* node) : tape_(tape), node_(node) {}

  [[nodiscard]] bool defined() const { return node_ != nullptr; }
  [[nodiscard]] Tape<T>& tape() const { return *tape_; }
  [[nodiscard]] detail::Node<T>* node() const { return node_; }
  [[nodiscard]] ConstMatrixView<T> value() const { return node_->value; }
  [[nodiscard]] std::size_t rows() const { return node_->value.rows(); }
  [[nodiscard]] std::size_t cols() const { return node_->value.cols(); }
  [[nodiscard]] bool needs_gradient() const { return node_->needs_gradient; }
  /// Gradient after backward(); empty where nothing flowed back.
  [[nodiscard]] ConstMatrixView<T> gradient() const { return node_->gradient; }
  /// Layout of the batch the rows belong to; null where there is none.
  [[nodiscard]] const PackedLayout* layout() const { return node_->layout; }

 private:
  Tape<T>* tape_ = nullptr;
  detail::Node<T>* node_ = nullptr;
};

/// One row per sequence, in the caller's order (or one row per anything).
template <Scalar T> class Var : public Variable<T> {
 public:
  using Variable<T>::Variable;
};

/// One row per token of a packed batch: row layout()->offset(t) + r. Only pooling leads from here to a Var.
template <Scalar T> class SeqVar : public Variable<T> {
 public:
  using Variable<T>::Variable;
  /// Columns from here on were computed from the last token to the first: their final state stands at token
  /// 0.
  [[nodiscard]] std::size_t reverse_from() const {
    return std::min(this->node()->reverse_from, this->cols());
  }
};

SEQLSTM_NAMESPACE_END
