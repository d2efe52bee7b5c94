// Intervals of named sequences, as BED files list them, and labels of every base: one from the other.
#pragma once

#include <cstddef>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A stretch of a sequence: bases [start, end), counted from 0.
struct BedInterval {
  std::string chrom{};    ///< id of the sequence
  std::size_t start = 0;  ///< the first base
  std::size_t end = 0;    ///< the base behind the last one; `start` of an interval without bases
  std::string name{};     ///< what it is; empty where the file does not say
  double score = 0;       ///< 0 where the file does not say
  char strand = '.';      ///< '+', '-', or '.' for neither
  std::string file{};     ///< where it came from; empty for intervals made in memory
  std::size_t line = 0;   ///< line of the file, from 1

  /// "x.bed:7: ", or nothing for an interval without a file: the beginning of an error message.
  [[nodiscard]] std::string prefix() const;
  /// "chr1:100-250 'exon'", as BED counts.
  [[nodiscard]] std::string text() const;
};

/// How label_intervals makes labels.
struct IntervalLabelOptions {
  /// Names of the classes 1, 2, ...; empty: the intervals' names in the order in which they first appear.
  std::vector<std::string> classes = {};
  std::string background = "background";  ///< name of class 0, the bases of no interval
  std::string unnamed = "interval";       ///< name of intervals without one
  bool stranded = false;    ///< an interval on a strand has a class of its own, "exon+" or "exon-"
  bool later_wins = false;  ///< where classes overlap the later interval counts; else they are an error
  bool skip_others =
      false;  ///< intervals of sequences that are no record are left out; else they are an error
};

/// A class for every base of every record.
struct IntervalLabels {
  std::vector<std::string> classes{};        ///< names; the first is the background's
  std::vector<std::vector<Token>> labels{};  ///< [records] of [letters]: a class each
};

/// The class of every base: that of the interval which covers it, 0 where none does. An interval belongs to
/// the record whose id is its `chrom`. Intervals without bases label nothing. One allocation per record.
/// Throws parse_error, with file and line where intervals have them, for an interval that ends beyond its
/// sequence or before it begins, that is of no record (the first ids are named), whose name is
/// none of the given classes, and, unless `later_wins`, for two intervals of different classes that overlap,
/// with both. option_error for two records of one id and for a class that is given twice or is the
/// background.
IntervalLabels label_intervals(std::span<const Record> records, std::span<const BedInterval> intervals,
                               const IntervalLabelOptions& options = {});

/// The reverse: an interval for every run of a class other than 0, in order, with the class's name. With
/// `stranded` a '+' or '-' that ends a name becomes the strand. option_error, with the position, for a label
/// that is none of the classes.
std::vector<BedInterval> intervals_of(const std::string& chrom, std::span<const Token> labels,
                                      std::span<const std::string> classes, bool stranded = false);
/// The same of all records. shape_error unless there are labels for each, one for each letter.
std::vector<BedInterval> intervals_of(std::span<const Record> records, const IntervalLabels& labels,
                                      bool stranded = false);

/// Writes the classes as label letters, Record::annotation: '.' for the background, for any other class a
/// letter of its name or else one that is free. Returns what the letters stand for. Throws shape_error unless
/// there are labels for each record, option_error for more classes than letters and digits (62) and as
/// intervals_of() does.
LabelAlphabet annotate(std::span<Record> records, const IntervalLabels& labels);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/interval_labels.ipp>
#endif
