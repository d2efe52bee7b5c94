// FASTQ: positions are those of the file, and a quality for every letter.
#include "text_files.hpp"

FUZZ_TARGET(fastq) {
  const auto records = seqlstm::io::read_fastq(fuzz::memory_file(bytes));
  const auto lines = fuzz::split_lines(bytes);
  for (const auto& record : records) {
    fuzz::require(record.quality.size() == record.sequence.size(), "a quality for every letter");
    if (fuzz::is_plain(bytes)) fuzz::check_positions(record, lines);
    fuzz::check_residues(record);
  }
  fuzz::require(!records.empty(), "a file without records is refused");
}
