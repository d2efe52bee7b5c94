// Letters a tokenizer does not know (X, N, and what its alphabet lacks) are told of.
#pragma once

#include <initializer_list>
#include <ostream>
#include <seqlstm/data/tokenizer.hpp>
#include <string>
#include <vector>

namespace examples {

/// Counts letters of records that a tokenizer does not know, and says what became of them.
class UnknownLetters {
 public:
  /// The tokenizer must outlive this.
  explicit UnknownLetters(const seqlstm::Tokenizer& tokenizer) : tokenizer_(&tokenizer) {
    for (const char letter : tokenizer.alphabet().letters())
      if (tokenizer.alphabet().knows(letter)) known_ += letter;
  }
  void count(const std::vector<seqlstm::Record>& records) {
    const auto& alphabet = tokenizer_->alphabet();
    for (const auto& record : records) {
      letters_ += record.sequence.size();
      for (const char letter : record.sequence) unknown_ += alphabet.knows(letter) ? 0 : 1;
    }
  }
  /// Throws option_error where most letters are left out: such sequences are of another kind than the
  /// tokenizer reads.
  void check() const {
    if (skipped() && 2 * unknown_ > letters_)
      throw seqlstm::option_error(
          std::to_string(100 * unknown_ / letters_) + " % of the letters are none of " + known_ +
          ", which the encoder reads; give it sequences of the kind it was trained on");
  }
  /// Nothing where all are known.
  void tell(std::ostream& out) const {
    if (unknown_ == 0) return;
    out << "note: " << unknown_ << " letters other than " << known_
        << (skipped() ? " are left out" : std::string(" are read as ") + tokenizer_->alphabet().any())
        << '\n';
  }

 private:
  [[nodiscard]] bool skipped() const { return tokenizer_->options().unknown == seqlstm::unknown::skip; }

  const seqlstm::Tokenizer* tokenizer_;
  std::string known_;
  std::size_t unknown_ = 0, letters_ = 0;
};

/// The same of all records of some parts.
inline void tell_unknown_letters(std::ostream& out, const seqlstm::Tokenizer& tokenizer,
                                 std::initializer_list<const std::vector<seqlstm::Record>*> parts) {
  UnknownLetters unknown(tokenizer);
  for (const auto* records : parts) unknown.count(*records);
  unknown.check();
  unknown.tell(out);
}

}  // namespace examples
