// Sums over the rows of a value: what a batch adds to the gradient of a weight, or to a loss. One definition
// for a step that is a batch of its own and for one whose batch several ranks compute (StepShards).
#pragma once

#include <array>
#include <bit>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What add_row_sums() hands its body where a step is a batch of its own: all rows, as they are.
struct AllRows {
  /// A matrix with a row for each row of the value.
  template <class T> ConstMatrixView<T> operator()(const MatrixView<T>& of_rows) const { return of_rows; }
  /// Numbers, one for each row.
  template <class T> const T* operator()(const T* of_rows) const { return of_rows; }
};

/// The rows of one shard after the other, or of several at a time, copied so that they stand side by side.
/// Memory is the arena's.
template <Scalar T> class GatheredRows {
 public:
  /// Rows of the tape's step, of so many shards at a time, a power of two.
  GatheredRows(Tape<T>& tape, const ShardRows& rows, std::size_t together = 1)
      : arena_(&tape.arena()), rows_(rows), together_(together) {}
  /// Hands out rows of this shard and those taken with it from now on: the same matrices in the same order
  /// for every shard.
  void begin(std::size_t shard) {
    first_ = shard;
    own_ = rows_.of(shard, together_);
    next_ = 0;
  }
  /// Rows of the shards.
  [[nodiscard]] std::size_t size() const { return own_.size(); }
  /// Where each of them ends among the rows, in the arena's memory.
  [[nodiscard]] std::span<const std::size_t> ends() const {
    auto* ends = arena_->allocate<std::size_t>(together_);
    for (std::size_t s = 0; s < together_; ++s) ends[s] = rows_.begins[first_ + s + 1] - rows_.begins[first_];
    return {ends, together_};
  }
  /// Their numbers in the value.
  [[nodiscard]] std::span<const std::uint32_t> numbers() const { return own_; }
  /// The shards' rows of a matrix.
  template <class U> ConstMatrixView<T> operator()(const MatrixView<U>& of_rows) {
    T* to = place<T>(of_rows.cols());
    for_parts(own_.size(), 1, own_.size() * of_rows.cols(), [&](IndexRange part) {
      for (std::size_t i = part.begin; i < part.end; ++i)
        std::copy_n(of_rows.row_data(own_[i]), of_rows.cols(), to + i * of_rows.cols());
    });
    return {to, own_.size(), of_rows.cols()};
  }
  /// Of numbers, or of anything there is one of for each row.
  template <class U> const U* operator()(const U* of_rows) {
    U* to = place<U>(1);
    for (std::size_t i = 0; i < own_.size(); ++i) to[i] = of_rows[own_[i]];
    return to;
  }
  /// Room for so many numbers a row of any shard.
  template <class U> U* place(std::size_t columns) {
    if (next_ == used_) {
      if (used_ == places_.size()) throw option_error("a sum over rows reads more than 16 matrices of rows");
      places_[used_++] = arena_->allocate<U>(rows_.largest(together_) * columns);
    }
    return static_cast<U*>(places_[next_++]);
  }

 private:
  Arena* arena_;
  ShardRows rows_;
  std::size_t together_, first_ = 0;
  std::span<const std::uint32_t> own_;
  std::array<void*, 16> places_{};
  std::size_t used_ = 0, next_ = 0;
};

namespace detail {

/// What add(shard, sums) of sum_shards() finds: zeros, or memory that it overwrites.
enum class FirstSums { zero, overwritten };

/// How many shards a kernel may sum at once: columns of more rows would not stay in the caches.
inline std::size_t shards_together(const ShardRows& rows) {
  constexpr std::size_t most_rows = 2048;
  std::size_t together = 1;
  while (2 * together <= std::min(rows.count, kernels::GradientTokens::shard_limit) &&
         rows.largest(2 * together) <= most_rows)
    together *= 2;
  return together;
}

/// The `size` sums over the rows of all of this rank's shards, in the tape's arena: add(shard, sums) makes
/// those of one shard, or of the `together` shards from it on, added up in the order of ShardTree; in that
/// order these are added up here.
template <Scalar T, class Add>
T* sum_shards(Tape<T>& tape, std::size_t size, Add&& add, FirstSums first = FirstSums::zero,
              std::size_t together = 1) {
  StepShards<T>& shards = *tape.shards();
  T* const total = tape.arena().template allocate<T>(size);
  // The sums that wait for their right neighbour are a stack, `total` at its bottom.
  std::array<T*, StepShards<T>::most_waiting + 1> waiting{total};
  const auto in_parts = [size](auto&& body) { for_parts(size, cache_line / sizeof(T), size, body); };
  for (std::size_t s = 0; s < shards.count() / together; ++s) {
    const auto depth = static_cast<std::size_t>(std::popcount(s));
    if (depth > 0) waiting[depth] = shards.room(depth - 1, size);
    T* const own = waiting[depth];
    if (first == FirstSums::zero)
      in_parts([own](IndexRange part) { std::fill(own + part.begin, own + part.end, T(0)); });
    add(s * together, own);
    // Each node that this shard completes: its left sum, which waits, plus its right one.
    const auto complete = static_cast<std::size_t>(std::countr_one(s));
    if (complete == 0) continue;
    in_parts([&](IndexRange part) {
      constexpr std::size_t block = 256;  // so that sums of inner nodes stay in the first cache
      for (std::size_t begin = part.begin; begin < part.end; begin += block)
        for (std::size_t node = 0; node < complete; ++node) {
          T *const left = waiting[depth - 1 - node], *const right = waiting[depth - node];
          for (std::size_t i = begin; i < std::min(part.end, begin + block); ++i) left[i] += right[i];
        }
    });
  }
  return total;
}

/// The layout of a shard's sequences: its tokens are the rows that GatheredRows gives of `layout`'s.
template <Scalar T>
const PackedLayout& shard_layout(Tape<T>& tape, const PackedLayout& layout, std::size_t shard) {
  auto* lengths = tape.arena().template allocate<std::size_t>(layout.sequences());
  std::size_t count = 0;
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    if (tape.shards()->of_sequence()[layout.order(r)] == shard) lengths[count++] = layout.length(r);
  PackedLayout& own = tape.new_layout();
  own.assign({lengths, count});
  return own;
}

template <Scalar T, class Body>
void send_row_sums(const Variable<T>& rows, const Parameter<T>& parameter, Body&& body,
                   typename StepShards<T>::AddSums add, const void* self) {
  const MatrixView<T> gradient = parameter.gradient();
  Tape<T>& tape = rows.tape();
  GatheredRows<T> own(tape, tape.shard_rows(rows));
  T* const sums = sum_shards(tape, gradient.size(), [&](std::size_t shard, T* to) {
    own.begin(shard);
    body(own, MatrixView<T>(to, gradient.rows(), gradient.cols()));
  });
  tape.shards()->send(gradient, sums, add, self);
}

}  // namespace detail

