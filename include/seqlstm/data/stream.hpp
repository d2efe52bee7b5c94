// One long text read in many places at once: truncated backpropagation through time, where a batch is the
// next window of each of B streams (Mikolov et al. 2010; random window lengths after Merity et al. 2018,
// section 4.1).
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How TokenStreams cuts a text into streams and windows.
struct StreamOptions {
  std::size_t batch_size = 64;  ///< B: places that are read at once
  std::size_t bptt = 70;        ///< tokens of a stream per window
  bool random_length = false;   ///< windows of about `bptt` tokens, now and then half as many
  std::uint64_t seed = 0;       ///< of the lengths
};

/// A window of every stream, and the token that follows each token.
struct StreamBatch {
  SequenceBatch tokens;     ///< a sequence for each stream, all of one length; without labels
  std::vector<Token> next;  ///< [tokens], packed as tokens.ids

  /// Becomes some streams of another batch, in the order of `streams`.
  void assign_part(const StreamBatch& from, std::span<const std::size_t> streams);
};

/// Where a reading of streams stands: the next window is number `window` and begins at `token` of each
/// stream.
struct StreamPosition {
  std::size_t window = 0;  ///< windows that were read
  std::size_t token = 0;   ///< tokens of each stream that were read
  friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

/// Cuts tokens into `batch_size` equal stretches, the rest left out, and gives their windows in order, so
/// that states can be carried from window to window. Windows are a function of (options, epoch, number of
/// tokens) alone. Filling a batch allocates nothing once the longest was seen.
class TokenStreams {
 public:
  /// Throws option_error for no streams or bptt, and for fewer than two tokens per stream.
  TokenStreams(std::vector<Token> tokens, StreamOptions options, std::size_t epoch = 0);

  /// Fills the next window; false at the end.
  bool next(StreamBatch& batch);
  /// Goes to a place that position() gave before.
  void seek(StreamPosition position);

  /// Where it stands, for seek(): what a checkpoint keeps.
  [[nodiscard]] StreamPosition position() const { return position_; }
  /// Windows of the whole epoch.
  [[nodiscard]] std::size_t windows() const;
  /// Tokens read in an epoch.
  [[nodiscard]] std::size_t tokens() const { return (length_ - 1) * options_.batch_size; }

 private:
  static std::size_t stream_length(std::size_t tokens, const StreamOptions& options);
  /// Tokens per stream of the window at a place; 0 behind the last.
  [[nodiscard]] std::size_t window_steps(StreamPosition at) const;

  std::vector<Token> tokens_;
  StreamOptions options_;
  std::size_t epoch_, length_;
  StreamPosition position_;
  std::vector<std::span<const Token>> sequences_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/stream.ipp>
#endif
