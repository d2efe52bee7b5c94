// Definitions of tree_sum.hpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <seqlstm/ranks/detail/patience.hpp>
#include <seqlstm/ranks/tree_sum.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Vectors of so few bytes travel whole: the time of a message is then that of its start.
inline constexpr std::size_t whole_bytes = 4096;

template <Scalar T>
void SumBucket<T>::start(Communicator& communicator, std::span<T> values, int tag, Precision wire) {
  if (planned_ranks_ != communicator.size() || planned_count_ != values.size()) {
    plan_ =
        sum_plan(communicator.size(), communicator.rank(), values.size(), values.size_bytes() > whole_bytes);
    planned_ranks_ = communicator.size();
    planned_count_ = values.size();
  }
  values_ = values;
  tag_ = tag;
  wire_ = wire;
  bytes_sent_ = 0;
  level_ = 0;
  returning_ = false;
  finished_ = plan_.levels.empty() || values.empty();
  if (finished_) return;
  other_.reserve_discard(values.size());
  if (wire_ == Precision::bf16) {
    outgoing_.reserve_discard(values.size());
    incoming_.reserve_discard(2 * values.size());
  }
  enter_level(communicator);
}

template <Scalar T> bool SumBucket<T>::progress(Communicator& communicator) {
  while (!finished_ && transfers_done(communicator)) {
    if (!returning_) {
      leave_level();
      if (++level_ < plan_.levels.size()) {
        enter_level(communicator);
        continue;
      }
      if (wire_ == Precision::bf16) round(plan_.levels.back().piece);
      returning_ = true;
      finished_ = !plan_.pieces;
    } else {
      leave_return();
      finished_ = level_ == 0;
    }
    if (!finished_) {
      --level_;
      enter_return(communicator);
    }
  }
  return finished_;
}

template <Scalar T> bool SumBucket<T>::transfers_done(Communicator& communicator) {
  while (!transfers_.empty()) {
    if (!communicator.done(transfers_.back())) return false;
    transfers_.pop_back();
  }
  return true;
}

template <Scalar T> void SumBucket<T>::enter_level(Communicator& communicator) {
  const SumLevel& level = plan_.levels[level_];
  if (wire_ == Precision::bf16) round(level.held);
  for (const SumMessage& message : level.of_own_child)
    receive(communicator, message, values_.data() + message.range.begin,
            incoming_.data() + message.range.begin);
  for (const SumMessage& message : level.of_other_child)
    receive(communicator, message, other_.data() + message.range.begin,
            incoming_.data() + values_.size() + message.range.begin);
  for (const SumMessage& message : level.sends) send(communicator, message);
}

template <Scalar T> void SumBucket<T>::leave_level() {
  const SumLevel& level = plan_.levels[level_];
  if (wire_ == Precision::bf16) {
    const auto widen = [](const bfloat16* from, T* to, IndexRange range) {
      for (std::size_t i = range.begin; i < range.end; ++i)
        to[i] = static_cast<T>(static_cast<float>(from[i]));
    };
    for (const SumMessage& message : level.of_own_child)
      widen(incoming_.data(), values_.data(), message.range);
    for (const SumMessage& message : level.of_other_child)
      widen(incoming_.data() + values_.size(), other_.data(), message.range);
  }
  const T* const other = other_.data();
  T* const own = values_.data();
  const IndexRange piece = level.piece;
  for_parts(piece.end - piece.begin, sum_grain, piece.end - piece.begin, [&](IndexRange part) {
    const std::size_t begin = piece.begin + part.begin, end = piece.begin + part.end;
    if (level.in_left)
      for (std::size_t i = begin; i < end; ++i) own[i] = own[i] + other[i];
    else
      for (std::size_t i = begin; i < end; ++i) own[i] = other[i] + own[i];
  });
}

template <Scalar T> void SumBucket<T>::enter_return(Communicator& communicator) {
  const SumLevel& level = plan_.levels[level_];
  for (const SumMessage& message : level.sends)
    receive(communicator, message, values_.data() + message.range.begin,
            incoming_.data() + message.range.begin);
  for (const auto* messages : {&level.of_own_child, &level.of_other_child})
    for (const SumMessage& message : *messages) send(communicator, message);
}

