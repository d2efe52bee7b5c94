// A network that learns to align reads on simulated ones, and aligns others.
#pragma once

#include <functional>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/infer/monotone_path.hpp>
#include <seqlstm/models/sequence_aligner.hpp>
#include <seqlstm/nn/alignment_loss.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <vector>

#include "read_alignment.hpp"

namespace examples {

using Reads = std::vector<seqlstm::MutatedRead>;

/// Reads of divergences that are drawn, each between these.
struct Divergences {
  double least, most;
};

/// Reads 0 to count - 1 of a key: a function of it alone.
inline Reads draw_reads(const seqlstm::ReadSimulator& simulator, std::size_t count, const Divergences& range,
                        double indel_share, const seqlstm::RandomKey& key) {
  Reads reads(count);
  const seqlstm::RandomKey of_divergence{key.seed, key.stream ^ 0x44495645U, key.step};
  seqlstm::parallel_for(count, [&](std::size_t i) {
    seqlstm::RandomStream random(of_divergence, i);
    reads[i] = simulator.read({random.uniform(range.least, range.most), indel_share}, key, i);
  });
  return reads;
}

/// Reads, then their windows, as one batch.
struct ReadBatch {
  seqlstm::SequenceBatch batch;
  std::vector<seqlstm::SequencePair> pairs;
  std::vector<std::int32_t> targets;

  explicit ReadBatch(std::span<const seqlstm::MutatedRead> reads) {
    std::vector<std::span<const seqlstm::Token>> sequences;
    for (const auto& read : reads) sequences.emplace_back(read.read);
    for (const auto& read : reads) sequences.emplace_back(read.window);
    batch.assign(sequences);
    for (std::size_t i = 0; i < reads.size(); ++i) {
      pairs.push_back({i, reads.size() + i});
      targets.insert(targets.end(), reads[i].origins.begin(), reads[i].origins.end());
    }
  }
  [[nodiscard]] std::size_t tokens() const { return batch.layout.tokens(); }
};

using AlignerNet = seqlstm::SequenceAligner<float>;

inline seqlstm::Var<float> alignment_loss_of(const AlignerNet& net, seqlstm::Tape<float>& tape,
                                             const ReadBatch& reads) {
  const auto scores = net.forward(tape, reads.batch, reads.pairs);
  return seqlstm::alignment_loss<float>(scores.pairs, scores.gap, reads.targets);
}

/// Reads of one batch when a network only answers.
inline constexpr std::size_t reads_at_once = 64;

/// Calls body(first read, reads) for batches of reads in their order.
template <class Body> void for_read_batches(const Reads& reads, Body&& body) {
  for (std::size_t first = 0; first < reads.size(); first += reads_at_once)
    body(first, std::span(reads).subspan(first, std::min(reads_at_once, reads.size() - first)));
}

/// The mean loss over reads, which all have as many bases.
inline double mean_loss(const AlignerNet& net, const Reads& reads) {
  const seqlstm::FlushDenormals flush;
  seqlstm::Tape<float> tape(seqlstm::Mode::inference);
  double sum = 0;
  for_read_batches(reads, [&](std::size_t, std::span<const seqlstm::MutatedRead> some) {
    tape.reset();
    const ReadBatch batch(some);
    sum += double{alignment_loss_of(net, tape, batch).value()(0, 0)} * static_cast<double>(some.size());
  });
  return sum / static_cast<double>(reads.size());
}

/// The best rising path through the network's probabilities, and the likeliest answer for each base alone.
struct Alignments {
  std::vector<Positions> by_path, alone;
};

inline Positions likeliest(seqlstm::ConstMatrixView<double> log_p) {
  Positions positions;
  for (std::size_t i = 0; i < log_p.rows(); ++i) {
    const auto row = log_p.row(i);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    positions.push_back(
        best + 1 == static_cast<std::ptrdiff_t>(row.size()) ? -1 : static_cast<std::int32_t>(best));
  }
  return positions;
}

inline Alignments align_reads(const AlignerNet& net, const Reads& reads, const seqlstm::SkipScores& skips) {
  const seqlstm::FlushDenormals flush;
  Alignments found{std::vector<Positions>(reads.size()), std::vector<Positions>(reads.size())};
  seqlstm::Tape<float> tape(seqlstm::Mode::inference);
  for_read_batches(reads, [&](std::size_t first, std::span<const seqlstm::MutatedRead> some) {
    tape.reset();
    const ReadBatch batch(some);
    const auto scores = net.forward(tape, batch.batch, batch.pairs);
    seqlstm::parallel_for(some.size(), [&](std::size_t i) {
      const std::size_t rows = some[i].read.size(), cols = some[i].window.size() + 1;
      std::vector<double> log_p(rows * cols);
      seqlstm::alignment_log_probabilities<float>(scores.pairs, scores.gap, i, {log_p.data(), rows, cols});
      found.by_path[first + i] = seqlstm::monotone_path({log_p.data(), rows, cols}, skips);
      found.alone[first + i] = likeliest({log_p.data(), rows, cols});
    });
  });
  return found;
}

/// How a network is trained.
struct AlignerBudget {
  std::size_t updates = 1200, batch_size = 32, checks = 10;
  double learning_rate = 4e-3;
  /// Gets the positions of the update's batch. May be empty, as on_check.
  std::function<void(std::size_t)> on_update = {};
  /// Gets the number of updates, the mean training loss since the last check, and the validation loss.
  std::function<void(std::size_t, double, double)> on_check = {};
};

/// Adam, one cycle, gradients clipped to norm 1; fresh reads for each update. Ends with the weights of the
/// check that had the lowest validation loss.
inline void train_aligner(AlignerNet& net, const AlignerBudget& budget,
                          const std::function<Reads(std::size_t)>& reads_of, const Reads& valid) {
  using namespace seqlstm;
  const FlushDenormals flush;
  Optimizer<float> optimizer(adam());
  const OneCycle schedule{.max_lr = budget.learning_rate};
  Tape<float> tape;
  Snapshot best;
  double lowest = 0, sum = 0;
  std::size_t since = 0;
  const std::size_t every = std::max<std::size_t>(1, budget.updates / budget.checks);
  for (std::size_t update = 0; update < budget.updates; ++update) {
    const ReadBatch batch(reads_of(update));
    tape.reset();
    zero_gradients(net);
    const Var<float> loss = alignment_loss_of(net, tape, batch);
    tape.backward(loss);
    clip_gradient_norm(net, 1);
    const Rate rate = schedule.at(update, budget.updates, 0);
    optimizer.step(net, rate.lr, rate.momentum);
    sum += double{loss.value()(0, 0)};
    ++since;
    if (budget.on_update) budget.on_update(batch.tokens());
    if ((update + 1) % every != 0 && update + 1 != budget.updates) continue;
    const double validation = mean_loss(net, valid);
    if (budget.on_check) budget.on_check(update + 1, sum / static_cast<double>(since), validation);
    since = 0;
    sum = 0;
    if (!best.empty() && !(validation < lowest)) continue;
    lowest = validation;
    best.take(net);
  }
  best.restore(net);
}

}  // namespace examples
