// Does a network learn a memory task at a lag within a budget of updates? Learning rates are chosen on
// validation sequences, the test sequences are seen once.
#pragma once

#include <functional>
#include <optional>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/data/batcher.hpp>
#include <seqlstm/data/memory_tasks.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <vector>

#include "memory_net.hpp"

namespace examples {

/// What counts as solved.
struct MemoryGoal {
  const char* metric;   ///< of evaluate()
  bool smaller_better;  ///< is a smaller one better?
  double solved,        ///< on test sequences
      sure,             ///< on validation sequences: the training ends
      guess;            ///< of who knows only how labels are distributed

  /// What a rate must have reached after half of its updates to be given the others: a fifth of the way.
  [[nodiscard]] double halfway() const { return guess + (solved - guess) / 5; }
  [[nodiscard]] bool better(double a, double b) const { return smaller_better ? a < b : a > b; }
  [[nodiscard]] bool reached(double value, double goal) const { return value == goal || better(value, goal); }
};

inline MemoryGoal memory_goal(seqlstm::MemoryTask task, const seqlstm::MemoryTaskOptions& options) {
  if (task == seqlstm::MemoryTask::adding) return {"mse", true, 0.02, 0.01, 1.0 / 6};
  const double guess = task == seqlstm::MemoryTask::copy ? 1 / static_cast<double>(options.symbols) : 0.5;
  return {"accuracy", false, 0.95, 0.99, guess};
}

/// One task at one lag, for all networks.
struct MemoryProblem {
  seqlstm::MemoryTask task;
  seqlstm::MemoryTaskOptions options;
  std::uint64_t seed = 1;

  enum Stream : std::uint32_t { train = 0x4C414730U, valid, test, probe };

  [[nodiscard]] seqlstm::SequenceDataset training(std::size_t count, std::size_t update) const {
    return seqlstm::simulated_memory_task(task, count, options,
                                          {seed, train, static_cast<std::uint32_t>(update)});
  }
  /// Sequences of the whole lag, to judge by.
  [[nodiscard]] seqlstm::SequenceDataset judging(std::size_t count, Stream stream) const {
    auto whole = options;
    whole.shortest_lag = 0;
    return seqlstm::simulated_memory_task(task, count, whole, {seed, stream, 0});
  }
  [[nodiscard]] MemoryGoal goal() const { return memory_goal(task, options); }
  [[nodiscard]] seqlstm::Loss loss() const {
    if (task == seqlstm::MemoryTask::copy) return seqlstm::cross_entropy();
    return task == seqlstm::MemoryTask::adding ? seqlstm::mse() : seqlstm::bce_with_logits();
  }
  [[nodiscard]] MemoryNet net(MemoryCell cell, std::size_t hidden) const {
    const std::size_t outputs = task == seqlstm::MemoryTask::copy ? options.symbols : 1;
    MemoryNet made(cell, memory_task_channels(task, options), hidden, outputs);
    seqlstm::initialize(made, seed);
    return made;
  }
  [[nodiscard]] double score(const MemoryNet& net, const seqlstm::SequenceDataset& data) const {
    return seqlstm::evaluate(net, data, loss())[goal().metric];
  }
};

/// The same for every network.
struct MemoryBudget {
  std::size_t updates = 800, batch_size = 32, hidden = 32, valid = 100, test = 500, checks = 20;
  std::vector<double> learning_rates = {1e-2, 3e-3};
  std::function<void(std::size_t positions)> on_update = {};  ///< sees every update; may throw
};

/// A network after its budget, or after it was sure.
struct MemoryTrial {
  double learning_rate = 0;
  std::size_t updates = 0;
  double valid = 0;  ///< the best of its checks, whose weights it has
  MemoryNet net;
};

/// The single batch of a data set, in its order.
inline void read_batch(const seqlstm::SequenceDataset& data, seqlstm::SequenceBatch& batch) {
  seqlstm::Batcher batcher(data, {.batch_size = data.size(), .shuffle = false});
  batcher.begin_epoch(0);
  batcher.next(batch);
}

/// Trains by Adam with gradients clipped to norm 1. Ends early where it is sure, and where half of the
/// updates brought next to nothing. A training that diverges keeps the best weights before.
inline MemoryTrial train_memory(const MemoryProblem& problem, MemoryCell cell, double learning_rate,
                                const seqlstm::SequenceDataset& valid, const MemoryBudget& budget) {
  using namespace seqlstm;
  const FlushDenormals flush;
  const MemoryGoal goal = problem.goal();
  const Loss loss = problem.loss();
  MemoryTrial trial{learning_rate, 0, 0, problem.net(cell, budget.hidden)};
  trial.valid = problem.score(trial.net, valid);
  Snapshot best;
  best.take(trial.net);
  Optimizer<float> optimizer(adam({.lr = learning_rate}));
  Tape<float> tape;
  SequenceBatch batch;
  const std::size_t every = std::max<std::size_t>(1, budget.updates / budget.checks);
  try {
    while (trial.updates < budget.updates && !goal.reached(trial.valid, goal.sure)) {
      if (2 * trial.updates >= budget.updates && !goal.reached(trial.valid, goal.halfway())) break;
      read_batch(problem.training(budget.batch_size, trial.updates), batch);
      tape.reset();
      zero_gradients(trial.net);
      tape.backward(loss(ModelOutput<float>(trial.net.forward(tape, batch)), batch.targets()));
      clip_gradient_norm(trial.net, 1);
      optimizer.step(trial.net);
      ++trial.updates;
      if (budget.on_update) budget.on_update(batch.layout.tokens());
      if (trial.updates % every != 0 && trial.updates != budget.updates) continue;
      const double score = problem.score(trial.net, valid);
      if (!goal.better(score, trial.valid)) continue;
      trial.valid = score;
      best.take(trial.net);
    }
  } catch (const numeric_error&) {
  }
  best.restore(trial.net);
  return trial;
}

/// The best of all learning rates on validation sequences; rates after one that solves them are not tried.
/// `first` is tried before the others.
inline MemoryTrial best_trial(const MemoryProblem& problem, MemoryCell cell, const MemoryBudget& budget,
                              std::optional<double> first = {}) {
  const MemoryGoal goal = problem.goal();
  const auto valid = problem.judging(budget.valid, MemoryProblem::valid);
  std::vector<double> rates = budget.learning_rates;
  if (first) std::stable_partition(rates.begin(), rates.end(), [&](double rate) { return rate == *first; });
  std::optional<MemoryTrial> best;
  for (const double rate : rates) {
    if (best && goal.reached(best->valid, goal.solved)) break;
    MemoryTrial trial = train_memory(problem, cell, rate, valid, budget);
    if (!best || goal.better(trial.valid, best->valid)) best = std::move(trial);
  }
  return std::move(*best);
}

}  // namespace examples
