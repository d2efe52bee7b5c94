// Functions of all rows of a batch that are no sums over rows, when several ranks have a part of the batch
// each.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
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

/// A term of the loss that is no sum over rows, such as a ranking loss: of_batch(rows, targets), 1x1, made of
/// operations. On several ranks it is given the rows [records of the batch, columns] and the targets of the
/// whole batch, in its order. Each rank computes it and gets the gradient of its own rows, with the bits of
/// one rank. `targets` are as many numbers for each row, or none.
///
/// The result belongs into the loss and nowhere else: another use of it would get a part of its gradient on
/// each rank. Operations in of_batch must have no parameters. The rows have no layout, so a dropout among
/// them draws by row. Throws shape_error where rows are not those of the batch's records, where they have no
/// equal share of the targets, and for a result that is not 1x1.
template <Scalar T, class OfBatch>
Var<T> of_whole_batch(const Var<T>& rows, std::span<const double> targets, OfBatch&& of_batch) {
  Tape<T>& tape = rows.tape();
  const auto checked = [](const Var<T>& loss) {
    if (loss.rows() != 1 || loss.cols() != 1)
      throw shape_error("of_whole_batch: the result is " + shape_text(loss.value()) +
                        ", expected 1x1: a term of the loss");
    return loss;
  };
  if (tape.shards() == nullptr) return checked(of_batch(rows, targets));
  const detail::GatheredBatch<T> all = detail::gather_batch(rows, targets);
  const struct Seen {
    Tape<T>& tape;
    ~Seen() { tape.see_shards(true); }
  } seen{tape};
  const Var<T> result = checked(of_batch(all.rows, all.targets));
  tape.record_always([tape = &tape] { tape->see_shards(false); });
  return result;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/whole_batch.ipp>
#endif
