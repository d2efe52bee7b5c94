// Which sequences train together: shuffled by (seed, epoch), of similar length where `bucket_batches` says
// so, by count or by number of tokens.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/sampler.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How a Batcher cuts an epoch into batches.
struct BatcherOptions {
  std::size_t batch_size = 64;  ///< sequences per batch
  std::size_t max_tokens = 0;   ///< or at most so many tokens (a longer sequence is alone); 0: by batch_size
  std::size_t bucket_batches = 16;  ///< batches' worth of sequences sorted by length together; 0: no sorting
  bool shuffle = true;              ///< false: everything is one bucket, longest first, for evaluation
  bool drop_last = false;           ///< leave out the batch with fewer than batch_size sequences
  std::size_t min_batch_size = 1;   ///< fewer sequences than this never stand alone: they join a neighbour
  std::size_t cut_tokens = 0;       ///< a batch of batch_size sequences with more is cut; 0: it is not
  std::uint64_t seed = 0;           ///< of the order of rows and batches
  Sampler sampler =
      {};  ///< instead of all rows in random order; `bucket_batches` and `batch_size` cut what it says
};

/// Where a batcher stands: the next batch is number `batch` of `epoch`.
struct BatcherPosition {
  std::size_t epoch = 0;  ///< what begin_epoch() was given
  std::size_t batch = 0;  ///< batches of it that were read
  friend bool operator==(const BatcherPosition&, const BatcherPosition&) = default;
};

/// Cuts a data set into batches.
///
/// An epoch: shuffle the rows (or ask the sampler), cut them into buckets, sort each bucket by length, cut it
/// into batches, shuffle the batches. Its batches are a function of (data, options, epoch) alone, on every
/// platform, so a run can be resumed at any batch. Filling a batch allocates nothing once the largest one was
/// seen. The data set must outlive the batcher and keep its rows.
class Batcher {
 public:
  /// Throws option_error for a data set without rows, a batch size of zero, or drop_last where it would drop
  /// everything or where batches have no fixed size.
  Batcher(const SequenceDataset& data, BatcherOptions options);
  Batcher(SequenceDataset&&, BatcherOptions) = delete;  // the data set would be gone

  /// Draws the epoch's batches; next() then gives them.
  void begin_epoch(std::size_t epoch);
  /// Goes to a place that position() gave before.
  void seek(BatcherPosition position);
  /// Fills the next batch of the epoch; false at its end. Records are row numbers of the data set.
  bool next(SequenceBatch& batch);

  /// Where it stands, for seek(): what a checkpoint keeps.
  [[nodiscard]] BatcherPosition position() const { return position_; }
  /// Batches of the current epoch; differs between epochs where a max_tokens cuts them.
  [[nodiscard]] std::size_t batches() const { return batches_.size(); }
  /// Tokens of the current epoch.
  [[nodiscard]] std::size_t tokens() const;

 private:
  struct Cut {
    std::size_t begin, end;  // of order_
  };

  /// What stands at the positions of the batch's records, `width` numbers each, where the layout wants it.
  template <class Number>
  void pack(const std::vector<Number>& from, std::size_t width, const PackedLayout& layout,
            std::vector<Number>& to) const;
  [[nodiscard]] std::size_t bucket_size() const;
  // Ties keep the shuffled order: sequences of one length are not to meet the same neighbours every epoch.
  void sort_by_length(std::size_t begin, std::size_t end);
  void cut();
  /// A batch, or as many as cut_tokens asks for; a longer sequence is alone.
  void push_pieces(std::size_t begin, std::size_t end);

  const SequenceDataset* data_;
  BatcherOptions options_;
  BatcherPosition position_;
  std::vector<std::size_t> order_, rank_;  // shuffled and sorted rows; a row's place in the shuffle
  std::vector<Cut> batches_;
  std::vector<std::size_t> lengths_;
  std::vector<std::uint64_t> records_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/batcher.ipp>
#endif
