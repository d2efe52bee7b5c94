// Labels by position: a table or three-line FASTA; after a line "%" the labels of the FASTA file before it.
#include <seqlstm/io/position_labels.hpp>

#include "harness.hpp"

FUZZ_TARGET(position_labels) {
  using namespace seqlstm;
  const std::size_t cut = bytes.find("\n%\n");
  std::vector<Record> records;
  if (cut == std::string_view::npos) {
    const std::string path = fuzz::memory_file(bytes);
    if (!fuzz::accepts([&] { records = io::read_position_labels(path, {.mask = "mask"}); }))
      records = io::read_position_labels(path);
  } else {
    const std::string labels = fuzz::memory_file<1>(bytes.substr(cut + 3));
    records = io::read_labelled_fasta(fuzz::memory_file(bytes.substr(0, cut)), labels);
  }
  for (const auto& record : records)
    fuzz::require(fuzz::accepts([&] { check_position_labels(record); }), "what was read is checked");
}
