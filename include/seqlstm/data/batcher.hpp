// Which sequences train together: shuffled by (seed, epoch), of similar length where `pool` says so, by count
// or by number of tokens.
#pragma once

#include <numeric>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct BatcherOptions {
  std::size_t batch_size = 64;   ///< sequences per batch
  std::size_t token_budget = 0;  ///< or at most so many tokens (a longer sequence is alone); 0: by batch_size
  std::size_t pool = 16;         ///< batches' worth of sequences sorted by length together; 0: no sorting
  bool shuffle = true;           ///< false: everything is one pool, longest first, for evaluation
  bool drop_last = false;        ///< leave out the batch with fewer than batch_size sequences
  std::size_t smallest = 1;      ///< fewer sequences than this never stand alone: they join a neighbour
  std::size_t most_tokens = 0;   ///< a batch of batch_size sequences with more is cut; 0: it is not
  std::uint64_t seed = 0;
};

/// Where a batcher stands: the next batch is number `batch` of `epoch`.
struct BatcherPosition {
  std::size_t epoch = 0, batch = 0;
  friend bool operator==(const BatcherPosition&, const BatcherPosition&) = default;
};

/// Cuts a data set into batches.
///
/// An epoch: shuffle the rows, cut them into pools, sort each pool by length, cut it into batches, shuffle
/// the batches. Its batches are a function of (data, options, epoch) alone, on every platform, so a run can
/// be resumed at any batch. Filling a batch allocates nothing once the largest one was seen. The data set
/// must outlive the batcher and keep its rows.
class Batcher {
 public:
  /// Throws option_error for a data set without rows, a batch size of zero, or drop_last where it would drop
  /// everything or where batches have no fixed size.
  Batcher(const TokenDataset& data, BatcherOptions options) : data_(&data), options_(options) {
    if (data.size() == 0) throw option_error("batcher: the data set has no records");
    if (options.token_budget == 0 && options.batch_size == 0)
      throw option_error("batcher: batch_size must be at least 1, or token_budget above 0");
    if (options.drop_last && options.token_budget != 0)
      throw option_error(
          "batcher: drop_last needs batches of a fixed size; use batch_size, not token_budget");
    if (options.drop_last && data.size() < options.batch_size)
      throw option_error("batcher: drop_last leaves no batch: " + std::to_string(data.size()) +
                         " records are fewer than batch_size " + std::to_string(options.batch_size));
    order_.resize(data.size());
    rank_.resize(data.size());
    begin_epoch(0);
  }
  Batcher(TokenDataset&&, BatcherOptions) = delete;  // the data set would be gone

  /// Draws the epoch's batches; next() then gives them.
  void begin_epoch(std::size_t epoch) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    RandomStream random({options_.seed, 0x42415443U, static_cast<std::uint32_t>(epoch)});  // "BATC"
    if (options_.shuffle) random.shuffle(order_);
    for (std::size_t i = 0; i < order_.size(); ++i) rank_[order_[i]] = i;
    const std::size_t pool = pool_size();
    for (std::size_t begin = 0; pool > 0 && begin < order_.size(); begin += pool)
      sort_by_length(begin, std::min(order_.size(), begin + pool));
    cut();
    if (options_.shuffle) random.shuffle(batches_);
    position_ = {epoch, 0};
  }
  /// Goes to a place that position() gave before.
  void seek(BatcherPosition position) {
    begin_epoch(position.epoch);
    if (position.batch > batches())
      throw option_error("batcher: batch " + std::to_string(position.batch) + " of epoch " +
                         std::to_string(position.epoch) + " does not exist, the epoch has " +
                         std::to_string(batches()) + "; resume with the data and options of the saved run");
    position_ = position;
  }
  /// Fills the next batch of the epoch; false at its end. Records are row numbers of the data set.
  bool next(TokenBatch& batch) {
    if (position_.batch == batches_.size()) return false;
    const Cut cut = batches_[position_.batch++];
    sequences_.clear();
    records_.clear();
    for (std::size_t i = cut.begin; i < cut.end; ++i) {
      sequences_.push_back(data_->sequence(order_[i]));
      records_.push_back(order_[i]);
    }
    batch.assign(sequences_, records_);
    batch.label_width = data_->label_width;
    for (std::size_t i = cut.begin; i < cut.end; ++i) {
      const auto label = data_->label(order_[i]);
      batch.labels.insert(batch.labels.end(), label.begin(), label.end());
    }
    return true;
  }

  [[nodiscard]] BatcherPosition position() const { return position_; }
  /// Batches of the current epoch; differs between epochs where a token budget cuts them.
  [[nodiscard]] std::size_t batches() const { return batches_.size(); }
  /// Tokens of the current epoch.
  [[nodiscard]] std::size_t tokens() const {
    std::size_t sum = 0;
    for (const Cut& cut : batches_)
      for (std::size_t i = cut.begin; i < cut.end; ++i) sum += data_->length(order_[i]);
    return sum;
  }

 private:
  struct Cut {
    std::size_t begin, end;  // of order_
  };

  [[nodiscard]] std::size_t pool_size() const {
    if (options_.pool == 0) return 0;
    if (!options_.shuffle) return order_.size();
    if (options_.token_budget == 0) return options_.pool * options_.batch_size;
    const std::size_t mean = std::max<std::size_t>(1, data_->tokens() / data_->size());
    return options_.pool * std::max<std::size_t>(1, options_.token_budget / mean);
  }
  // Ties keep the shuffled order: sequences of one length are not to meet the same neighbours every epoch.
  void sort_by_length(std::size_t begin, std::size_t end) {
    std::sort(order_.begin() + static_cast<std::ptrdiff_t>(begin),
              order_.begin() + static_cast<std::ptrdiff_t>(end), [this](std::size_t a, std::size_t b) {
                const std::size_t left = data_->length(a), right = data_->length(b);
                return left != right ? left > right : rank_[a] < rank_[b];
              });
  }
  void cut() {
    batches_.clear();
    for (std::size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
      std::size_t tokens = 0;
      const auto fits = [&] {
        if (end - begin < options_.smallest || end == begin) return true;
        if (options_.token_budget == 0) return end - begin < options_.batch_size;
        return tokens + data_->length(order_[end]) <= options_.token_budget;
      };
      while (end < order_.size() && fits()) tokens += data_->length(order_[end++]);
      if (end - begin < options_.smallest && !options_.drop_last && !batches_.empty()) {
        batches_.back().end = end;
      } else if (!options_.drop_last || end - begin == options_.batch_size) {
        push_pieces(begin, end);
      }
    }
  }
  /// A batch, or as many as most_tokens asks for; a longer sequence is alone.
  void push_pieces(std::size_t begin, std::size_t end) {
    std::size_t tokens = 0;
    for (std::size_t i = begin; options_.most_tokens > 0 && i < end; ++i) {
      const std::size_t length = data_->length(order_[i]);
      if (i > begin && tokens + length > options_.most_tokens) {
        batches_.push_back({begin, i});
        begin = i;
        tokens = 0;
      }
      tokens += length;
    }
    batches_.push_back({begin, end});
  }

  const TokenDataset* data_;
  BatcherOptions options_;
  BatcherPosition position_;
  std::vector<std::size_t> order_, rank_;  // shuffled and sorted rows; a row's place in the shuffle
  std::vector<Cut> batches_;
  std::vector<std::span<const Token>> sequences_;
  std::vector<std::uint64_t> records_;
};

SEQLSTM_NAMESPACE_END