/// parameter.gradient() += the sums over all rows of `rows`, unless the parameter is frozen. body(own, sums)
/// adds them to `sums`, of the gradient's shape; own(m) are the rows of m that it is to sum, for every matrix
/// m (or array of numbers) with a row for each of `rows`: AllRows, or GatheredRows of a shard, for which it
/// is called again. To be called from backward functions.
template <Scalar T, class Body>
void add_row_sums(const Variable<T>& rows, const Parameter<T>& parameter, Body&& body) {
  if (!parameter.trainable) return;
  if (rows.tape().shards() == nullptr) return body(AllRows(), parameter.gradient());
  detail::send_row_sums(rows, parameter, body, nullptr, nullptr);
}

/// The same where the sums of all rows go to the gradient by finish.add_gradient(sums, gradient). `finish`
/// must live until the tape's next reset().
template <Scalar T, class Body, class Finish>
void add_row_sums(const Variable<T>& rows, const Parameter<T>& parameter, Body&& body, const Finish& finish) {
  if (!parameter.trainable) return;
  const MatrixView<T> gradient = parameter.gradient();
  if (rows.tape().shards() == nullptr) {
    const auto sums = rows.tape().arena().template zero_matrix<T>(gradient.rows(), gradient.cols());
    body(AllRows(), sums);
    return finish.add_gradient(sums, gradient);
  }
  detail::send_row_sums(
      rows, parameter, body,
      [](const void* self, ConstMatrixView<T> sums, MatrixView<T> to) {
        static_cast<const Finish*>(self)->add_gradient(sums, to);
      },
      &finish);
}

/// The sum of a number for each row of a value, in double; on several ranks that of all rows everywhere.
template <Scalar T> class RowTotal {
 public:
  /// Of numbers of sequences, in the caller's order.
  explicit RowTotal(Tape<T>& tape) : tape_(&tape) {
    if (tape.shards() == nullptr) return;
    own_ = tape.arena().template allocate_zero<double>(tape.shards()->count());
    shard_of_ = tape.shards()->of_sequence().data();
  }
  /// Of no rows yet.
  explicit RowTotal(const Variable<T>& rows) : tape_(&rows.tape()) {
    if (tape_->shards() == nullptr) return;
    const ShardRows by_shard = tape_->shard_rows(rows);
    own_ = tape_->arena().template allocate_zero<double>(by_shard.count);
    auto* shard_of = tape_->arena().template allocate<std::uint32_t>(rows.rows());
    for (std::size_t s = 0; s < by_shard.count; ++s)
      for (const std::uint32_t row : by_shard.of(s)) shard_of[row] = static_cast<std::uint32_t>(s);
    shard_of_ = shard_of;
  }
  /// What row `row` is to be added to, by one thread; rows are to come in their order.
  double& of(std::size_t row) { return own_ == nullptr ? all_ : own_[shard_of_[row]]; }
  /// The sum. To be called once, on every rank.
  double sum() {
    if (own_ == nullptr) return all_;
    for (std::size_t step = 1; step < tape_->shards()->count(); step *= 2)
      for (std::size_t left = 0; left < tape_->shards()->count(); left += 2 * step)
        own_[left] += own_[left + step];
    tape_->shards()->sum_doubles({own_, 1});
    return own_[0];
  }

 private:
  Tape<T>* tape_;
  double all_ = 0, *own_ = nullptr;          // of a shard each
  const std::uint32_t* shard_of_ = nullptr;  // of each row
};

namespace detail {

/// A number of things, those on other ranks counted too: exact, so its order of adding does not matter.
template <Scalar T> double count_on_ranks(Tape<T>& tape, std::size_t here) {
  auto count = static_cast<double>(here);
  if (tape.shards() != nullptr) tape.shards()->sum_doubles({&count, 1});
  return count;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
