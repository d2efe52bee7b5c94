// The letters that a language model is trained on, from FASTA files and tables.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <seqlstm/data/contigs.hpp>
#include <seqlstm/io/fasta.hpp>
#include <string>
#include <vector>

#include "support/table_source.hpp"

namespace examples {

/// Is the file a table by its name (.csv, .tsv, .tab, with .gz or without)?
inline bool is_table(std::string path) {
  if (path.ends_with(".gz")) path.resize(path.size() - 3);
  return path.ends_with(".csv") || path.ends_with(".tsv") || path.ends_with(".tab");
}

/// Where a table has its sequences, and the parts that they are in.
struct TableColumns {
  std::string sequence = "sequence", split = "set";
  bool split_required = false;
  std::optional<std::string> missing = {};  ///< words that stand for "no value", as TableOptions has them
};

/// FASTA files, and tables; of tables with a split column only sequences that are in no validation or test
/// part.
inline seqlstm::Contigs read_contigs(const std::vector<std::string>& files, const TableColumns& columns,
                                     const seqlstm::Alphabet& alphabet) {
  seqlstm::Contigs contigs;
  std::vector<std::string> tables;
  std::copy_if(files.begin(), files.end(), std::back_inserter(tables), is_table);
  TableOptions reading;
  reading.sequence_column = columns.sequence;
  reading.missing = columns.missing;
  for (const auto& record :
       unlabelled_sequences(tables, reading, columns.split, columns.split_required, std::cout))
    contigs.add(record.sequence, alphabet);
  for (const std::string& file : files) {
    if (is_table(file)) continue;
    const std::size_t before = contigs.letters;
    seqlstm::io::FastaReader reader(file);
    for (seqlstm::Record record; reader.next(record);) contigs.add(record.sequence, alphabet);
    if (contigs.letters == before)
      throw seqlstm::token_error(file + ": no known letter of alphabet " + std::string(alphabet.name()) +
                                 " (" + std::string(alphabet.letters()) +
                                 "); check the file, or name its --alphabet or another --encoder");
  }
  return contigs;
}

/// CRC-32 of letters and of where pieces end.
inline std::uint32_t checksum(const std::vector<std::string>& pieces) {
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& piece : pieces)
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(piece.c_str()),
                  piece.size() + 1);  // with the 0 behind it
  return static_cast<std::uint32_t>(sum);
}

}  // namespace examples
