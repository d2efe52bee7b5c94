// Definitions of whole_batch.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/nn/whole_batch.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> GatheredBatch<T> gather_batch(const Var<T>& rows, std::span<const double> targets) {
  Tape<T>& tape = rows.tape();
  StepShards<T>& shards = *tape.shards();
  static_cast<void>(tape.shard_rows(rows));  // throws for rows of something else
  const std::size_t own = rows.rows(), width = rows.cols(),
                    labels = targets.size() / std::max<std::size_t>(own, 1);
  if (targets.size() != own * labels)
    throw shape_error("of_whole_batch: " + std::to_string(targets.size()) + " targets for " +
                      std::to_string(own) + " rows, expected as many for each");
  auto count = static_cast<double>(own);
  shards.sum_doubles({&count, 1});
  const auto total = static_cast<std::size_t>(count);

  // Every number plus -0, which leaves it as it is, from all other ranks.
  const Var<T> all = tape.make(total, width, rows.needs_gradient());
  const MatrixView<T> values = all.node()->value;
  auto* const known = tape.arena().template allocate<double>(total * labels);
  std::fill_n(values.data(), values.size(), T(-0.0));
  std::fill_n(known, total * labels, -0.0);
  for (std::size_t i = 0; i < own; ++i) {
    const std::size_t place = shards.number(i);
    std::copy_n(rows.value().row_data(i), width, values.row_data(place));
    std::copy_n(targets.data() + i * labels, labels, known + place * labels);
  }
  shards.sum_over_ranks({values.data(), values.size()});
  shards.sum_doubles({known, total * labels});

  if (rows.needs_gradient())
    tape.record_always([&tape, rows, all] {
      tape.see_shards(true);
      if (all.node()->gradient.data() == nullptr) return;
      const ConstMatrixView<T> from = all.node()->gradient;
      const MatrixView<T> to = tape.gradient(rows);
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        const T* const row = from.row_data(tape.shards()->number(i));
        for (std::size_t c = 0; c < rows.cols(); ++c) to(i, c) += row[c];
      }
    });
  else
    tape.record_always([&tape] { tape.see_shards(true); });
  tape.see_shards(false);
  return {all, {known, total * labels}};
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template detail::GatheredBatch<T> detail::gather_batch(const Var<T>& rows, std::span<const double> targets);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
