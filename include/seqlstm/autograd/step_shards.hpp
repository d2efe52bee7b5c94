// A step whose batch several ranks compute together: sums over its rows have one order, wherever they are.
//
//   every sequence belongs to a shard; a rank has some shards (a node of the tree over all of them)
//   for each sum over rows (a weight's gradient, a loss):
//     for each shard of this rank: the sum over the shard's rows, in their order
//     added up in the order of the tree, here and then over ranks
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The rows of a value, shard by shard; memory is a tape's.
struct ShardRows {
  const std::uint32_t* rows =
      nullptr;  ///< [rows of the value]: those of shard 0 in their order, of shard 1, ...
  const std::size_t* begins = nullptr;  ///< [count + 1]: where each shard begins among them
  std::size_t count = 0;                ///< shards

  /// The rows of one shard, or of so many from it on.
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t shard, std::size_t shards = 1) const {
    return {rows + begins[shard], begins[shard + shards] - begins[shard]};
  }
  /// The most rows that so many shards have, a power of two of them side by side.
  [[nodiscard]] std::size_t largest(std::size_t shards = 1) const {
    std::size_t most = 0;
    for (std::size_t s = 0; s < count; s += shards) most = std::max(most, begins[s + shards] - begins[s]);
    return most;
  }
};

/// This rank's part of a batch, and how sums over the whole batch are made. A tape that has one (set_shards)
/// runs a step of several ranks: each of them has the sequences of its own shards on its tape, and every sum
/// over rows is that of all ranks. A training makes it (FitOptions::communicator); layers of one's own use it
/// through add_row_sums().
template <Scalar T> class StepShards {
 public:
  /// Sums beside the first that may wait for others: log2 of the most shards.
  static constexpr std::size_t most_waiting = 10;

  StepShards() = default;
  StepShards(const StepShards&) = delete;
  StepShards& operator=(const StepShards&) = delete;
  virtual ~StepShards() = default;

  /// The step's sequences, in the caller's order: which of this rank's `count` shards (a power of two) each
  /// belongs to, and its number in the whole batch; without numbers it is all of the batch. Gradients of the
  /// step before are forgotten.
  void assign(std::span<const std::uint32_t> of_sequence, std::size_t count,
              std::span<const std::size_t> numbers = {}) {
    of_sequence_.assign(of_sequence.begin(), of_sequence.end());
    numbers_.assign(numbers.begin(), numbers.end());
    count_ = count;
    gradients_.clear();
  }
  /// The number in the whole batch of sequence i: what random numbers of rows without a record are keyed by.
  [[nodiscard]] std::size_t number(std::size_t i) const { return i < numbers_.size() ? numbers_[i] : i; }
  /// Shards of this rank.
  [[nodiscard]] std::size_t count() const { return count_; }
  /// The shard of each sequence.
  [[nodiscard]] std::span<const std::uint32_t> of_sequence() const { return of_sequence_; }

  /// Replaces this rank's sums by those over all ranks; every rank makes the same calls.
  virtual void sum_over_ranks(std::span<T> sums) = 0;
  /// The same for doubles.
  virtual void sum_doubles(std::span<double> sums) = 0;

  /// What a gradient's sums become before they are added to it; null: they are added as they are.
  using AddSums = void (*)(const void* self, ConstMatrixView<T> sums, MatrixView<T> gradient);

  /// This rank's sums of a gradient, which are on their way to all ranks from now on; nobody else touches
  /// them before add_gradients().
  void send(MatrixView<T> gradient, T* sums, AddSums add = nullptr, const void* self = nullptr) {
    gradients_.push_back({gradient, sums, add, self});
    start({sums, gradient.size()});
  }
  /// The same for sums that go to several gradients: `add` is given them as one row, and an empty gradient.
  void send(std::span<T> sums, AddSums add, const void* self) {
    gradients_.push_back({{sums.data(), 0, sums.size()}, sums.data(), add, self});
    start(sums);
  }
  /// Sums of a gradient that are those of all ranks already.
  void keep(MatrixView<T> gradient, T* sums) { gradients_.push_back({gradient, sums, nullptr, nullptr}); }
  /// Waits for all sums that were sent, and adds each to its gradient, in the order of the calls.
  void add_gradients() {
    wait();
    for (const Gradient& g : gradients_) {
      const std::size_t rows = std::max<std::size_t>(g.of.rows(), 1);
      if (g.add != nullptr) {
        g.add(g.self, {g.sums, rows, g.of.cols()}, g.of);
        continue;
      }
      for_parts(g.of.size(), cache_line / sizeof(T), g.of.size(), [&](IndexRange part) {
        for (std::size_t i = part.begin; i < part.end; ++i) g.of.data()[i] += g.sums[i];
      });
    }
    gradients_.clear();
  }

  /// Memory for the sums of shards beside the first, kept from step to step; number `place` of a fold.
  T* room(std::size_t place, std::size_t size) {
    rooms_[place].reserve_discard(size);
    return rooms_[place].data();
  }

 protected:
  /// Begins to replace `sums` by those over all ranks.
  virtual void start(std::span<T> sums) = 0;
  /// Returns when all that was started is done.
  virtual void wait() = 0;

 private:
  struct Gradient {
    MatrixView<T> of;
    T* sums;
    AddSums add;
    const void* self;
  };

  std::vector<std::uint32_t> of_sequence_;
  std::vector<std::size_t> numbers_;
  std::size_t count_ = 1;
  std::vector<Gradient> gradients_;
  std::array<AlignedBuffer<T>, most_waiting> rooms_;
};

SEQLSTM_NAMESPACE_END
