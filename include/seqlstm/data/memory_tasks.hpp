// Tasks that only a memory solves: what the answer needs was read long before it is asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What a sequence asks of a memory.
enum class MemoryTask {
  copy,    ///< symbols are shown, and asked for after the lag (Hochreiter and Schmidhuber 1997; Arjovsky et
           ///< al. 2016)
  adding,  ///< the sum of the two numbers that are marked, one in each half (the same papers)
  parity   ///< do the two marked bits differ? As adding, but neither bit alone says anything of the answer
};

/// All of them, in order.
inline constexpr std::array<MemoryTask, 3> memory_tasks = {MemoryTask::copy, MemoryTask::adding,
                                                           MemoryTask::parity};

/// "copy", "adding", "parity".
const char* memory_task_name(MemoryTask task);

/// How long a memory has to last, and how much it has to hold.
struct MemoryTaskOptions {
  std::size_t lag = 100;         ///< the most steps from what is to be kept to where it is asked for
  std::size_t shortest_lag = 0;  ///< a sequence's lag is drawn from here to `lag`; 0: all have `lag`
  std::size_t symbols = 8;       ///< copy: different symbols
  std::size_t copied = 1;        ///< copy: symbols shown, and asked for
};

/// Columns of a task's rows: `symbols` and one that says "answer now" for copy; value and mark for the
/// others.
std::size_t memory_task_channels(MemoryTask task, const MemoryTaskOptions& options = {});

/// `count` sequences of one-hot symbols (copy) or of values and marks, with labels at the positions that
/// answer; the others have ignored_label. Of a sequence of lag L:
///
/// copy: lag + copied positions. Symbols at 0 .. copied - 1, then nothing, from L on "answer now". Position
/// L + i has as its class the symbol of position i.
/// adding: L + 1 positions of numbers uniform in [0, 1); one mark is anywhere in the first half, one in the
/// second. The last position has the sum, which varies by 1/6 around its mean, 1.
/// parity: the same with bits as -1 and 1. The last position has class 1 where the marked bits differ.
///
/// A function of its arguments alone; `key.step` gives fresh sequences to each update. Throws option_error
/// for a lag that is below `copied` (copy) or 1, a shortest lag above the lag, and fewer than two symbols or
/// one copied.
SequenceDataset simulated_memory_task(MemoryTask task, std::size_t count, const MemoryTaskOptions& options,
                                      const RandomKey& key);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/memory_tasks.ipp>
#endif
