// The letters that a language model is trained on, from FASTA files and tables.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <seqlstm/data/contigs.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/table.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Is the file a table by its name (.csv, .tsv, .tab, with .gz or without)?
inline bool is_table(std::string path) {
  if (path.ends_with(".gz")) path.resize(path.size() - 3);
  return path.ends_with(".csv") || path.ends_with(".tsv") || path.ends_with(".tab");
}

/// FASTA files, and tables; of tables with a split column only sequences that are in no validation or test
/// part (unlabelled_sequences, which says what `split_required` and the notes are). Throws token_error for a
/// FASTA file without a letter that the alphabet knows.
inline Contigs read_contigs(const std::vector<std::string>& files, const TableOptions& options,
                            const std::string& split_column, bool split_required, const Alphabet& alphabet,
                            Notes& notes) {
  Contigs contigs;
  std::vector<std::string> tables;
  std::copy_if(files.begin(), files.end(), std::back_inserter(tables), is_table);
  for (const auto& record : unlabelled_sequences(tables, options, split_column, split_required, notes))
    contigs.add(record.sequence, alphabet);
  for (const std::string& file : files) {
    if (is_table(file)) continue;
    const std::size_t before = contigs.letters;
    for (const Record& record : FastaReader(file)) contigs.add(record.sequence, alphabet);
    if (contigs.letters == before)
      throw token_error(file + ": no known letter of alphabet " + std::string(alphabet.name()) + " (" +
                        std::string(alphabet.letters()) + "); check the file, or name its alphabet");
  }
  return contigs;
}

/// CRC-32 of letters and of where pieces end: the same for the same training text.
inline std::uint32_t checksum(const std::vector<std::string>& pieces) {
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& piece : pieces)
    sum =
        crc32_z(sum, reinterpret_cast<const Bytef*>(piece.c_str()), piece.size() + 1);  // with the 0 after it
  return static_cast<std::uint32_t>(sum);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
