// A training's steps on several ranks: which part of a batch is here, and its sums with those of the others.
#pragma once

#include <seqlstm/autograd/step_shards.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/features.hpp>
#include <seqlstm/data/sampler.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/optim/optimizer.hpp>
#include <seqlstm/optim/schedule.hpp>
#include <seqlstm/ranks/agreement.hpp>
#include <seqlstm/ranks/dealt_batch.hpp>
#include <seqlstm/ranks/shard_tree.hpp>
#include <seqlstm/ranks/tree_sum.hpp>
#include <seqlstm/train/detail/epoch_loop.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> class RankedStep final : public StepShards<T> {
 public:
  /// The communicator must outlive it. Throws option_error where ShardTree does.
  /// `wire`: as what gradients travel.
  RankedStep(Communicator& communicator, std::size_t shards, Precision wire)
      : communicator_(&communicator),
        tree_(shards, communicator.size()),
        gradients_(communicator, {.wire = wire}),
        moments_(communicator),
        doubles_(communicator) {}

  /// Deals sequences of these lengths; those of this rank, in their order. Throws option_error for fewer
  /// sequences than shards.
  std::span<const std::size_t> deal(std::span<const std::size_t> lengths) {
    if (lengths.size() < tree_.shards())
      throw option_error("a batch of " + std::to_string(lengths.size()) + " sequences for " +
                         std::to_string(tree_.shards()) +
                         " shards: some would have none; use larger batches, or set fewer shards");
    const auto shard_of = deal_sequences(lengths, tree_.shards());
    const IndexRange here = tree_.shards_of(communicator_->rank());
    own_.clear();
    own_shards_.clear();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (shard_of[i] < here.begin || shard_of[i] >= here.end) continue;
      own_.push_back(i);
      own_shards_.push_back(shard_of[i] - static_cast<std::uint32_t>(here.begin));
    }
    this->assign(own_shards_, here.end - here.begin, own_);
    return own_;
  }

  void sum_over_ranks(std::span<T> sums) override { moments_.sum(sums); }
  void sum_doubles(std::span<double> sums) override { doubles_.sum(sums); }

  [[nodiscard]] Communicator& communicator() const { return *communicator_; }
  /// What all sums so far took here.
  [[nodiscard]] RankTraffic traffic() const {
    RankTraffic all = gradients_.traffic();
    all += moments_.traffic();
    return all += doubles_.traffic();
  }

 private:
  void start(std::span<T> sums) override {
    gradients_.start(sums);
    gradients_.progress();
  }
  void wait() override { gradients_.finish(); }

  Communicator* communicator_;
  ShardTree tree_;
  TreeSum<T> gradients_, moments_;
  TreeSum<double> doubles_;
  std::vector<std::size_t> own_;
  std::vector<std::uint32_t> own_shards_;
};

/// The lengths of a batch's sequences, in the caller's order.
std::vector<std::size_t> lengths_of(const SequenceBatch& batch);
/// Digits that differ where what a training reads of a data set differs.
std::string data_fingerprint(const SequenceDataset& data);
/// The same of rows of features.
std::string data_fingerprint(const FeatureDataset& data);

/// The loss with its numbers, for ranks that must have the same.
std::string numbers_text(const Loss& loss);
/// An optimizer with its numbers.
std::string numbers_text(const OptimizerSpec& optimizer);
/// A schedule of `total` updates with its numbers; of one's own, digits of up to 1,000 of its rates.
std::string numbers_text(const ScheduleSpec& schedule, std::size_t total, double base_lr);
/// The rows that a sampler draws for an epoch, as digits; "all rows" without a sampler.
std::string sampled_text(const Sampler& sampler, std::size_t epoch);

/// Do all ranks begin the same training? Throws option_error unless they have the same facts, parameters of
/// the same names and shapes, and kernels; then all get the parameters and buffers of rank 0.
void begin_on_ranks(Communicator& communicator, const ModuleRef& model, std::vector<SharedFact> facts);

/// ", with on_step, without stop": what all ranks must have or lack alike.
inline std::string watched_text(bool on_step, bool stop) {
  return std::string(on_step ? ", with" : ", without") + " on_step, " + (stop ? "with" : "without") + " stop";
}

/// ", gradients in bf16": what all ranks must send alike.
inline std::string wire_text(Precision wire) {
  return wire == Precision::bf16 ? ", gradients in bf16" : ", gradients as they are";
}

/// What all ranks must do alike with the gradients of `total` updates.
template <class Options> std::string updates_text(const Options& options, std::size_t total) {
  const double lr = std::visit([](const auto& rule) { return rule.lr; }, options.optimizer);
  return ", optimizer " + numbers_text(options.optimizer) + (options.shard_optimizer ? ", sharded" : "") +
         ", schedule " + numbers_text(options.schedule, total, lr) + ", updates " + std::to_string(total) +
         wire_text(options.wire);
}

/// body(); what it throws at this rank alone is told to the others. What diverged did so at all of them.
template <class Body> void or_tell_ranks(CommunicatorRef ranks, Body&& body) {
  try {
    body();
  } catch (const rank_error&) {  // told already
    throw;
  } catch (const numeric_error&) {
    throw;
  } catch (const std::exception& error) {
    if (ranks) ranks->fail(error.what());
    throw;
  } catch (...) {
    if (ranks) ranks->fail("an exception of the program");
    throw;
  }
}

/// Does any rank say so?
inline bool any_rank(Communicator& communicator, bool own) {
  return communicator.greatest(own ? 1 : 0) > 0;
}

/// Who watches a training on ranks: rank 0 alone tells how far it is, and what ends it at one rank ends it at
/// all.
LoopOptions watched_by_ranks(Communicator& communicator, LoopOptions options);

/// Throws option_error where a gradient is not zero: who wrote it summed over a part of the batch alone.
void require_no_gradients(const ModuleRef& model);

/// Throws option_error unless all ranks have the same parameters and buffers, to the bit, and the optimizer
/// had the same rates; `when` says where the training stands.
void require_same_values(Communicator& communicator, const ModuleRef& model, std::uint64_t rates_digest,
                         const std::string& when);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/detail/ranked_step.ipp>
#endif
