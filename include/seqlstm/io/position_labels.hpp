// Sequences with a label for each letter: from a table, from three-line FASTA, and from two FASTA files.
#pragma once

#include <seqlstm/core/text.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/table.hpp>
#include <string>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Which columns of a table have sequences and their labels.
struct PositionLabelColumns {
  std::string sequence = "sequence";  ///< the letters
  std::string labels = "label";       ///< one character for each letter
  std::string mask = {};              ///< '0' where the label does not count, else '1'; empty: all count
  std::string id = {};                ///< names of the records; empty: they are named by their lines
};

namespace detail {

/// The label string of a record in a file of its own.
struct LabelString {
  std::string labels;
  std::size_t line = 0;  ///< of the header
};

/// Label strings by id, and the ids in their order.
struct LabelFile {
  std::unordered_map<std::string, LabelString> of;
  std::vector<std::string> ids;
};

inline parse_error repeated_id(const std::string& file, std::size_t line, const std::string& id,
                               std::size_t first) {
  return {file, line,
          "id '" + id + "' stands on line " + std::to_string(first) +
              " already; ids that join two files must be unique"};
}

/// A FASTA file whose letters are labels: digits among them are labels too.
inline LabelFile read_label_file(const std::string& path, const TextLimits& limits) {
  LabelFile file;
  std::string* labels = nullptr;
  for (FastaPieces pieces(path, limits); pieces.next();) {
    if (!pieces.is_header()) {
      append_beside(*labels, pieces.text());
      continue;
    }
    Record header;
    read_header(pieces.text(), header);
    const auto [place, fresh] = file.of.emplace(header.id, LabelString{"", pieces.line()});
    if (!fresh) throw repeated_id(path, pieces.line(), header.id, place->second.line);
    file.ids.push_back(header.id);
    labels = &place->second.labels;
  }
  return file;
}

}  // namespace detail

/// The rows of a table as records with a label for each letter (Record::annotation) and, where asked, a mask
/// (Record::mask). White space is part of neither letters nor labels; digits are labels, but no letters.
/// Throws parse_error with file:line for a row whose lengths differ and for a mask of other characters than 0
/// and 1.
inline std::vector<Record> position_labels(const CsvTable& table, const PositionLabelColumns& columns = {}) {
  const std::size_t labels = table.index(columns.labels);
  const std::size_t mask = columns.mask.empty() ? 0 : table.index(columns.mask);
  auto records = table.records(columns.sequence, columns.id);
  for (std::size_t r = 0; r < records.size(); ++r) {
    Record& record = records[r];
    detail::append_beside(record.annotation, table.rows[r][labels]);
    check_position_labels(record, "column '" + columns.labels + "'");
    if (columns.mask.empty()) continue;
    detail::append_beside(record.mask, table.rows[r][mask]);
    seqlstm::detail::check_mask(record, "column '" + columns.mask + "'");
  }
  return records;
}

/// Records with a label for each letter from one file: three-line FASTA, or a table with these columns, plain
/// or gzip. Throws as position_labels, read_csv and read_three_line_fasta do.
inline std::vector<Record> read_position_labels(const std::string& path,
                                                const PositionLabelColumns& columns = {}) {
  return is_fasta(path) ? read_three_line_fasta(path) : position_labels(read_csv(path), columns);
}

/// Records of a FASTA file with the labels that another FASTA file has under the same ids, in any order, on
/// one line or many. Throws parse_error with file:line for an id that stands twice or in one file alone, and
/// where lengths differ; as FastaReader does for the sequences.
inline std::vector<Record> read_labelled_fasta(const std::string& sequences, const std::string& labels,
                                               const TextLimits& limits = {}) {
  const auto file = detail::read_label_file(labels, limits);
  auto records = read_fasta(sequences, limits);
  std::unordered_map<std::string, std::size_t> lines;
  for (Record& record : records) {
    const std::size_t header = record.line - 1;
    const auto [place, fresh] = lines.emplace(record.id, header);
    if (!fresh) throw detail::repeated_id(sequences, header, record.id, place->second);
    const auto found = file.of.find(record.id);
    if (found == file.of.end())
      throw parse_error(sequences, header,
                        "record '" + record.id + "' has no labels in " + labels +
                            "; give labels of all records, under the first word of their headers");
    record.annotation = found->second.labels;
    check_position_labels(record, labels + ":" + std::to_string(found->second.line));
  }
  for (const auto& id : file.ids)
    if (!lines.contains(id))
      throw parse_error(labels, file.of.at(id).line,
                        "labels of '" + id + "', which is no record of " + sequences +
                            "; give its sequence, or take its labels out");
  return records;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
