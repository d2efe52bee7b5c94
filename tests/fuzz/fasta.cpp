// FASTA: positions are those of the file, the same records whole or one by one, and written and read again.
#include "text_files.hpp"

FUZZ_TARGET(fasta) {
  const std::size_t width = fuzz::take_byte(bytes);
  const std::string path = fuzz::memory_file(bytes);
  const auto records = seqlstm::io::read_fasta(path);
  std::size_t count = 0;
  const bool one_by_one = fuzz::accepts([&] {
    seqlstm::io::FastaReader reader(path);
    for (seqlstm::Record record; reader.next(record); ++count)
      fuzz::require(count < records.size() && record.id == records[count].id &&
                        record.sequence == records[count].sequence,
                    "records one by one are those read at once");
  });
  fuzz::require(one_by_one, "what is read at once is read one by one");
  fuzz::require(count == records.size(), "as many records one by one as at once");
  const auto lines = fuzz::split_lines(bytes);
  if (fuzz::is_plain(bytes)) {
    std::size_t headers = 0;
    for (const auto& line : lines) {
      const std::size_t first = line.find_first_not_of(" \t\v\f");
      headers += first != std::string::npos && line[first] == '>' ? 1 : 0;
    }
    fuzz::require(headers == records.size(), "as many records as lines that begin with '>'");
  }
  for (const auto& record : records) {
    if (fuzz::is_plain(bytes)) fuzz::check_positions(record, lines);
    fuzz::check_residues(record);
  }
  const std::string copy = fuzz::scratch_file("copy.fa");
  if (!fuzz::accepts([&] { seqlstm::io::write_fasta(copy, records, width); })) return;
  std::vector<seqlstm::Record> again;
  fuzz::require(fuzz::accepts([&] { again = seqlstm::io::read_fasta(copy); }), "what was written is read");
  fuzz::require(again.size() == records.size(), "as many records are read as were written");
  for (std::size_t i = 0; i < again.size(); ++i)
    fuzz::require(again[i].id == records[i].id && again[i].description == records[i].description &&
                      again[i].sequence == records[i].sequence,
                  "a record is read as it was written, " + std::to_string(width) +
                      " letters a line: " + fuzz::shown(records[i].sequence));
}
