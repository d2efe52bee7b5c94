// Definitions of stream.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/stream.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void StreamBatch::assign_part(const StreamBatch& from, std::span<const std::size_t> streams) {
  tokens.assign_part(from.tokens, streams);
  next.clear();  // streams are of one length: their rows stand in their order
  const std::size_t all = from.tokens.layout.sequences();
  for (std::size_t t = 0; t < tokens.layout.steps(); ++t)
    for (const std::size_t stream : streams) next.push_back(from.next[t * all + stream]);
}

SEQLSTM_INLINE TokenStreams::TokenStreams(std::vector<Token> tokens, StreamOptions options, std::size_t epoch)
    : tokens_(std::move(tokens)),
      options_(options),
      epoch_(epoch),
      length_(stream_length(tokens_.size(), options)) {}

SEQLSTM_INLINE bool TokenStreams::next(StreamBatch& batch) {
  const std::size_t steps = window_steps(position_);
  if (steps == 0) return false;
  sequences_.clear();
  for (std::size_t b = 0; b < options_.batch_size; ++b)
    sequences_.emplace_back(tokens_.data() + b * length_ + position_.token, steps);
  batch.tokens.assign(sequences_);
  batch.next.resize(batch.tokens.ids.size());
  for (std::size_t b = 0; b < options_.batch_size;
       ++b)  // all of one length: rows stand in the streams' order
    for (std::size_t t = 0; t < steps; ++t)
      batch.next[t * options_.batch_size + b] = tokens_[b * length_ + position_.token + t + 1];
  ++position_.window;
  position_.token += steps;
  return true;
}

SEQLSTM_INLINE void TokenStreams::seek(StreamPosition position) {
  if (position.token >= length_)
    throw option_error("streams: token " + std::to_string(position.token) +
                       " is behind the end of streams of " + std::to_string(length_) +
                       "; resume with the data and options of the saved run");
  position_ = position;
}

SEQLSTM_INLINE std::size_t TokenStreams::windows() const {
  StreamPosition at;
  for (std::size_t steps = window_steps(at); steps > 0; steps = window_steps(at))
    at = {at.window + 1, at.token + steps};
  return at.window;
}

SEQLSTM_INLINE std::size_t TokenStreams::stream_length(std::size_t tokens, const StreamOptions& options) {
  if (options.batch_size == 0 || options.bptt == 0)
    throw option_error("streams: batch_size and bptt must be at least 1, got " +
                       std::to_string(options.batch_size) + " and " + std::to_string(options.bptt));
  const std::size_t length = tokens / options.batch_size;
  if (length < 2)
    throw option_error("streams: " + std::to_string(tokens) + " tokens are too few for " +
                       std::to_string(options.batch_size) +
                       " streams of at least two; use fewer streams or more data");
  return length;
}

SEQLSTM_INLINE std::size_t TokenStreams::window_steps(StreamPosition at) const {
  const std::size_t left = length_ - 1 - at.token;
  if (!options_.random_length) return std::min(left, options_.bptt);
  RandomStream random({options_.seed, 0x57494E44U, static_cast<std::uint32_t>(epoch_)},
                      at.window);  // "WIND"
  const double base = static_cast<double>(options_.bptt) * (random.uniform() < 0.95 ? 1.0 : 0.5);
  const double steps = std::round(std::fma(5.0, random.normal(), base));
  return std::min(
      left, static_cast<std::size_t>(std::clamp(steps, std::max(1.0, std::min(5.0, base)), base + 20.0)));
}

SEQLSTM_NAMESPACE_END
