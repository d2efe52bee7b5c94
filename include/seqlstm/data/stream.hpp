// One long text read in many places at once: truncated backpropagation through time, where a batch is the
// next window of each of B streams (Mikolov et al. 2010; random window lengths after Merity et al. 2018,
// section 4.1).
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/random.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

struct StreamOptions {
  std::size_t streams = 64;    ///< B: places that are read at once
  std::size_t steps = 70;      ///< tokens of a stream per window
  bool random_length = false;  ///< windows of about `steps` tokens, now and then half as many
  std::uint64_t seed = 0;      ///< of the lengths
};

/// A window of every stream, and the token that follows each token.
struct StreamBatch {
  TokenBatch tokens;
  std::vector<Token> next;  ///< [tokens], packed as tokens.ids
};

/// Where a reading of streams stands: the next window is number `window` and begins at `token` of each
/// stream.
struct StreamPosition {
  std::size_t window = 0, token = 0;
  friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

/// Cuts tokens into `streams` equal stretches, the rest left out, and gives their windows in order, so that
/// states can be carried from window to window. Windows are a function of (options, epoch, number of tokens)
/// alone. Filling a batch allocates nothing once the longest was seen.
class TokenStreams {
 public:
  /// Throws option_error for no streams or steps, and for fewer than two tokens per stream.
  TokenStreams(std::vector<Token> tokens, StreamOptions options, std::size_t epoch = 0)
      : tokens_(std::move(tokens)),
        options_(options),
        epoch_(epoch),
        length_(stream_length(tokens_.size(), options)) {}

  /// Fills the next window; false at the end.
  bool next(StreamBatch& batch) {
    const std::size_t steps = window_steps(position_);
    if (steps == 0) return false;
    sequences_.clear();
    for (std::size_t b = 0; b < options_.streams; ++b)
      sequences_.emplace_back(tokens_.data() + b * length_ + position_.token, steps);
    batch.tokens.assign(sequences_);
    batch.next.resize(batch.tokens.ids.size());
    for (std::size_t b = 0; b < options_.streams; ++b)  // all of one length: rows stand in the streams' order
      for (std::size_t t = 0; t < steps; ++t)
        batch.next[t * options_.streams + b] = tokens_[b * length_ + position_.token + t + 1];
    ++position_.window;
    position_.token += steps;
    return true;
  }
  /// Goes to a place that position() gave before.
  void seek(StreamPosition position) {
    if (position.token >= length_)
      throw option_error("streams: token " + std::to_string(position.token) +
                         " is behind the end of streams of " + std::to_string(length_) +
                         "; resume with the data and options of the saved run");
    position_ = position;
  }

  [[nodiscard]] StreamPosition position() const { return position_; }
  /// Windows of the whole epoch.
  [[nodiscard]] std::size_t windows() const {
    StreamPosition at;
    for (std::size_t steps = window_steps(at); steps > 0; steps = window_steps(at))
      at = {at.window + 1, at.token + steps};
    return at.window;
  }
  /// Tokens read in an epoch.
  [[nodiscard]] std::size_t tokens() const { return (length_ - 1) * options_.streams; }

 private:
  static std::size_t stream_length(std::size_t tokens, const StreamOptions& options) {
    if (options.streams == 0 || options.steps == 0)
      throw option_error("streams: streams and steps must be at least 1, got " +
                         std::to_string(options.streams) + " and " + std::to_string(options.steps));
    const std::size_t length = tokens / options.streams;
    if (length < 2)
      throw option_error("streams: " + std::to_string(tokens) + " tokens are too few for " +
                         std::to_string(options.streams) +
                         " streams of at least two; use fewer streams or more data");
    return length;
  }
  /// Tokens per stream of the window at a place; 0 behind the last.
  [[nodiscard]] std::size_t window_steps(StreamPosition at) const {
    const std::size_t left = length_ - 1 - at.token;
    if (!options_.random_length) return std::min(left, options_.steps);
    RandomStream random({options_.seed, 0x57494E44U, static_cast<std::uint32_t>(epoch_)},
                        at.window);  // "WIND"
    const double base = static_cast<double>(options_.steps) * (random.uniform() < 0.95 ? 1.0 : 0.5);
    const double steps = std::round(std::fma(5.0, random.normal(), base));
    return std::min(
        left, static_cast<std::size_t>(std::clamp(steps, std::max(1.0, std::min(5.0, base)), base + 20.0)));
  }

  std::vector<Token> tokens_;
  StreamOptions options_;
  std::size_t epoch_, length_;
  StreamPosition position_;
  std::vector<std::span<const Token>> sequences_;
};

SEQLSTM_NAMESPACE_END
