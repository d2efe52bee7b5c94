// Tab-separated tables, where a quote is a character: a line is a row.
#include "tables.hpp"

FUZZ_TARGET(tsv) {
  const auto table = seqlstm::io::read_csv(fuzz::memory_file(bytes), '\t');
  if (fuzz::is_plain(bytes)) {
    std::size_t rows = 0;
    for (const auto& line : fuzz::split_lines(bytes))
      rows += line.find_first_not_of(' ') == std::string::npos ? 0 : 1;
    fuzz::require(table.size() + 1 == rows, std::to_string(table.size()) + " rows and a header of " +
                                                std::to_string(rows) + " lines: " + fuzz::shown(bytes));
  }
  fuzz::check_table(table, '\t');
}
