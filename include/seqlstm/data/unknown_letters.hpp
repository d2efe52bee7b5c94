// Letters a tokenizer does not know (X, N, and what its alphabet lacks): how many there are, and what becomes
// of them.
#pragma once

#include <seqlstm/data/tokenizer.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// Counts letters of records that a tokenizer does not know. The tokenizer must outlive it.
class UnknownLetters {
 public:
  /// Nothing is counted yet.
  explicit UnknownLetters(const Tokenizer& tokenizer);
  /// Adds the letters of the records to the count. The letter for any other (N, X) counts as unknown.
  void count(std::span<const Record> records);
  /// Throws option_error where the tokenizer leaves most letters out: such sequences are of another kind than
  /// it reads.
  void check() const;
  /// "12 letters other than ACGT are read as N"; empty where all are known.
  [[nodiscard]] std::string note() const;

 private:
  [[nodiscard]] bool skipped() const { return tokenizer_->options().unknown == Unknown::skip; }

  const Tokenizer* tokenizer_;
  std::string known_;
  std::size_t unknown_ = 0, letters_ = 0;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/unknown_letters.ipp>
#endif
