// A network that learns from pairs of proteins how they are related, and is chosen by how well it finds
// relatives among proteins of other groups.
#pragma once

#include <functional>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/snapshot.hpp>

#include "protein_search.hpp"

namespace examples {

using ProteinNet = seqlstm::ProteinAligner<float>;

/// How it is trained.
struct ProteinBudget {
  std::size_t updates = 2000, anchors = 24, checks = 6;
  double learning_rate = 3e-3;
};

/// One check on the validation part.
struct ProteinCheck {
  std::size_t update = 0;
  double loss = 0;  // of training, the mean since the check before
  seqlstm::RetrievalScore valid;
  double seconds = 0;  // of the updates since the check before
  std::size_t residues = 0;
};

/// A batch of proteins and all pairs of them.
struct ProteinBatch {
  seqlstm::SequenceBatch batch;
  std::vector<seqlstm::SequencePair> pairs;
  std::vector<std::size_t> levels;
  std::vector<double> weights;

  ProteinBatch(const seqlstm::SequenceDataset& proteins, const seqlstm::PairBatch& drawn) {
    std::vector<std::span<const seqlstm::Token>> sequences;
    std::vector<std::uint64_t> records;
    for (const std::size_t record : drawn.records) {
      sequences.push_back(proteins.sequence(record));
      records.push_back(record);
    }
    batch.assign(sequences, records);
    for (const auto& pair : drawn.pairs) {
      pairs.push_back({pair.a, pair.b});
      levels.push_back(pair.level);
      weights.push_back(pair.weight);
    }
  }
};

/// Proteins that a network is tested with while it learns.
struct ValidationProteins {
  const seqlstm::SequenceDataset* proteins;
  std::vector<std::size_t> groups, queries;

  [[nodiscard]] seqlstm::RetrievalScore score(const ProteinNet& net) const {
    return seqlstm::retrieval_score(scores_by_network(net, *proteins).view(), groups, queries);
  }
};

/// Adam, one cycle, gradients clipped to norm 1; pairs drawn anew for each update. Ends with the weights of
/// the check with the highest mean average precision. `on_check` gets each check; on_update may throw.
inline void train_proteins(ProteinNet& net, const ProteinBudget& budget,
                           const seqlstm::SequenceDataset& proteins, const seqlstm::RelationLevels& relations,
                           const ValidationProteins& valid, const seqlstm::RandomKey& key,
                           const std::function<void()>& on_update,
                           const std::function<void(const ProteinCheck&)>& on_check) {
  using namespace seqlstm;
  using Clock = std::chrono::steady_clock;
  const FlushDenormals flush;
  const RelatedPairs pairs(relations, budget.anchors);
  Optimizer<float> optimizer(adam());
  const OneCycle schedule{.max_lr = budget.learning_rate};
  Tape<float> tape;
  tape.set_seed(key.seed);
  Snapshot best;
  double highest = 0, sum = 0;
  std::size_t since = 0;
  ProteinCheck check;
  auto begin = Clock::now();
  const std::size_t every = std::max<std::size_t>(1, budget.updates / budget.checks);
  for (std::size_t update = 0; update < budget.updates; ++update) {
    const auto step = static_cast<std::uint32_t>(update);
    const ProteinBatch batch(proteins, pairs.draw({key.seed, key.stream, step}));
    tape.reset(step);
    zero_gradients(net);
    const Var<float> similar = net.forward(tape, batch.batch, batch.pairs);
    if (update == 0) {
      double mean = 0;
      for (std::size_t p = 0; p < similar.rows(); ++p)
        mean += double{similar.value()(p, 0)} / static_cast<double>(similar.rows());
      net.scale.center_at(mean);
    }
    const Var<float> loss = ordinal_loss<float>(net.scale(similar), batch.levels, batch.weights);
    tape.backward(loss);
    clip_gradient_norm(net, 1);
    const Rate rate = schedule.at(update, budget.updates, 0);
    optimizer.step(net, rate.lr, rate.momentum);
    sum += double{loss.value()(0, 0)};
    ++since;
    check.residues += batch.batch.layout.tokens();
    on_update();
    if ((update + 1) % every != 0 && update + 1 != budget.updates) continue;
    require_finite(net, "after update " + std::to_string(update + 1));
    check.update = update + 1;
    check.loss = sum / static_cast<double>(since);
    check.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    check.valid = valid.score(net);
    on_check(check);
    if (best.empty() || check.valid.mean_average_precision > highest) {
      highest = check.valid.mean_average_precision;
      best.take(net);
    }
    sum = 0;
    since = 0;
    check = {};
    begin = Clock::now();
  }
  best.restore(net);
}

}  // namespace examples
