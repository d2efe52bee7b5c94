// Categorical inputs beside the letters (the organism, the plate): each is a token that stands before the
// sequence, with an id behind those of the letters, or channels that are the same at every letter.
#pragma once

#include <seqlstm/data/dataset.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The value of `key=value` in a description, as FASTA headers have them (">P1 organism=plant", ">sp|P1
/// OS=Homo sapiens OX=9606"): it goes on to the next word with '=' in it. Between tabs, as
/// `"\torganism=any text\t"`, it may hold anything. Empty without one.
std::string description_value(std::string_view description, std::string_view key);

/// What a record's header says under a key: the value of `key=value` in its description, or for a number, as
/// "2", that field of its id with | between the fields, from 1 (">P1|EUKARYA|SP"). Empty without one.
std::string header_value(const Record& record, std::string_view key);

/// Which values of a record's header are read beside its letters.
class CategoricalInputs {
 public:
  std::vector<std::string> columns;              ///< keys of header_value()
  std::vector<std::vector<std::string>> values;  ///< [columns]: those of the training part, in order

  CategoricalInputs() = default;
  /// Throws option_error for a column that says nothing about the training part (one value), or far too much
  /// (more than 1,000).
  CategoricalInputs(std::vector<std::string> columns, std::span<const Record> train);

  /// Ids they need behind the letters': one for each value. A value not seen in training gets the id behind
  /// all of them, which stands for hidden tokens.
  [[nodiscard]] std::size_t vocabulary() const;
  /// Records as tokens, without labels. Throws option_error for a record of which no letter is left.
  [[nodiscard]] SequenceDataset encode(std::span<const Record> records, const Tokenizer& tokenizer) const;
  /// The same with labels, also those by position, which the tokens of the inputs have none of (NaN). Throws
  /// option_error where labels by position meet other tokens than letters one by one.
  [[nodiscard]] SequenceDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) const;
  /// The records' values as channels, [letters of all records, vocabulary()]: at each letter 1 for the
  /// record's own values, 0 for the others and for a value that was not seen in training. For models that say
  /// something of every letter, with SequenceDataset::add_channels().
  [[nodiscard]] std::vector<float> channels(std::span<const Record> records) const;

 private:
  /// The number of a record's value among those of a column; their count for one that was not seen.
  [[nodiscard]] std::size_t number_of(const Record& record, std::size_t column) const;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/categorical_inputs.ipp>
#endif
