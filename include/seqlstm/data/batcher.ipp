// Definitions of batcher.hpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/batcher.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Batcher::Batcher(const SequenceDataset& data, BatcherOptions options)
    : data_(&data), options_(std::move(options)) {
  if (data.size() == 0) throw option_error("batcher: the data set has no records");
  data.check();
  if (options_.max_tokens == 0 && options_.batch_size == 0)
    throw option_error("batcher: batch_size must be at least 1, or max_tokens above 0");
  if (options_.drop_last && options_.max_tokens != 0)
    throw option_error("batcher: drop_last needs batches of a fixed size; use batch_size, not max_tokens");
  if (options_.drop_last && data.size() < options_.batch_size)
    throw option_error("batcher: drop_last leaves no batch: " + std::to_string(data.size()) +
                       " records are fewer than batch_size " + std::to_string(options_.batch_size));
  order_.resize(data.size());
  rank_.resize(data.size());
  begin_epoch(0);
}

SEQLSTM_INLINE void Batcher::begin_epoch(std::size_t epoch) {
  RandomStream random({options_.seed, 0x42415443U, static_cast<std::uint32_t>(epoch)});  // "BATC"
  if (options_.sampler) {
    order_ = detail::sampled_rows(options_.sampler, epoch, data_->size());
  } else {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (options_.shuffle) random.shuffle(order_);
  }
  for (std::size_t i = 0; i < order_.size(); ++i) rank_[order_[i]] = i;
  const std::size_t bucket = bucket_size();
  for (std::size_t begin = 0; bucket > 0 && begin < order_.size(); begin += bucket)
    sort_by_length(begin, std::min(order_.size(), begin + bucket));
  cut();
  if (options_.shuffle && (!options_.sampler || bucket > 0)) random.shuffle(batches_);
  position_ = {epoch, 0};
}

SEQLSTM_INLINE void Batcher::seek(BatcherPosition position) {
  begin_epoch(position.epoch);
  if (position.batch > batches())
    throw option_error("batcher: batch " + std::to_string(position.batch) + " of epoch " +
                       std::to_string(position.epoch) + " does not exist, the epoch has " +
                       std::to_string(batches()) + "; resume with the data and options of the saved run");
  position_ = position;
}

SEQLSTM_INLINE bool Batcher::next(SequenceBatch& batch) {
  if (position_.batch == batches_.size()) return false;
  const Cut cut = batches_[position_.batch++];
  lengths_.clear();
  records_.clear();
  for (std::size_t i = cut.begin; i < cut.end; ++i) {
    lengths_.push_back(data_->length(order_[i]));
    records_.push_back(order_[i]);
  }
  batch.lay_out(lengths_, records_);
  pack(data_->ids, 1, batch.layout, batch.ids);
  pack(data_->channels, data_->channel_count, batch.layout, batch.channels);
  pack(data_->position_labels, 1, batch.layout, batch.position_labels);
  pack(data_->position_weights, 1, batch.layout, batch.position_weights);
  batch.channel_count = data_->channel_count;
  batch.label_width = data_->label_width;
  if (data_->label_sequence_offsets.size() > 1) batch.label_sequence_offsets.push_back(0);
  for (std::size_t i = cut.begin; i < cut.end; ++i) {
    const RecordLabels own = data_->labels_of(order_[i]);
    batch.labels.insert(batch.labels.end(), own.record.begin(), own.record.end());
    if (batch.label_sequence_offsets.empty()) continue;
    batch.label_sequences.insert(batch.label_sequences.end(), own.sequence.begin(), own.sequence.end());
    batch.label_sequence_offsets.push_back(batch.label_sequences.size());
  }
  return true;
}

template <class Number>
void Batcher::pack(const std::vector<Number>& from, std::size_t width, const PackedLayout& layout,
                   std::vector<Number>& to) const {
  if (from.empty()) return;
  to.resize(layout.tokens() * width);
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    const Number* source = from.data() + data_->offsets[layout.record(r)] * width;
    for (std::size_t t = 0; t < layout.length(r); ++t)
      std::copy_n(source + t * width, width, to.data() + (layout.offset(t) + r) * width);
  }
}

SEQLSTM_INLINE std::size_t Batcher::tokens() const {
  std::size_t sum = 0;
  for (const Cut& cut : batches_)
    for (std::size_t i = cut.begin; i < cut.end; ++i) sum += data_->length(order_[i]);
  return sum;
}

SEQLSTM_INLINE std::size_t Batcher::bucket_size() const {
  if (options_.bucket_batches == 0) return 0;
  if (!options_.shuffle) return order_.size();
  if (options_.max_tokens == 0) return options_.bucket_batches * options_.batch_size;
  const std::size_t mean = std::max<std::size_t>(1, data_->tokens() / data_->size());
  return options_.bucket_batches * std::max<std::size_t>(1, options_.max_tokens / mean);
}

SEQLSTM_INLINE void Batcher::sort_by_length(std::size_t begin, std::size_t end) {
  std::sort(order_.begin() + static_cast<std::ptrdiff_t>(begin),
            order_.begin() + static_cast<std::ptrdiff_t>(end), [this](std::size_t a, std::size_t b) {
              const std::size_t left = data_->length(a), right = data_->length(b);
              return left != right ? left > right : rank_[a] < rank_[b];
            });
}

SEQLSTM_INLINE void Batcher::cut() {
  batches_.clear();
  for (std::size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
    std::size_t tokens = 0;
    const auto fits = [&] {
      if (end - begin < options_.min_batch_size || end == begin) return true;
      if (options_.max_tokens == 0) return end - begin < options_.batch_size;
      return tokens + data_->length(order_[end]) <= options_.max_tokens;
    };
    while (end < order_.size() && fits()) tokens += data_->length(order_[end++]);
    if (end - begin < options_.min_batch_size && !options_.drop_last && !batches_.empty()) {
      batches_.back().end = end;
    } else if (!options_.drop_last || end - begin == options_.batch_size) {
      push_pieces(begin, end);
    }
  }
}

SEQLSTM_INLINE void Batcher::push_pieces(std::size_t begin, std::size_t end) {
  std::size_t tokens = 0;
  for (std::size_t i = begin; options_.cut_tokens > 0 && i < end; ++i) {
    const std::size_t length = data_->length(order_[i]);
    if (i > begin && tokens + length > options_.cut_tokens) {
      batches_.push_back({begin, i});
      begin = i;
      tokens = 0;
    }
    tokens += length;
  }
  batches_.push_back({begin, end});
}

SEQLSTM_NAMESPACE_END
