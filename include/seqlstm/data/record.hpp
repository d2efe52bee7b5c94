// Sequences as people write them: an id and letters, before any tokenizer.
#pragma once

#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One record of a FASTA, FASTQ or CSV file.
struct Record {
  std::string id;           ///< up to the first white space of the header
  std::string description;  ///< the rest of the header
  std::string sequence;     ///< letters as read
  std::string file;         ///< where it came from; empty for records made in memory
  std::size_t line = 0;     ///< line of the sequence's first letter, from 1

  /// "promoter.fa:17", or "record 'id'" for a record without a file: the beginning of an error message.
  [[nodiscard]] std::string place() const {
    return file.empty() ? "record '" + id + "'" : file + ":" + std::to_string(line);
  }
};

/// Records with a number each: a class index, or the value of a regression.
struct LabelledRecords {
  std::vector<Record> records;
  std::vector<double> labels;            ///< [records]
  std::vector<std::string> label_names;  ///< of the classes, may be empty
};

/// Gives all records one label.
inline LabelledRecords label(std::vector<Record> records, double value) {
  LabelledRecords labelled;
  labelled.labels.assign(records.size(), value);
  labelled.records = std::move(records);
  return labelled;
}

/// One set after the other.
inline LabelledRecords operator+(LabelledRecords a, const LabelledRecords& b) {
  a.records.insert(a.records.end(), b.records.begin(), b.records.end());
  a.labels.insert(a.labels.end(), b.labels.begin(), b.labels.end());
  if (a.label_names.empty()) a.label_names = b.label_names;
  return a;
}

SEQLSTM_NAMESPACE_END
