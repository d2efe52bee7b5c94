// Which cells of a table stand for "no value": a label that nobody knows is not the class "NA", and the
// peptide NA is no gap.
#pragma once

#include <seqlstm/core/view.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The words that stand for "no value". An empty cell, or one of white space alone, always does; white space
/// around a word does not count, its case does.
class MissingValues {
 public:
  /// The empty cell alone: the rule for sequences, of which NA (Asn-Ala) and NAN are some.
  MissingValues() = default;
  /// These words and the empty cell. Words are given without white space around them.
  explicit MissingValues(std::vector<std::string> words) : words_(std::move(words)) {}

  /// The words that tables of labels have for it, as pandas reads them: NA, N/A, NaN, nan, NULL and null.
  static MissingValues usual() { return MissingValues({"NA", "N/A", "NaN", "nan", "NULL", "null"}); }
  /// "NA,?,-": words with commas between them; the empty list adds none to the empty cell.
  static MissingValues listed(std::string_view list);

  /// Does the cell stand for "no value"?
  [[nodiscard]] bool operator()(std::string_view cell) const;
  /// The words beside the empty cell.
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

/// Puts numbers in place of NaN, channel by channel: the last number before it, else the first one after it,
/// else (a channel without any) 0.
void fill_missing(MatrixView<float> rows);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/missing_values.ipp>
#endif
