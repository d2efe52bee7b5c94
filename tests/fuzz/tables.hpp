// What holds for every table, whatever its delimiter.
#pragma once

#include <seqlstm/io/csv.hpp>

#include "text_files.hpp"

namespace fuzz {

inline void check_table(const seqlstm::io::CsvTable& table, char delimiter) {
  std::size_t line = 0;
  require(!table.columns.empty(), "a table has columns");
  for (std::size_t i = 0; i < table.size(); ++i) {
    require(table.rows[i].size() == table.columns.size(), "a cell for every column");
    require(table.line(i) > line, "rows stand one below the other");
    line = table.line(i);
  }
  const std::string copy = scratch_file("copy.table");
  if (accepts([&] { write_csv(copy, table, delimiter); })) {
    seqlstm::io::CsvTable again;
    require(accepts([&] { again = seqlstm::io::read_csv(copy, delimiter); }), "what was written is read");
    require(again.columns == table.columns, "column names are read as they were written");
    require(again.rows == table.rows, "cells are read as they were written");
  }
  for (const std::string& column : table.columns) {
    const auto cells = table.values(column);
    accepts([&] {
      const auto numbers = table.numbers(column);
      for (std::size_t i = 0; i < cells.size(); ++i)
        require(numbers[i] == *seqlstm::parse_number(cells[i]), "a number is what parse_number reads");
    });
    accepts([&] {
      const auto records = table.records(column);
      require(records.size() == table.size(), "a record for every row");
      for (const auto& record : records) check_residues(record);
    });
    if (table.size() > 0)
      require(table.where(column, cells[0]).size() >= 1, "a row is found by its own cell");
  }
}

}  // namespace fuzz
