// Learn to tell two kinds of sequences apart, say how well it went, save the network, and use it again.
#include <seqlstm/seqlstm.hpp>

#include <filesystem>
#include <iomanip>
#include <iostream>

using namespace seqlstm;

/// Random letters; of class 1 with TATAAT somewhere. From files: io::read_fasta("promoters.fa").
LabelledRecords sequences(std::size_t count) {
  RandomStream random(7);
  std::vector<Record> plain, with_box;
  for (std::size_t i = 0; i < count; ++i) {
    Record record;
    record.id = "sequence" + std::to_string(i);
    for (std::size_t k = 30 + random.below(20); k > 0; --k) record.sequence += "ACGT"[random.below(4)];
    if (i % 2 == 1) record.sequence.replace(random.below(24), 6, "TATAAT");
    (i % 2 == 1 ? with_box : plain).push_back(record);
  }
  return label(plain, 0) + label(with_box, 1);
}

int main() {
  const auto parts = split(encode(sequences(1200), dna4), {0.7, 0.15, 0.15}, {.seed = 1, .stratified = true});
  const auto& [train, valid, test] = parts;

  auto model = sequential(embedding(8), lstm({.hidden = 24, .bidirectional = true}), max(), dense(1));
  fit(model, train, valid, {.schedule = one_cycle(0.01), .epochs = 12, .batch_size = 32, .seed = 1});
  std::cout << std::fixed << std::setprecision(2) << "accuracy " << evaluate(model, test)["accuracy"] << '\n';

  const std::string file = (std::filesystem::temp_directory_path() / "01_classify.model").string();
  io::save(file, model, {.tokenizer = dna4, .labels = {"plain", "with box"}});

  auto again = sequential(embedding(8), lstm({.hidden = 24, .bidirectional = true}), max(), dense(1));
  const auto saved = io::load(file, again);
  std::filesystem::remove(file);
  for (const char* letters : {"GCGCCGTATAATGCCGGCAGCGCATT", "GCGCCGTATTTTGCCGGCAGCGCATT"})
    std::cout << letters << ' ' << predict(again, saved.tokenizer.encode(letters)) << '\n';
}

// Output:
// accuracy 0.99
// GCGCCGTATAATGCCGGCAGCGCATT 0.99
// GCGCCGTATTTTGCCGGCAGCGCATT 0.01
