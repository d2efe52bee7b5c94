// Comma-separated tables.
#include "tables.hpp"

FUZZ_TARGET(csv) {
  const auto table = seqlstm::io::read_csv(fuzz::memory_file(bytes), ',');
  fuzz::check_table(table, ',');
}
