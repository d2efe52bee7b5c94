// Intervals: read, written and read again; and as labels of bases and back.
#include <seqlstm/io/bed.hpp>

#include "harness.hpp"

FUZZ_TARGET(bed) {
  using namespace seqlstm;
  const auto intervals = io::read_bed(fuzz::memory_file(bytes));
  const std::string copy = fuzz::scratch_file("copy.bed");
  const bool written = fuzz::accepts([&] { io::write_bed(copy, intervals); });
  if (written) {
    std::vector<BedInterval> again;
    fuzz::require(fuzz::accepts([&] { again = io::read_bed(copy); }), "what was written is read");
    fuzz::require(again.size() == intervals.size(), "as many intervals as were written");
    for (std::size_t i = 0; i < again.size(); ++i) {
      const auto &a = again[i], &b = intervals[i];
      fuzz::require(a.text() == b.text() && a.name == b.name && a.score == b.score && a.strand == b.strand,
                    "an interval is read as it was written: " + fuzz::shown(b.text()));
    }
  }
  std::vector<Record> records;
  for (const char* id : {"chr1", "a"}) records.push_back({.id = id, .sequence = std::string(100, 'A')});
  fuzz::accepts([&] {
    const auto labels = label_intervals(records, intervals, {.skip_others = true});
    const auto runs = intervals_of(records, labels);
    const std::vector<std::string> classes(labels.classes.begin() + 1, labels.classes.end());
    const auto again = label_intervals(records, runs, {.classes = classes});
    fuzz::require(again.labels == labels.labels, "runs of labels are intervals of the same labels");
  });
}