template <Scalar T> void SumBucket<T>::leave_return() {
  if (wire_ != Precision::bf16) return;
  for (const SumMessage& message : plan_.levels[level_].sends)
    for (std::size_t i = message.range.begin; i < message.range.end; ++i)
      values_[i] = static_cast<T>(static_cast<float>(incoming_[i]));
}

template <Scalar T> void SumBucket<T>::send(Communicator& communicator, const SumMessage& message) {
  const auto [begin, end] = message.range;
  std::span<const std::byte> bytes = std::as_bytes(values_.subspan(begin, end - begin));
  if (wire_ == Precision::bf16) {  // exact, for the numbers are rounded already
    for (std::size_t i = begin; i < end; ++i) outgoing_[i] = bfloat16(static_cast<float>(values_[i]));
    bytes = std::as_bytes(outgoing_.span().subspan(begin, end - begin));
  }
  bytes_sent_ += bytes.size();
  transfers_.push_back(communicator.start_send(message.rank, tag_, bytes));
}

template <Scalar T>
void SumBucket<T>::receive(Communicator& communicator, const SumMessage& message, T* place,
                           bfloat16* rounded_place) {
  const std::size_t count = message.range.end - message.range.begin;
  const auto bytes = wire_ == Precision::bf16 ? std::as_writable_bytes(std::span(rounded_place, count))
                                              : std::as_writable_bytes(std::span(place, count));
  transfers_.push_back(communicator.start_receive(message.rank, tag_, bytes));
}

template <Scalar T> void SumBucket<T>::round(IndexRange range) {
  for (std::size_t i = range.begin; i < range.end; ++i)
    values_[i] = static_cast<T>(static_cast<float>(bfloat16(static_cast<float>(values_[i]))));
}

}  // namespace detail

template <Scalar T>
TreeSum<T>::TreeSum(Communicator& communicator, TreeSumOptions options)
    : communicator_(communicator), options_(options) {
  constexpr std::size_t most = std::size_t{1} << 27U;  // MPI counts bytes in int
  if (options.wire == Precision::int8) throw option_error("wire is int8, expected f32 or bf16");
  if (options.bucket == 0 || options.bucket > most)
    throw option_error("bucket is " + std::to_string(options.bucket) + " numbers, expected 1 to " +
                       std::to_string(most));
}

template <Scalar T> TreeSum<T>::~TreeSum() {
  try {
    finish();
  } catch (const std::exception&) {  // a rank failed: messages may still arrive, so their memory stays
    for (auto& bucket : active_) static_cast<void>(bucket.release());
  }
}

template <Scalar T> void TreeSum<T>::start(std::span<T> values) {
  for (std::size_t begin = 0; begin < values.size(); begin += options_.bucket) {
    const std::size_t count = std::min(options_.bucket, values.size() - begin);
    if (idle_.empty()) idle_.push_back(std::make_unique<detail::SumBucket<T>>());
    auto bucket = std::find_if(idle_.begin(), idle_.end(),
                               [count](const auto& idle) { return idle->planned() == count; });
    if (bucket == idle_.end()) --bucket;
    active_.push_back(std::move(*bucket));
    idle_.erase(bucket);
    active_.back()->start(communicator_, values.subspan(begin, count), communicator_.next_tag(),
                          options_.wire);
  }
}

template <Scalar T> bool TreeSum<T>::progress() {
  communicator_.check();
  for (std::size_t i = 0; i < active_.size();) {
    if (!active_[i]->progress(communicator_)) {
      ++i;
      continue;
    }
    traffic_.bytes_sent += active_[i]->bytes_sent();
    idle_.push_back(std::move(active_[i]));
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return active_.empty();
}

template <Scalar T> void TreeSum<T>::finish() {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  detail::Patience patience;
  while (!progress()) patience.wait();
  traffic_.seconds_waited += std::chrono::duration<double>(Clock::now() - begin).count();
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)           \
  template class detail::SumBucket<T>; \
  template class TreeSum<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
