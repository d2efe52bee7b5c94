// Functions of all rows of a batch that are no sums over rows, when several ranks have a part of the batch
// each.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The rows of all ranks, in the order of the batch, and their targets.
template <Scalar T> struct GatheredBatch {
  Var<T> rows;
  std::span<const double> targets;
};

/// Those of a value with a row for each of the step's sequences; operations after it see no shards. Memory is
/// the arena's.
template <Scalar T> GatheredBatch<T> gather_batch(const Var<T>& rows, std::span<const double> targets);

}  // namespace detail

/// of_batch(rows, targets), a value made of operations: on several ranks that of the rows and targets of the
/// whole batch, in its order. Each rank computes it and gets the gradient of its own rows; the bits are those
/// of one rank. For losses and layers that compare sequences with one another, such as a ranking loss; what
/// they hold in common must have no parameters. `targets` are as many numbers for each row, or none.
///
/// Throws shape_error where rows are not those of the batch's sequences. Allocates nothing but in the tape.
template <Scalar T, class OfBatch>
Var<T> of_whole_batch(const Var<T>& rows, std::span<const double> targets, OfBatch&& of_batch) {
  Tape<T>& tape = rows.tape();
  if (tape.shards() == nullptr) return of_batch(rows, targets);
  const detail::GatheredBatch<T> all = detail::gather_batch(rows, targets);
  const Var<T> result = of_batch(all.rows, all.targets);
  tape.record_always([tape = &tape] { tape->see_shards(false); });
  tape.see_shards(true);
  return result;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/whole_batch.ipp>
#endif
