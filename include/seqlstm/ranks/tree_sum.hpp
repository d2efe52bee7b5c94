// The sum of a vector over ranks, to the bit that of one rank, while the computing goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <seqlstm/ranks/detail/sum_plan.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How vectors travel.
struct TreeSumOptions {
  std::size_t bucket = std::size_t{1} << 18U;  ///< numbers that travel together, 1 to 2^27
  Precision wire = Precision::f32;             ///< bf16: half the bytes of float
};

/// What sums over ranks took at one of them.
struct RankTraffic {
  double seconds_waited = 0;     ///< for what was on its way when there was nothing else to do
  std::uint64_t bytes_sent = 0;  ///< payload

  /// Adds what other sums took.
  RankTraffic& operator+=(const RankTraffic& more) {
    seconds_waited += more.seconds_waited;
    bytes_sent += more.bytes_sent;
    return *this;
  }
};

namespace detail {

/// A part of a vector on its way through the tree.
template <Scalar T> class SumBucket {
 public:
  /// Begins to add up `values`, this rank's own; they become the sum.
  void start(Communicator& communicator, std::span<T> values, int tag, Precision wire);
  /// Does what can be done now; true when the sum is there.
  bool progress(Communicator& communicator);
  /// Payload sent since start().
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  /// The length of the vector before, whose plan is there.
  [[nodiscard]] std::size_t planned() const { return planned_count_; }

 private:
  void enter_level(Communicator& communicator);
  void leave_level();
  void enter_return(Communicator& communicator);
  void leave_return();
  void send(Communicator& communicator, const SumMessage& message);
  /// Into `place`: memory for the numbers, or for their bfloat16s.
  void receive(Communicator& communicator, const SumMessage& message, T* place, bfloat16* rounded_place);
  void round(IndexRange range);
  bool transfers_done(Communicator& communicator);

  SumPlan plan_;
  std::size_t planned_ranks_ = 0, planned_count_ = 0, level_ = 0;
  bool returning_ = false, finished_ = true;
  std::span<T> values_;
  int tag_ = 0;
  Precision wire_ = Precision::f32;
  std::uint64_t bytes_sent_ = 0;
  std::vector<Communicator::Transfer> transfers_;
  AlignedBuffer<T> other_;                       // the other child's numbers, from piece.begin on
  AlignedBuffer<bfloat16> outgoing_, incoming_;  // [values], [2 * values]: own child's, other child's
};

}  // namespace detail

/// Adds up vectors over ranks in the order of ShardTree, whose blocks the ranks' own vectors are the sums of:
/// every rank ends with the same bits, those of one rank that adds up all shards. With `wire` bf16, numbers
/// are rounded at each node above the ranks and at the end; every rank has the same bits then too, but they
/// depend on the number of ranks.
///
/// A rank sends and gets 2 n (R - 1) / R numbers of n where R is a power of two, a little more elsewhere;
/// short vectors travel whole, in log2(R) messages. Takes memory for as many numbers as are on their way, and
/// none once equal sums were made before.
template <Scalar T> class TreeSum {
 public:
  /// The communicator must outlive it. Throws option_error for a bucket outside its range, and
  /// for int8 numbers on the wire.
  explicit TreeSum(Communicator& communicator, TreeSumOptions options = {});
  TreeSum(const TreeSum&) = delete;
  TreeSum& operator=(const TreeSum&) = delete;
  /// Finishes what was started, whose values are still there.
  ~TreeSum();

  /// Begins to replace `values` by their sum over ranks; nobody else touches them before finish(). All ranks
  /// start the same vectors in the same order.
  void start(std::span<T> values);
  /// Moves on what has arrived; true when all that was started is done. To be called now and then while
  /// something else is computed.
  bool progress();
  /// Returns when all that was started is done. Throws rank_error.
  void finish();
  /// start() and finish().
  void sum(std::span<T> values) {
    start(values);
    finish();
  }

  /// What all sums so far took here; finish() is what waits.
  [[nodiscard]] const RankTraffic& traffic() const { return traffic_; }

 private:
  Communicator& communicator_;
  TreeSumOptions options_;
  std::vector<std::unique_ptr<detail::SumBucket<T>>> active_, idle_;
  RankTraffic traffic_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/tree_sum.ipp>
#endif
