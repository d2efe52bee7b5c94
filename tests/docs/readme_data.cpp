// Writes the two files that README's program reads: simulated promoters and other sequences.

#include <seqlstm/data/simulated.hpp>
#include <seqlstm/io/fasta.hpp>

int main() {
  const auto data = seqlstm::simulated_promoters(5000, 1);
  std::vector<seqlstm::Record> promoters, others;
  for (std::size_t i = 0; i < data.records.size(); ++i)
    (data.labels[i] > 0 ? promoters : others).push_back(data.records[i]);
  seqlstm::io::write_fasta("promoter.fa", promoters);
  seqlstm::io::write_fasta("other.fa", others);
}
