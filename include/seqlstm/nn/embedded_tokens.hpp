// Tokens on their way into a layer: which rows are to be looked up and added, without having done it.
#pragma once

#include <array>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/gather.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// One summand of an EmbeddedTokens: a table with a row per token id, or per position in the sequence.
template <Scalar T> struct RowSource {
  enum class Index { none, token, position };
  Index index = Index::none;
  Parameter<T>* table = nullptr;  ///< [rows, width]; null is the identity matrix (one-hot)
  std::size_t rows = 0;           ///< vocabulary size, or the largest number of positions
  Token padding = -1;             ///< this id's row gets no gradient; -1: none
};

/// The expression `embedding(batch)`, `one_hot(batch)` or a sum of two: row(token) (+ row(position)).
/// Lstm turns it into lookups in W_ih * row; every other layer gets the dense rows from dense_rows(). The
/// batch and the layers must outlive the tape's step.
template <Scalar T> struct EmbeddedTokens {
  const TokenBatch* batch = nullptr;
  std::size_t width = 0;
  std::array<RowSource<T>, 2> sources;
};

/// One token for each of B streams, `embedding.at(ids)`: what Lstm::step looks up. Sees the ids, does not
/// keep them.
template <Scalar T> struct EmbeddedStep {
  RowSource<T> source;
  std::size_t width = 0;
  std::span<const Token> ids;
};

/// Adds the vectors of two expressions over the same batch, for instance embedding(batch) + position(batch).
template <Scalar T> EmbeddedTokens<T> operator+(const EmbeddedTokens<T>& a, const EmbeddedTokens<T>& b) {
  if (a.width != b.width)
    throw shape_error("token vectors of width " + std::to_string(a.width) + " and " +
                      std::to_string(b.width) + " cannot be added; give both layers the same width");
  if (a.batch != b.batch) throw shape_error("token vectors of two different batches cannot be added");
  if (a.sources[1].index != RowSource<T>::Index::none || b.sources[1].index != RowSource<T>::Index::none)
    throw shape_error("a sum of token vectors has at most two terms");
  return {a.batch, a.width, {a.sources[0], b.sources[0]}};
}

namespace detail {

/// The distinct rows of one source that a batch uses, and which of them each token uses.
struct DistinctRows {
  std::int32_t* rows = nullptr;   // [count]: row of the table
  std::int32_t* slots = nullptr;  // [tokens]: index into rows
  std::size_t count = 0;
};

/// Throws unless `id` has a row; place() says where the id stands: "record 3, position 7".
template <Scalar T, class Place> void check_token(const RowSource<T>& source, Token id, Place&& place) {
  if (id < 0 || static_cast<std::size_t>(id) >= source.rows)
    throw token_error(place() + ": token id " + std::to_string(id) + " is outside the vocabulary [0, " +
                      std::to_string(source.rows) +
                      "); encode the data with the tokenizer the model was built for");
}

/// Checks every id and numbers the distinct ones in order of appearance. Memory is the arena's.
template <Scalar T>
DistinctRows distinct_rows(Arena& arena, const RowSource<T>& source, const TokenBatch& batch) {
  const PackedLayout& layout = batch.layout;
  DistinctRows distinct;
  distinct.slots = arena.allocate<std::int32_t>(layout.tokens());
  if (source.index == RowSource<T>::Index::position) {
    distinct.count = layout.steps();
    if (distinct.count > source.rows)
      throw shape_error("position: a sequence has " + std::to_string(distinct.count) +
                        " tokens, the table holds " + std::to_string(source.rows) +
                        " positions; build it with a larger length");
    distinct.rows = arena.allocate<std::int32_t>(distinct.count);
    for (std::size_t t = 0; t < distinct.count; ++t) {
      distinct.rows[t] = static_cast<std::int32_t>(t);
      std::fill_n(distinct.slots + layout.offset(t), layout.active(t), static_cast<std::int32_t>(t));
    }
    return distinct;
  }
  distinct.rows = arena.allocate<std::int32_t>(std::min(source.rows, layout.tokens()));
  auto* slot_of = arena.allocate<std::int32_t>(source.rows);
  std::fill_n(slot_of, source.rows, -1);
  for (std::size_t t = 0; t < layout.steps(); ++t) {
    for (std::size_t r = 0; r < layout.active(t); ++r) {
      const std::size_t token = layout.offset(t) + r;
      const Token id = batch.ids[token];
      check_token(source, id, [&] {
        const std::size_t index = layout.order(r);
        const auto record = index < batch.records.size() ? batch.records[index] : index;
        return "record " + std::to_string(record) + ", position " + std::to_string(t);
      });
      auto& slot = slot_of[id];
      if (slot < 0) {
        slot = static_cast<std::int32_t>(distinct.count);
        distinct.rows[distinct.count++] = id;
      }
      distinct.slots[token] = slot;
    }
  }
  return distinct;
}

/// table.gradient() row rows[k] += gradient row k, the padding row left out; threads split the columns.
template <Scalar T>
void add_row_gradients(const RowSource<T>& source, const std::int32_t* rows, ConstMatrixView<T> gradient) {
  if (source.table == nullptr || !source.table->trainable) return;
  auto target = source.table->gradient();
  parallel_for(threads(), [&](std::size_t part) {
    const Range columns = part_of(target.cols(), threads(), part, cache_line / sizeof(T));
    for (std::size_t k = 0; k < gradient.rows(); ++k) {
      if (source.index == RowSource<T>::Index::token && rows[k] == source.padding) continue;
      kernels::scatter_add_rows<T>(gradient.row_range(k, 1), rows + k, target, columns);
    }
  });
}

}  // namespace detail

/// The dense rows [tokens, width] of an expression: for layers that cannot look up. One row per packed token.
template <Scalar T> SeqVar<T> dense_rows(Tape<T>& tape, const EmbeddedTokens<T>& embedded) {
  using Source = RowSource<T>;
  const TokenBatch& batch = *embedded.batch;
  SeqVar<T> out = tape.make_sequence(batch.layout, embedded.width, true);
  auto value = out.node()->value;
  std::array<const std::int32_t*, 2> rows{};  // of every token
  for (std::size_t s = 0; s < 2; ++s) {
    const Source& source = embedded.sources[s];
    if (source.index == Source::Index::none) continue;
    const auto distinct = detail::distinct_rows(tape.arena(), source, batch);
    auto* ids = tape.arena().template allocate<std::int32_t>(batch.layout.tokens());
    for (std::size_t k = 0; k < batch.layout.tokens(); ++k) ids[k] = distinct.rows[distinct.slots[k]];
    rows[s] = ids;
    if (source.table != nullptr) {
      kernels::gather_rows<T>(source.table->view(), ids, value.rows(), value, s > 0);
    } else {
      if (s == 0) std::fill_n(value.data(), value.size(), T(0));
      for (std::size_t k = 0; k < value.rows(); ++k) value(k, static_cast<std::size_t>(ids[k])) += T(1);
    }
  }
  tape.record(out, [sources = embedded.sources, rows](ConstMatrixView<T> dy) {
    for (std::size_t s = 0; s < 2; ++s)
      if (sources[s].index != Source::Index::none) detail::add_row_gradients(sources[s], rows[s], dy);
  });
  return out;
}

SEQLSTM_NAMESPACE_END
