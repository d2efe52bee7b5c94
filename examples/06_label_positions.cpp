// Label every letter: which residues of a protein lie in the membrane. The data is simulated: loops of any
// residues, and between them segments of 18 to 24 that avoid water.
#include <seqlstm/seqlstm.hpp>

#include <iomanip>
#include <iostream>

using namespace seqlstm;

namespace {

std::string residues(RandomStream& random, const std::string& letters, std::size_t count) {
  std::string chain;
  for (; count > 0; --count) chain += letters[random.below(letters.size())];
  return chain;
}

/// A sequence and, in its annotation, a letter for each residue: M in the membrane, o outside.
Record protein(RandomStream& random) {
  Record record;
  for (std::size_t segments = 1 + random.below(4); segments > 0; --segments) {
    const std::size_t loop = 8 + random.below(25), segment = 18 + random.below(7);
    record.sequence +=
        residues(random, "ACDEFGHIKLMNPQRSTVWY", loop) + residues(random, "AFGILVVLW", segment);
    record.annotation += std::string(loop, 'o') + std::string(segment, 'M');
  }
  return record;
}

}  // namespace

int main() {
  RandomStream random(3);
  std::vector<Record> records;
  for (int i = 0; i < 500; ++i) records.push_back(protein(random));
  const LabelAlphabet labels{"oM"};  // from a file: io::read_position_labels
  const auto parts = split(encode(label_positions(records, labels), aa20), {0.7, 0.15, 0.15}, {.seed = 1});
  const auto& [train, valid, test] = parts;

  // No pooling: the network answers at every position, so the labels of positions are what it learns.
  auto model = sequential(embedding(12), lstm({.hidden = 24, .bidirectional = true}), dense(1));
  fit(model, train, valid, {.schedule = one_cycle(0.01), .epochs = 10, .batch_size = 16, .seed = 1});

  const Report report = evaluate(model, test);
  std::cout << std::fixed << std::setprecision(2) << "accuracy " << report["accuracy"] << ", segment overlap "
            << report["sov"] << '\n';

  const std::string sequence = "MKRSDENTKQPRHGLLVAVIFLGWAVLLIVGALVFDSNRKEQHYPTK";
  std::vector<std::int32_t> found;
  for (const double probability : predict(model, aa20.encode(sequence)).values)
    found.push_back(probability >= 0.5 ? 1 : 0);
  const std::string text = labels.text(found);
  std::size_t in_membrane = 0;
  for (const Segment& segment : segments(found)) in_membrane += segment.label;
  std::cout << in_membrane << " segment in the membrane; residues 5, 25 and 45 are " << text[4] << ", "
            << text[24] << " and " << text[44] << '\n';
}

// Output:
// accuracy 0.98, segment overlap 1.00
// 1 segment in the membrane; residues 5, 25 and 45 are o, M and o
