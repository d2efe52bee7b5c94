// Series of the UEA and UCR archives.
#include <cmath>
#include <seqlstm/io/ts_file.hpp>

#include "harness.hpp"

FUZZ_TARGET(ts_file) {
  const auto file = seqlstm::io::read_ts_file(fuzz::memory_file(bytes));
  fuzz::require(!file.series.empty() && file.channels > 0, "a file without records is refused");
  fuzz::require(file.classes.empty() || !file.has_targets, "classes or targets, not both");
  std::size_t missing = 0, line = 0;
  for (const auto& series : file.series) {
    fuzz::require(series.line > line, "records are in the order of the file");
    line = series.line;
    fuzz::require(series.length > 0 && series.rows.size() == series.length * file.channels,
                  "a number for every step and channel");
    for (const float x : series.rows) {
      fuzz::require(!std::isinf(x), "numbers are finite or missing");
      missing += std::isnan(x) ? 1 : 0;
    }
    fuzz::require(std::isfinite(series.target), "a target is a number");
  }
  fuzz::require(missing == file.missing, "missing values are counted");
  if (!file.classes.empty())
    fuzz::require(fuzz::accepts([&] { seqlstm::io::class_labels(file, file.classes); }),
                  "every record is of a declared class");
}
