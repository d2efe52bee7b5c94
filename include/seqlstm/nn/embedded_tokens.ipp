// Definitions of embedded_tokens.hpp.
#pragma once

#include <bit>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/row_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> EmbeddedTokens<T> operator+(const EmbeddedTokens<T>& a, const EmbeddedTokens<T>& b) {
  if (a.dim != b.dim)
    throw shape_error("token vectors of width " + std::to_string(a.dim) + " and " + std::to_string(b.dim) +
                      " cannot be added; give both layers the same width");
  if (a.batch != b.batch) throw shape_error("token vectors of two different batches cannot be added");
  if (a.sources[1].index != RowSource<T>::Index::none || b.sources[1].index != RowSource<T>::Index::none)
    throw shape_error("a sum of token vectors has at most two terms");
  return {a.batch, a.dim, {a.sources[0], b.sources[0]}};
}

namespace detail {

template <Scalar T> void DistinctRows<T>::scale(MatrixView<T> values) const {
  for (std::size_t k = 0; factors != nullptr && k < count; ++k)
    for (T& v : values.row(k)) v *= factors[k];
}

SEQLSTM_INLINE RowNumbers::RowNumbers(Arena& arena, std::size_t rows, std::size_t tokens) {
  constexpr std::size_t much_larger = 8;
  if (rows > much_larger * tokens) {
    const std::size_t size = std::bit_ceil(2 * tokens + 1);
    mask_ = size - 1;
    shift_ = 64 - static_cast<unsigned>(std::bit_width(mask_));
    ids_ = arena.allocate<Token>(size);
    std::fill_n(ids_, size, Token{-1});
    rows = size;
  }
  numbers_ = arena.allocate<std::int32_t>(rows);
  std::fill_n(numbers_, rows, -1);
}

SEQLSTM_INLINE std::int32_t& RowNumbers::operator[](Token id) {
  if (ids_ == nullptr) return numbers_[id];
  std::size_t place = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15U >> shift_;  // Fibonacci hashing
  while (ids_[place] != id && ids_[place] != -1) place = (place + 1) & mask_;
  ids_[place] = id;
  return numbers_[place];
}

template <Scalar T>
DistinctRows<T> numbered_rows(Arena& arena, const RowSource<T>& source, const SequenceBatch& batch) {
  const PackedLayout& layout = batch.layout;
  if (source.index == RowSource<T>::Index::token && batch.ids.size() != layout.tokens())
    throw token_error("the batch has " + std::to_string(batch.ids.size()) + " tokens for " +
                      std::to_string(layout.tokens()) +
                      " positions; an embedding needs one each, rows of real numbers are read by channels()");
  DistinctRows<T> distinct;
  distinct.indices = arena.allocate<std::int32_t>(layout.tokens());
  if (source.index == RowSource<T>::Index::position) {
    distinct.count = layout.steps();
    if (distinct.count > source.rows)
      throw shape_error("positional embedding: a sequence has " + std::to_string(distinct.count) +
                        " tokens, the table holds " + std::to_string(source.rows) +
                        " positions; build it with a larger length");
    distinct.rows = arena.allocate<std::int32_t>(distinct.count);
    for (std::size_t t = 0; t < distinct.count; ++t) {
      distinct.rows[t] = static_cast<std::int32_t>(t);
      std::fill_n(distinct.indices + layout.offset(t), layout.active(t), static_cast<std::int32_t>(t));
    }
    return distinct;
  }
  distinct.rows = arena.allocate<std::int32_t>(std::min(source.rows, layout.tokens()));
  RowNumbers slot_of(arena, source.rows, layout.tokens());
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
      distinct.indices[token] = slot;
    }
  }
  return distinct;
}

