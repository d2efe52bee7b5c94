// Which sequences train together: shuffled by (seed, epoch), of similar length, by count or by number of
// tokens.
#pragma once

#include <numeric>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct BatcherOptions {
  std::size_t batch_size = 64;  ///< sequences per batch
  std::size_t token_budget =
      0;                  ///< or at most so many tokens per batch (a longer sequence is alone); 0: by count
  std::size_t pool = 16;  ///< batches' worth of sequences that are sorted by length together; 0: no sorting
  bool shuffle = true;    ///< false: one pool of everything, longest first, for evaluation
  std::uint64_t seed = 0;
};

/// Cuts a data set into batches. The batches of an epoch are a function of (seed, epoch) alone, so a run can
/// be resumed at any epoch. Filling a batch allocates nothing once the largest one was seen. The data set
/// must outlive it.
class Batcher {
 public:
  Batcher(const TokenDataset& data, BatcherOptions options) : data_(&data), options_(options) {
    if (data.size() == 0) throw option_error("batcher: the data set has no records");
    if (options.batch_size == 0 && options.token_budget == 0)
      throw option_error("batcher: batch_size must be at least 1, or token_budget above 0");
    order_.resize(data.size());
    begin_epoch(0);
  }

  /// Draws the epoch's order; next() then gives its batches.
  void begin_epoch(std::size_t epoch) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    RandomStream random({options_.seed, 0x42415443U, static_cast<std::uint32_t>(epoch)});
    if (options_.shuffle) random.shuffle(order_);
    const std::size_t pool = !options_.shuffle ? order_.size() : pool_size();
    if (pool > 0)
      for (std::size_t begin = 0; begin < order_.size(); begin += pool)
        sort_by_length(begin, std::min(order_.size(), begin + pool));
    cut();
    if (options_.shuffle) random.shuffle(batches_);
    next_ = 0;
  }
  /// Fills the next batch of the epoch; false at its end. Records are row numbers of the data set.
  bool next(TokenBatch& batch) {
    if (next_ == batches_.size()) return false;
    const Cut cut = batches_[next_++];
    sequences_.clear();
    records_.clear();
    for (std::size_t i = cut.begin; i < cut.end; ++i) {
      sequences_.push_back(data_->sequence(order_[i]));
      records_.push_back(order_[i]);
    }
    batch.assign(sequences_, records_);
    batch.label_width = data_->label_width;
    for (const std::uint64_t record : records_) {
      const auto label = data_->label(static_cast<std::size_t>(record));
      batch.labels.insert(batch.labels.end(), label.begin(), label.end());
    }
    return true;
  }
  /// Batches of the current epoch.
  [[nodiscard]] std::size_t batches() const { return batches_.size(); }

 private:
  struct Cut {
    std::size_t begin, end;
  };

  [[nodiscard]] std::size_t pool_size() const {
    if (options_.token_budget == 0) return options_.pool * options_.batch_size;
    const std::size_t mean = std::max<std::size_t>(1, data_->tokens() / data_->size());
    return options_.pool * std::max<std::size_t>(1, options_.token_budget / mean);
  }
  void sort_by_length(std::size_t begin, std::size_t end) {
    std::stable_sort(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                     order_.begin() + static_cast<std::ptrdiff_t>(end),
                     [this](std::size_t a, std::size_t b) { return data_->length(a) > data_->length(b); });
  }
  void cut() {
    batches_.clear();
    for (std::size_t begin = 0; begin < order_.size();) {
      std::size_t end = begin, tokens = 0;
      const auto fits = [&] {
        if (options_.token_budget == 0) return end - begin < options_.batch_size;
        return end == begin || tokens + data_->length(order_[end]) <= options_.token_budget;
      };
      while (end < order_.size() && fits()) tokens += data_->length(order_[end++]);
      batches_.push_back({begin, end});
      begin = end;
    }
  }

  const TokenDataset* data_;
  BatcherOptions options_;
  std::vector<std::size_t> order_;
  std::vector<Cut> batches_;
  std::vector<std::span<const Token>> sequences_;
  std::vector<std::uint64_t> records_;
  std::size_t next_ = 0;
};

SEQLSTM_NAMESPACE_END
