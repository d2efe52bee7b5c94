// Definitions of memory_tasks.hpp.
#pragma once

#include <seqlstm/data/memory_tasks.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_memory_task(MemoryTask task, const MemoryTaskOptions& options) {
  const auto refuse = [&](const std::string& what) {
    throw option_error(std::string("the task ") + memory_task_name(task) + ": " + what);
  };
  const std::size_t least = task == MemoryTask::copy ? options.copied : 1;
  if (task == MemoryTask::copy && (options.symbols < 2 || options.copied == 0))
    refuse(std::to_string(options.copied) + " of " + std::to_string(options.symbols) +
           " symbols are shown; expected at least one of two");
  if (options.lag < least)
    refuse("the lag is " + std::to_string(options.lag) + ", expected at least " + std::to_string(least));
  if (options.shortest_lag > options.lag)
    refuse("the shortest lag is " + std::to_string(options.shortest_lag) + ", expected at most the lag, " +
           std::to_string(options.lag));
}

/// One sequence: its rows and the labels of its positions.
struct MemorySequence {
  std::vector<float> rows;
  std::vector<double> labels;

  MemorySequence(std::size_t length, std::size_t channels)
      : rows(length * channels), labels(length, ignored_label) {}
};

inline MemorySequence copy_sequence(std::size_t lag, const MemoryTaskOptions& options, RandomStream& random) {
  const std::size_t width = options.symbols + 1;
  MemorySequence sequence(lag + options.copied, width);
  for (std::size_t i = 0; i < options.copied; ++i) {
    const std::size_t symbol = random.below(options.symbols);
    sequence.rows[i * width + symbol] = 1;
    sequence.rows[(lag + i) * width + options.symbols] = 1;
    sequence.labels[lag + i] = static_cast<double>(symbol);
  }
  return sequence;
}

/// Values and marks; draw() gives a value, answer(a, b) the label of the two marked ones.
template <class Draw, class Answer>
MemorySequence marked_sequence(std::size_t lag, RandomStream& random, Draw&& draw, Answer&& answer) {
  const std::size_t length = lag + 1, half = length / 2;
  MemorySequence sequence(length, 2);
  for (std::size_t t = 0; t < length; ++t) sequence.rows[2 * t] = draw();
  const std::size_t first = random.below(half), second = half + random.below(length - half);
  sequence.rows[2 * first + 1] = sequence.rows[2 * second + 1] = 1;
  sequence.labels[lag] = answer(sequence.rows[2 * first], sequence.rows[2 * second]);
  return sequence;
}

inline MemorySequence memory_sequence(MemoryTask task, std::size_t lag, const MemoryTaskOptions& options,
                                      RandomStream& random) {
  if (task == MemoryTask::copy) return copy_sequence(lag, options, random);
  if (task == MemoryTask::adding)
    return marked_sequence(
        lag, random, [&] { return static_cast<float>(random.uniform()); },
        [](float a, float b) { return double{a} + double{b}; });
  return marked_sequence(
      lag, random, [&] { return random.below(2) == 1 ? 1.0F : -1.0F; },
      [](float a, float b) { return a == b ? 0.0 : 1.0; });
}

}  // namespace detail

SEQLSTM_INLINE const char* memory_task_name(MemoryTask task) {
  return task == MemoryTask::copy ? "copy" : task == MemoryTask::adding ? "adding" : "parity";
}

SEQLSTM_INLINE std::size_t memory_task_channels(MemoryTask task, const MemoryTaskOptions& options) {
  return task == MemoryTask::copy ? options.symbols + 1 : 2;
}

SEQLSTM_INLINE SequenceDataset simulated_memory_task(MemoryTask task, std::size_t count,
                                                     const MemoryTaskOptions& options, const RandomKey& key) {
  detail::check_memory_task(task, options);
  const std::size_t width = memory_task_channels(task, options),
                    least = task == MemoryTask::copy ? options.copied : 1,
                    shortest =
                        options.shortest_lag == 0 ? options.lag : std::max(least, options.shortest_lag);
  SequenceDataset data;
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream random(key, i);
    const std::size_t lag = shortest + random.below(options.lag - shortest + 1);
    const auto sequence = detail::memory_sequence(task, lag, options, random);
    data.add(memory_task_name(task) + std::to_string(i + 1),
             {sequence.rows.data(), sequence.labels.size(), width}, {.positions = sequence.labels});
  }
  return data;
}

SEQLSTM_NAMESPACE_END