template <Scalar T>
DistinctRows<T> distinct_rows(Tape<T>& tape, const RowSource<T>& source, const SequenceBatch& batch) {
  if (source.bytes != nullptr && tape.training() && source.table->trainable) throw int8_trains("embedding");
  auto distinct = numbered_rows(tape.arena(), source, batch);
  if (source.dropout == 0 || !tape.training()) return distinct;
  const RandomKey key = tape.next_random();
  const Coin dropped(source.dropout);
  const T kept = source.dropout < 1 ? static_cast<T>(1 / (1 - source.dropout)) : T(0);
  distinct.factors = tape.arena().template allocate<T>(distinct.count);
  for (std::size_t k = 0; k < distinct.count; ++k)
    distinct.factors[k] =
        dropped(random_block(key, static_cast<std::uint64_t>(distinct.rows[k]), 0, 0)[0]) ? T(0) : kept;
  return distinct;
}

template <Scalar T>
DistinctRows<T> distinct_parts(Arena& arena, const DistinctRows<T>& all, const std::int32_t* used,
                               std::span<const std::size_t> ends, std::size_t* row_ends) {
  const std::size_t tokens = ends.back(), most = std::min(ends.size() * all.count, tokens);
  DistinctRows<T> own;
  own.rows = arena.allocate<std::int32_t>(most);
  own.indices = arena.allocate<std::int32_t>(tokens);
  if (all.factors != nullptr) own.factors = arena.allocate<T>(most);
  auto* number = arena.allocate<std::int32_t>(all.count);
  std::fill_n(number, all.count, -1);
  std::size_t k = 0;
  for (std::size_t s = 0; s < ends.size(); ++s) {
    const auto first = static_cast<std::int32_t>(own.count);  // lower numbers are another shard's
    for (; k < ends[s]; ++k) {
      auto& slot = number[used[k]];
      if (slot < first) {
        slot = static_cast<std::int32_t>(own.count);
        own.rows[own.count] = all.rows[used[k]];
        if (own.factors != nullptr) own.factors[own.count] = all.factors[used[k]];
        ++own.count;
      }
      own.indices[k] = slot;
    }
    row_ends[s] = own.count;
  }
  return own;
}

SEQLSTM_INLINE EqualRows EqualRows::find(Arena& arena, const std::int32_t* ids,
                                         std::span<const std::size_t> row_ends) {
  struct Place {
    std::int32_t id;
    std::uint32_t shard;
    std::int32_t row;
  };
  const std::size_t count = row_ends.back();
  auto* places = arena.allocate<Place>(count);
  for (std::size_t s = 0, row = 0; s < row_ends.size(); ++s)
    for (; row < row_ends[s]; ++row)
      places[row] = {ids[row], static_cast<std::uint32_t>(s), static_cast<std::int32_t>(row)};
  std::sort(places, places + count,
            [](const Place& a, const Place& b) { return a.id != b.id ? a.id < b.id : a.shard < b.shard; });
  auto* pairs = arena.allocate<Pair>(count);
  std::size_t found = 0;
  // Level by level of the tree: neighbours whose nodes have the same parent become one.
  std::size_t left = count;
  for (unsigned level = 1; (row_ends.size() >> level) > 0; ++level) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < left; ++i) {
      const Place& next = places[i];
      if (kept > 0 && places[kept - 1].id == next.id &&
          places[kept - 1].shard >> level == next.shard >> level) {
        pairs[found++] = {places[kept - 1].row, next.row};
      } else {
        places[kept++] = next;
      }
    }
    left = kept;
  }
  return {{pairs, found}};
}

template <Scalar T> void EqualRows::add_up(MatrixView<T> rows, IndexRange columns) const {
  for (const Pair& pair : pairs) {
    const auto from = static_cast<std::size_t>(pair.from);
    Kernels<T>::scatter_add_rows(rows.row_range(from, 1), &pair.into, rows, columns);
    std::fill(rows.row_data(from) + columns.begin, rows.row_data(from) + columns.end, T(0));
  }
}

template <Scalar T>
MatrixView<T> gathered_rows(Arena& arena, const RowSource<T>& source, const DistinctRows<T>& distinct) {
  auto rows = arena.template matrix<T>(distinct.count, source.table->cols());
  copy_rows(source, distinct.rows, rows.rows(), rows);
  distinct.scale(rows);
  return rows;
}

