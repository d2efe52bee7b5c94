// Labelled records in three parts, as a classifier is trained on them: drawn, or brought; cut down; encoded.
#pragma once

#include <cstdint>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/train/objective.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Labelled records in three parts, and what their labels are.
struct LabelledParts {
  LabelledRecords train;                ///< what a model learns from
  LabelledRecords valid;                ///< what it is chosen on
  LabelledRecords test;                 ///< what it is reported on
  Task task = Task::binary;             ///< what the labels are
  bool drawn = false;                   ///< the parts were drawn by seed, not brought
  std::uint64_t seed = 1;               ///< of the split, and of what is compared on it
  std::vector<Record> unlabelled = {};  ///< of the training part, whose labels nobody may use
  /// Of each record of training, then of validation: what stays together where networks are validated on
  /// parts of both in turn. Empty: any record may stand in any part.
  std::vector<std::string> groups = {};
};

/// Eight tenths for training, one each for validation and test, drawn by `seed`, every class in proportion.
/// Throws option_error for a class of fewer than three records (a label of fewer than two), and for fewer
/// than three records.
LabelledParts split_parts(const LabelledRecords& all, Task task, std::uint64_t seed);

/// The parts that `rows` name; without validation rows a tenth of the training part is drawn by `seed`.
/// Throws option_error for an empty training or test part, and for a class that training (or the validation
/// that is drawn) does not have, or that has one record in all.
LabelledParts partitioned(const LabelledRecords& all, Task task, const Partition& rows, std::uint64_t seed);

/// Keeps so many rows of the training part, drawn by the seed of the split with every class in proportion; 0:
/// all. The others become `unlabelled`. Throws option_error for more rows than there are, and for fewer than
/// classes.
void keep_train_rows(LabelledParts& parts, std::size_t rows);

/// Sequences that make a result look better, or worse, than it is.
struct Overlap {
  std::size_t test_in_train = 0;  ///< records of the test part whose sequence is in the training part too
  std::size_t contradictory = 0;  ///< records of all parts whose sequence stands there with two labels
};
/// Counts sequences that are equal as CanonicalLess compares them.
Overlap overlap(const LabelledParts& parts);

/// The three parts as tokens, and what is to be learned from them.
struct EncodedParts {
  Objective objective;                   ///< what is learned, and how
  CategoricalInputs inputs;              ///< read beside the letters
  SequenceDataset train;                 ///< what a model learns from; labels as the objective learns them
  SequenceDataset valid;                 ///< what it is chosen on, likewise
  SequenceDataset test;                  ///< what it is reported on, likewise
  SequenceDataset unlabelled = {};       ///< rows that keep_train_rows() left out
  std::vector<std::string> groups = {};  ///< as those of LabelledParts

  /// Different tokens: of letters and of categorical inputs.
  [[nodiscard]] std::size_t vocabulary() const { return train.vocabulary() + inputs.vocabulary(); }
  /// Do all sequences of all parts have one length in tokens?
  [[nodiscard]] bool same_length() const;
};

/// Encodes the parts. Throws option_error for a part with fewer than two classes (`source` names the data in
/// the message), and as CategoricalInputs::encode and Objective::learned do.
EncodedParts encode_parts(const LabelledParts& parts, const Objective& objective, const Tokenizer& tokenizer,
                          const CategoricalInputs& inputs, const std::string& source);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/labelled_parts.ipp>
#endif
