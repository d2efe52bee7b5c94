// Definitions of all_gather.hpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <seqlstm/ranks/all_gather.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Calls body(span) for the places of a rank's numbers from `begin` to `end`, which count through its parts
/// of all vectors.
template <Scalar T, class Body>
void for_places(std::span<const std::span<T>> vectors, std::size_t rank, std::size_t ranks, IndexRange range,
                Body&& body) {
  std::size_t before = 0;
  for (const std::span<T> vector : vectors) {
    const IndexRange part = rank_part(vector.size(), rank, ranks);
    const std::size_t after = before + part.end - part.begin;
    const std::size_t begin = std::max(before, range.begin), end = std::min(after, range.end);
    if (begin < end) body(vector.subspan(part.begin + begin - before, end - begin));
    before = after;
  }
}

}  // namespace detail

template <Scalar T>
AllGather<T>::AllGather(Communicator& communicator, std::size_t piece)
    : communicator_(&communicator), piece_(piece) {
  constexpr std::size_t most = std::size_t{1} << 27U;  // MPI counts bytes in int
  if (piece == 0 || piece > most)
    throw option_error("piece is " + std::to_string(piece) + " numbers, expected 1 to " +
                       std::to_string(most));
}

template <Scalar T> std::size_t AllGather<T>::numbers_of(Vectors vectors, std::size_t rank) const {
  std::size_t numbers = 0;
  for (const auto& vector : vectors) {
    const IndexRange part = rank_part(vector.size(), rank, communicator_->size());
    numbers += part.end - part.begin;
  }
  return numbers;
}

template <Scalar T>
template <class Memory, class Body>
void AllGather<T>::timed(std::unique_ptr<Memory>& memory, Body&& body) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  try {
    body();
  } catch (...) {
    static_cast<void>(memory.release());  // messages may still arrive there
    throw;
  }
  traffic_.seconds_waited += std::chrono::duration<double>(Clock::now() - start).count();
}

template <Scalar T> void AllGather<T>::gather(Vectors vectors) {
  const std::size_t ranks = communicator_->size();
  if (ranks == 1) return;
  if (pieces_ == nullptr) pieces_ = std::make_unique<Pieces>();
  std::size_t longest = 0;
  for (std::size_t rank = 0; rank < ranks; ++rank) longest = std::max(longest, numbers_of(vectors, rank));
  if (pieces_->going.size() != std::min(piece_, longest)) {
    pieces_->going = AlignedBuffer<T>(std::min(piece_, longest));
    pieces_->coming = AlignedBuffer<T>(pieces_->going.size());
  }
  const int tag = communicator_->next_tag();
  timed(pieces_, [&] {
    for (std::size_t begin = 0; begin < longest; begin += piece_) pass_round(vectors, begin, tag);
  });
}

/// One piece of every rank goes round the ring.
template <Scalar T> void AllGather<T>::pass_round(Vectors vectors, std::size_t begin, int tag) {
  const std::size_t ranks = communicator_->size(), rank = communicator_->rank();
  const std::size_t next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
  auto& [going, coming] = *pieces_;
  const auto range_of = [&](std::size_t owner) {
    const std::size_t numbers = numbers_of(vectors, owner);
    return IndexRange{std::min(begin, numbers), std::min(begin + piece_, numbers)};
  };
  T* place = going.data();
  detail::for_places<T>(vectors, rank, ranks, range_of(rank), [&](std::span<T> numbers) {
    place = std::copy(numbers.begin(), numbers.end(), place);
  });
  for (std::size_t step = 1; step < ranks; ++step) {
    const IndexRange sent = range_of((rank + ranks - step + 1) % ranks);
    const std::size_t owner = (rank + ranks - step) % ranks;
    const IndexRange got = range_of(owner);
    const auto incoming = std::as_writable_bytes(coming.span().first(got.end - got.begin));
    const auto outgoing = std::as_bytes(going.span().first(sent.end - sent.begin));
    const auto receive = communicator_->start_receive(previous, tag, incoming);
    const auto send = communicator_->start_send(next, tag, outgoing);
    communicator_->wait(receive);
    communicator_->wait(send);
    traffic_.bytes_sent += outgoing.size();
    const T* read = coming.data();
    detail::for_places<T>(vectors, owner, ranks, got, [&](std::span<T> numbers) {
      std::copy_n(read, numbers.size(), numbers.data());
      read += numbers.size();
    });
    std::swap(going, coming);
  }
}

template <Scalar T> AlignedBuffer<T> AllGather<T>::at_root(std::span<const T> own, std::size_t n) {
  const std::size_t ranks = communicator_->size();
  const int tag = communicator_->next_tag();
  // Whole parts may be more than one message can have.
  const auto for_pieces = [&](std::size_t count, auto&& body) {
    for (std::size_t begin = 0; begin < count; begin += piece_) body(begin, std::min(piece_, count - begin));
  };
  const bool root = communicator_->rank() == 0;
  auto whole = std::make_unique<AlignedBuffer<T>>(root ? n : own.size());
  std::copy(own.begin(), own.end(), whole->data());
  timed(whole, [&] {
    if (!root)
      return for_pieces(own.size(), [&](std::size_t begin, std::size_t count) {
        communicator_->send(0, tag, std::as_bytes(whole->span().subspan(begin, count)));
        traffic_.bytes_sent += count * sizeof(T);
      });
    for (std::size_t rank = 1; rank < ranks; ++rank) {
      const IndexRange part = rank_part(n, rank, ranks);
      for_pieces(part.end - part.begin, [&](std::size_t begin, std::size_t count) {
        communicator_->receive(rank, tag,
                               std::as_writable_bytes(whole->span().subspan(part.begin + begin, count)));
      });
    }
  });
  return root ? std::move(*whole) : AlignedBuffer<T>();
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class AllGather<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
