// Categorical inputs beside the letters (the organism, the plate): each is a token that stands before the
// sequence, with an id behind those of the letters.
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

/// Which values of a record's description are read beside its letters.
class CategoricalInputs {
 public:
  std::vector<std::string> columns;              ///< keys of description_value()
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
  /// The same with labels.
  [[nodiscard]] SequenceDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) const;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/categorical_inputs.ipp>
#endif
