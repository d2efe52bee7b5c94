// Vectors whose numbers ranks compute in parts, and how every rank gets all of them.
#pragma once

#include <memory>
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
/// n (R - 1) / R numbers of n. Takes memory for two pieces, and none once equal vectors were gathered. Where
/// another rank fails, memory that messages may still reach is not given back.
template <Scalar T> class AllGather {
 public:
  /// The communicator must outlive it. `piece`: numbers of a message, at least 1, the same at all ranks.
  explicit AllGather(Communicator& communicator, std::size_t piece = std::size_t{1} << 18U);
  /// Memory of its own.
  AllGather(const AllGather& other)
      : communicator_(other.communicator_), piece_(other.piece_), traffic_(other.traffic_) {}
  /// The same.
  AllGather& operator=(const AllGather& other) {
    communicator_ = other.communicator_;
    piece_ = other.piece_;
    traffic_ = other.traffic_;
    return *this;
  }
  AllGather(AllGather&&) = default;             ///< with its memory
  AllGather& operator=(AllGather&&) = default;  ///< alike
  ~AllGather() = default;

  /// Of each vector this rank's rank_part() is there; the others become what their ranks have. All ranks have
  /// vectors of the same lengths. Throws rank_error.
  void gather(std::span<const std::span<T>> vectors);
  /// A vector of n numbers at rank 0, from this rank's rank_part() of it; at the others an empty one. All
  /// ranks call it with the same n. Throws rank_error.
  AlignedBuffer<T> at_root(std::span<const T> own, std::size_t n);
  /// What all calls so far took here.
  [[nodiscard]] const RankTraffic& traffic() const { return traffic_; }

 private:
  using Vectors = std::span<const std::span<T>>;
  [[nodiscard]] std::size_t numbers_of(Vectors vectors, std::size_t rank) const;
  void pass_round(Vectors vectors, std::size_t begin, int tag);
  /// body(); its time is waited, and where it throws `memory` stays for ever.
  template <class Memory, class Body> void timed(std::unique_ptr<Memory>& memory, Body&& body);

  struct Pieces {
    AlignedBuffer<T> going, coming;
  };
  Communicator* communicator_;
  std::size_t piece_;
  std::unique_ptr<Pieces> pieces_;
  RankTraffic traffic_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/all_gather.ipp>
#endif