template <Scalar T>
void add_row_gradients(const RowSource<T>& source, const DistinctRows<T>& distinct, MatrixView<T> gradient,
                       MatrixView<T> target, const EqualRows& equal) {
  distinct.scale(gradient);
  for_parts(target.cols(), cache_line / sizeof(T), gradient.size(), [&](IndexRange columns) {
    equal.add_up(gradient, columns);
    for (std::size_t k = 0; k < distinct.count; ++k) {
      if (source.index == RowSource<T>::Index::token && distinct.rows[k] == source.padding) continue;
      Kernels<T>::scatter_add_rows(gradient.row_range(k, 1), distinct.rows + k, target, columns);
    }
  });
}

}  // namespace detail

template <Scalar T> SeqVar<T> dense_rows(Tape<T>& tape, const EmbeddedTokens<T>& embedded) {
  using Source = RowSource<T>;
  const SequenceBatch& batch = *embedded.batch;
  bool trains = false;
  for (const Source& source : embedded.sources)
    trains = trains || (source.table != nullptr && source.table->trainable);
  SeqVar<T> out = tape.make_sequence(batch.layout, embedded.dim, trains);
  auto value = out.node()->value;
  std::array<detail::DistinctRows<T>, 2> distinct{};
  for (std::size_t s = 0; s < 2; ++s) {
    const Source& source = embedded.sources[s];
    if (source.index == Source::Index::none) continue;
    distinct[s] = detail::distinct_rows(tape, source, batch);
    if (source.table != nullptr) {
      detail::Kernels<T>::gather_rows(detail::gathered_rows(tape.arena(), source, distinct[s]),
                                      distinct[s].indices, value.rows(), value, s > 0);
    } else {
      if (s == 0) std::fill_n(value.data(), value.size(), T(0));
      for (std::size_t k = 0; k < value.rows(); ++k)
        value(k, static_cast<std::size_t>(distinct[s].rows[distinct[s].indices[k]])) += T(1);
    }
  }
  tape.record(out, [out, sources = embedded.sources, distinct](ConstMatrixView<T> dy) {
    for (std::size_t s = 0; s < 2; ++s) {
      if (sources[s].table == nullptr) continue;
      add_row_sums(out, *sources[s].table, [&](auto&& own, MatrixView<T> target) {
        const ConstMatrixView<T> own_dy = own(dy);
        const std::int32_t* indices = own(std::as_const(distinct[s].indices));
        const auto sums = out.tape().arena().template zero_matrix<T>(distinct[s].count, dy.cols());
        for_parts(dy.cols(), cache_line / sizeof(T), own_dy.size(), [&](IndexRange columns) {
          detail::Kernels<T>::scatter_add_rows(own_dy, indices, sums, columns);
        });
        detail::add_row_gradients(sources[s], distinct[s], sums, target);
      });
    }
  });
  return out;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                                 \
  template EmbeddedTokens<T> operator+(const EmbeddedTokens<T>& a, const EmbeddedTokens<T>& b);              \
  template struct detail::DistinctRows<T>;                                                                   \
  template detail::DistinctRows<T> detail::numbered_rows(Arena& arena, const RowSource<T>& source,           \
                                                         const SequenceBatch& batch);                        \
  template detail::DistinctRows<T> detail::distinct_rows(Tape<T>& tape, const RowSource<T>& source,          \
                                                         const SequenceBatch& batch);                        \
  template detail::DistinctRows<T> detail::distinct_parts(                                                   \
      Arena& arena, const DistinctRows<T>& all, const std::int32_t* used, std::span<const std::size_t> ends, \
      std::size_t* row_ends);                                                                                \
  template void detail::EqualRows::add_up(MatrixView<T> rows, IndexRange columns) const;                     \
  template MatrixView<T> detail::gathered_rows(Arena& arena, const RowSource<T>& source,                     \
                                               const DistinctRows<T>& distinct);                             \
  template void detail::add_row_gradients(const RowSource<T>& source, const DistinctRows<T>& distinct,       \
                                          MatrixView<T> gradient, MatrixView<T> target,                      \
                                          const EqualRows& equal);                                           \
  template SeqVar<T> dense_rows(Tape<T>& tape, const EmbeddedTokens<T>& embedded);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
