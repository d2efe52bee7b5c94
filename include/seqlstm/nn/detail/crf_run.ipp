// Definitions of crf_run.hpp.
#pragma once

#include <seqlstm/nn/detail/crf_run.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE CrfRun crf_run(Arena& arena, std::size_t labels, std::size_t tokens, std::size_t sequences,
                              std::size_t steps) {
  CrfRun run{};
  run.running = arena.allocate<std::size_t>(steps);
  run.offsets = arena.allocate<std::size_t>(steps + 1);
  run.lengths = arena.allocate<std::size_t>(sequences);
  run.observed = arena.allocate<std::int32_t>(tokens);
  for (auto* view : {&run.values, &run.factors, &run.before}) *view = arena.matrix<double>(tokens, labels);
  for (auto* view : {&run.ends, &run.sums}) *view = arena.matrix<double>(sequences, labels);
  run.outer = arena.matrix<double>(labels, labels);
  run.outer_room = arena.allocate<double>(Kernels<double>::outer_room(labels));
  for (auto** numbers : {&run.taken, &run.scale}) *numbers = arena.allocate<double>(tokens);
  for (auto** numbers : {&run.total, &run.log_sum}) *numbers = arena.allocate<double>(sequences);
  run.scaled = arena.allocate<bool>(sequences);
  return run;
}

SEQLSTM_INLINE void lay_out_run(CrfRun& run, const PackedLayout& layout, std::span<const std::size_t> rows) {
  for (std::size_t k = 0; k < rows.size(); ++k) run.lengths[k] = layout.length(rows[k]);
  const std::size_t steps = rows.empty() ? 0 : run.lengths[0];
  std::size_t count = rows.size();
  run.offsets[0] = 0;
  for (std::size_t t = 0; t < steps; ++t) {
    while (run.lengths[count - 1] <= t) --count;
    run.running[t] = count;
    run.offsets[t + 1] = run.offsets[t] + count;
  }
  run.layout = {run.running, run.offsets, run.lengths, steps, rows.size(), run.offsets[steps]};
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
