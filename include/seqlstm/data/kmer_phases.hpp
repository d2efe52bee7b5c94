// Phases of k-mers: a tokenizer that goes on by several letters reads a sequence in as many ways, from its
// first letter, its second, ... A classifier may meet any of them in training and ask all of them afterwards
// (data augmentation in training and in prediction; Krizhevsky et al. 2012, section 4.1).
#pragma once

#include <seqlstm/core/random.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/tokenizer.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Batches of a tokenizer's sequences, read in other phases than the one they were encoded in. Records keep
/// their numbers and their order; labels stay where they are, with the batch that was read. Allocates nothing
/// after a thread's largest batch.
class KmerPhases {
 public:
  KmerPhases() = default;
  /// Of the tokenizer that encoded the batches, which it keeps a copy of.
  explicit KmerPhases(Tokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}

  /// Ways to read a sequence: letters from one token's begin to the next one's, or 1 where letters between
  /// the tokens are not known.
  [[nodiscard]] std::size_t count() const;
  /// Every sequence from letter `phase` on, 0 to count() - 1.
  void read(const SequenceBatch& batch, std::size_t phase, SequenceBatch& result) const;
  /// Every sequence in a phase of its own: a function of `key` and the record, whatever the batch.
  void draw(const SequenceBatch& batch, const RandomKey& key, SequenceBatch& result) const;

 private:
  /// What shifting a batch needs, kept by every thread.
  struct Room {
    std::vector<Token> tokens, shifted;         // of one sequence; of all, as they are read
    std::vector<std::span<const Token>> views;  // in the caller's order
  };
  static Room& room();

  template <class FrameOf>
  void read_each(const SequenceBatch& batch, SequenceBatch& result, FrameOf&& phase_of) const {
    const PackedLayout& layout = batch.layout;
    auto& [tokens, shifted, views] = room();
    shifted.clear();
    shifted.reserve(layout.tokens());  // no phase has more: views stay valid
    views.resize(layout.sequences());
    for (std::size_t r = 0; r < layout.sequences(); ++r) {
      tokens.resize(layout.length(r));
      for (std::size_t t = 0; t < tokens.size(); ++t) tokens[t] = batch.ids[layout.offset(t) + r];
      const std::size_t begin = shifted.size();
      tokenizer_.shift(tokens, phase_of(layout.record(r)), shifted);
      views[layout.order(r)] = {shifted.data() + begin, shifted.size() - begin};
    }
    result.assign(views, batch.records);
  }

  Tokenizer tokenizer_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/kmer_phases.ipp>
#endif
