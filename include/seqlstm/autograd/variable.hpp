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
  bool by_token = false;  // rows are the layout's tokens, not its sequences
};

}  // namespace detail

/// What Var and SeqVar have in common. Copying a handle copies no numbers; it is valid until the tape's next
/// step.
template <Scalar T> class Variable {
 public:
  Variable() = default;
  /// For the tape, whose make() and leaf() give handles. Owns neither.
  Variable(Tape<T>* tape, detail::Node<T>* node) : tape_(tape), node_(node) {}

  /// False for Var<T>(), a handle to nothing; nothing else may be asked of that one.
  [[nodiscard]] bool defined() const { return node_ != nullptr; }
  /// The tape that the value is on.
  [[nodiscard]] Tape<T>& tape() const { return *tape_; }
  /// For operations of one's own, which fill `node()->value` of the result that Tape::make() gave.
  [[nodiscard]] detail::Node<T>* node() const { return node_; }
  /// The numbers, [rows, cols]; valid until the tape's next reset().
  [[nodiscard]] ConstMatrixView<T> value() const { return node_->value; }
  /// Rows: sequences of a Var, tokens of a SeqVar.
  [[nodiscard]] std::size_t rows() const { return node_->value.rows(); }
  /// Numbers per row.
  [[nodiscard]] std::size_t cols() const { return node_->value.cols(); }
  /// Do operations on it have to send a gradient back? False for constants.
  [[nodiscard]] bool needs_gradient() const { return node_->needs_gradient; }
  /// Gradient after backward(); empty where nothing flowed back.
  [[nodiscard]] ConstMatrixView<T> gradient() const { return node_->gradient; }
  /// Layout of the batch the rows belong to; null where there is none.
  [[nodiscard]] const PackedLayout* layout() const { return node_->layout; }

 private:
  Tape<T>* tape_ = nullptr;
  detail::Node<T>* node_ = nullptr;
};

template <Scalar T> class SeqVar;

/// One row per sequence, in the caller's order (or one row per anything).
template <Scalar T> class Var : public Variable<T> {
 public:
  using Variable<T>::Variable;
  /// Rows per token are none per sequence: a sentence for the network that forgot to pool them.
  template <std::same_as<SeqVar<T>> Steps> Var(const Steps& /*x*/) {  // NOLINT(google-explicit-constructor)
    static_assert(
        !std::same_as<Steps, SeqVar<T>>,
        "seqlstm: here a row per sequence is wanted, this has a row per token; pool the steps first: "
        "last(), mean() or max()");
  }
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
