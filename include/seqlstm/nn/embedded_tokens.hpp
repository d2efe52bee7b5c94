// Tokens on their way into a layer: which rows are to be looked up and added, without having done it.
#pragma once

#include <array>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/int8.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// One summand of an EmbeddedTokens: a table with a row per token id, or per position in the sequence.
template <Scalar T> struct RowSource {
  /// What chooses the row: nothing (there is no such summand), the token's id, or its place in the sequence.
  enum class Index { none, token, position };
  Index index = Index::none;            ///< what chooses the row
  const Parameter<T>* table = nullptr;  ///< [rows, width]; null is the identity matrix (one-hot)
  std::size_t rows = 0;                 ///< vocabulary size, or the largest number of positions
  Token padding = -1;                   ///< this id's row gets no gradient; -1: none
  double dropout = 0;                   ///< probability that a row is zero for a whole training step
  const detail::QuantizedRows* bytes =
      nullptr;  ///< the table's rows in int8, for detail::copy_rows() to read instead
};

/// The expression `embedding(batch)`, `one_hot(batch)` or a sum of two: row(token) (+ row(position)).
/// Lstm turns it into lookups in W_ih * row, Conv1d in those of its taps; every other layer gets the dense
/// rows from dense_rows(). The batch and the layers must outlive the tape's step.
template <Scalar T> struct EmbeddedTokens {
  const SequenceBatch* batch = nullptr;  ///< not owned
  std::size_t dim = 0;                   ///< numbers per token
  std::array<RowSource<T>, 2> sources;   ///< the summands; one that is not there has Index::none
};

/// One token for each of B streams, `embedding.at(ids)`: what Lstm::step looks up. Sees the ids, does not
/// keep them.
template <Scalar T> struct EmbeddedStep {
  RowSource<T> source;         ///< the table, with a row per id
  std::size_t dim = 0;         ///< numbers per token
  std::span<const Token> ids;  ///< [B], not owned
};

/// Adds the vectors of two expressions over the same batch, for instance embedding(batch) + position(batch).
template <Scalar T> EmbeddedTokens<T> operator+(const EmbeddedTokens<T>& a, const EmbeddedTokens<T>& b);

namespace detail {

/// The distinct rows of one source that a batch uses, and which of them each token uses.
template <Scalar T> struct DistinctRows {
  std::int32_t* rows = nullptr;     // [count]: row of the table
  std::int32_t* indices = nullptr;  // [tokens]: index into rows
  std::size_t count = 0;
  T* factors = nullptr;  // [count]: 0 for a row that is dropped, 1 / (1 - p) for the others; null: none is

  /// Multiplies row k by its factor.
  void scale(MatrixView<T> values) const;
};

/// Which number each id of a batch has; -1 for one not met yet. A table of all ids, or, where the vocabulary
/// is much larger than the batch, a hash table (linear probing, at most half full): its cost is the batch's.
class RowNumbers {
 public:
  RowNumbers(Arena& arena, std::size_t rows, std::size_t tokens);
  std::int32_t& operator[](Token id);

 private:
  std::int32_t* numbers_ = nullptr;
  Token* ids_ = nullptr;
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
};

/// Throws unless `id` has a row; place() says where the id stands: "record 3, position 7".
template <Scalar T, class Place> void check_token(const RowSource<T>& source, Token id, Place&& place) {
  if (id < 0 || static_cast<std::size_t>(id) >= source.rows)
    throw token_error(place() + ": token id " + std::to_string(id) + " is outside the vocabulary [0, " +
                      std::to_string(source.rows) +
                      "); encode the data with the tokenizer the model was built for");
}

template <Scalar T>
DistinctRows<T> numbered_rows(Arena& arena, const RowSource<T>& source, const SequenceBatch& batch);

/// Checks every id, numbers the distinct ones in order of appearance, and draws which of their rows are
/// dropped: for a seed and a step the same ones, whatever the batch. Memory is the arena's.
template <Scalar T>
DistinctRows<T> distinct_rows(Tape<T>& tape, const RowSource<T>& source, const SequenceBatch& batch);

/// Those of the rows in `all` that some tokens use, numbered as the tokens come; used [tokens]: indices into
/// `all`. The tokens are those of several shards, which end at `ends`: every shard has rows of its own, in
/// order, and shard s the last before row_ends[s].
template <Scalar T>
DistinctRows<T> distinct_parts(Arena& arena, const DistinctRows<T>& all, const std::int32_t* used,
                               std::span<const std::size_t> ends, std::size_t* row_ends);
/// The same of one shard.
template <Scalar T>
DistinctRows<T> distinct_part(Arena& arena, const DistinctRows<T>& all, const std::int32_t* used,
                              std::size_t tokens) {
  std::size_t rows = 0;
  return distinct_parts(arena, all, used, std::span(&tokens, 1), &rows);
}

/// Rows of several shards that are the same row of a table: which is added to which, in the order of
/// ShardTree.
struct EqualRows {
  /// Two of them.
  struct Pair {
    std::int32_t into, from;
  };
  std::span<const Pair> pairs;  // in the order they are added

  /// ids [row_ends.back()]: row of the table; a shard has each once.
  static EqualRows find(Arena& arena, const std::int32_t* ids, std::span<const std::size_t> row_ends);
  /// Adds them up, in these columns; what was added elsewhere becomes zero.
  template <Scalar T> void add_up(MatrixView<T> rows, IndexRange columns) const;
};

/// to(k) = row ids[k] of a source's table.
template <Scalar T>
void copy_rows(const RowSource<T>& source, const std::int32_t* ids, std::size_t count, MatrixView<T> to) {
  if (source.bytes == nullptr) return Kernels<T>::gather_rows(source.table->view(), ids, count, to, false);
  for (std::size_t k = 0; k < count; ++k)
    source.bytes->copy_row(static_cast<std::size_t>(ids[k]), to.row_data(k));
}

/// The distinct rows of a source's table, dense.
template <Scalar T>
MatrixView<T> gathered_rows(Arena& arena, const RowSource<T>& source, const DistinctRows<T>& distinct);

/// Adds the gradients of gathered_rows to those of the table, `target`, equal rows added up, the padding
/// row's left out; threads split the columns. Uses the gradients up.
template <Scalar T>
void add_row_gradients(const RowSource<T>& source, const DistinctRows<T>& distinct, MatrixView<T> gradient,
                       MatrixView<T> target, const EqualRows& equal = {});

}  // namespace detail

/// The dense rows [tokens, width] of an expression: for layers that cannot look up. One row per packed token.
template <Scalar T> SeqVar<T> dense_rows(Tape<T>& tape, const EmbeddedTokens<T>& embedded);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/embedded_tokens.ipp>
#endif
