// Vectors whose numbers ranks compute in parts, and how every rank gets all of them.
#pragma once

#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <seqlstm/ranks/tree_sum.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// The part of n numbers that is this rank's: ranges in the order of ranks, of equal length to one number.
inline IndexRange rank_part(std::size_t n, std::size_t rank, std::size_t ranks) {
  return {n * rank / ranks, n * (rank + 1) / ranks};
}

/// Gives every rank the parts that the others have, each neighbour to the next. A rank sends and gets
/// n (R - 1) / R numbers of n. Takes memory for two pieces, and none once equal vectors were gathered.
template <Scalar T> class AllGather {
 public:
  /// The communicator must outlive it. `piece`: numbers of a message, at least 1, the same at all ranks.
  explicit AllGather(Communicator& communicator, std::size_t piece = std::size_t{1} << 18U);

  /// Of each vector this rank's rank_part() is there; the others become what their ranks have. All ranks have
  /// vectors of the same lengths. Throws rank_error.
  void gather(std::span<const std::span<T>> vectors);
  /// What all calls so far took here.
  [[nodiscard]] const RankTraffic& traffic() const { return traffic_; }

 private:
  using Vectors = std::span<const std::span<T>>;
  [[nodiscard]] std::size_t numbers_of(Vectors vectors, std::size_t rank) const;
  void pass_round(Vectors vectors, std::size_t begin, int tag);

  Communicator* communicator_;
  std::size_t piece_;
  AlignedBuffer<T> going_, coming_;
  RankTraffic traffic_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/all_gather.ipp>
#endif
