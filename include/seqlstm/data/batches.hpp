// What training and prediction need of a data set: a batch type and a batcher. Specialised for sequences and
// for feature rows.
#pragma once

#include <seqlstm/data/batcher.hpp>
#include <seqlstm/data/features.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How an epoch is cut into batches.
struct BatchOptions {
  std::size_t batch_size = 64;      ///< sequences per batch
  std::size_t max_tokens = 0;       ///< or tokens per batch; 0: by batch_size
  std::size_t bucket_batches = 16;  ///< batches' worth of sequences sorted by length together; 0: no sorting
  bool shuffle = true;              ///< false: longest first (feature rows: in their order), for evaluation
  std::size_t min_batch_size = 1;   ///< fewer sequences than this never make a batch of their own
  std::size_t cut_tokens = 0;  ///< a batch of batch_size sequences with more is cut into several; 0: never
  std::uint64_t seed = 0;      ///< of the order of rows and batches
  Sampler sampler = {};        ///< instead of all rows in random order
};

namespace detail {

template <class Dataset> struct BatchesOf;

template <> struct BatchesOf<FeatureDataset> {
  using Batch = FeatureBatch;
  using Reader = FeatureBatcher;
  static FeatureBatcher make(const FeatureDataset& data, const BatchOptions& options) {
    return {data,
            {.batch_size = options.batch_size,
             .min_batch_size = options.min_batch_size,
             .shuffle = options.shuffle,
             .seed = options.seed,
             .sampler = options.sampler}};
  }
  /// Goes to the beginning of a batch of an epoch.
  static void seek(FeatureBatcher& batcher, std::size_t epoch, std::size_t batch) {
    batcher.begin_epoch(epoch);
    for (Batch skipped; batch > 0 && batcher.next(skipped);) --batch;
  }
  static std::size_t rows(const FeatureBatch& batch) { return batch.rows; }
  /// Positions of row i, in the caller's order.
  static std::size_t length(const FeatureBatch& /*batch*/, std::size_t /*i*/) { return 1; }
  static std::size_t tokens(const FeatureBatch& batch) { return batch.rows; }
};

template <> struct BatchesOf<SequenceDataset> {
  using Batch = SequenceBatch;
  using Reader = Batcher;
  static Batcher make(const SequenceDataset& data, const BatchOptions& options) {
    return Batcher(data, {.batch_size = options.batch_size,
                          .max_tokens = options.max_tokens,
                          .bucket_batches = options.bucket_batches,
                          .shuffle = options.shuffle,
                          .min_batch_size = options.min_batch_size,
                          .cut_tokens = options.cut_tokens,
                          .seed = options.seed,
                          .sampler = options.sampler});
  }
  static void seek(Batcher& batcher, std::size_t epoch, std::size_t batch) { batcher.seek({epoch, batch}); }
  static std::size_t rows(const SequenceBatch& batch) { return batch.layout.sequences(); }
  static std::size_t length(const SequenceBatch& batch, std::size_t i) {
    return batch.layout.length(batch.layout.rank(i));
  }
  static std::size_t tokens(const SequenceBatch& batch) { return batch.layout.tokens(); }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
