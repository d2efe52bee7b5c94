#include <seqlstm/core/random.hpp>
#include <seqlstm/io/genome_scan.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

/// A classifier of windows of 20 bases, of weights that were only drawn.
std::string saved_model(const support::TemporaryFolder& folder, std::size_t window = 20) {
  const auto path = folder.path("model");
  const AnyClassifierOptions shape = SequenceClassifierOptions{.embedding_dim = 3, .hidden = 4, .layers = 1};
  io::ClassifierNet net(shape);
  initialize(net, 3);
  io::save_classifier(path, net, {.label_names = {"no", "yes"}, .window = window},
                      std::vector<Token>{0, 1, 2});
  return path;
}
std::string letters(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::string made(count, 'A');
  for (char& letter : made) letter = "ACGT"[random.below(4)];
  return made;
}
std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("genome scan: every window of both strands has the probability the model gives it") {
  const support::TemporaryFolder folder;
  const io::SavedClassifier model(saved_model(folder));
  const auto first = letters(95, 1), second = letters(19, 2);
  const auto genome = folder.write(
      "g.fa", ">a one\n" + first.substr(0, 60) + "\nNN" + first.substr(60) + "\n>b\n" + second + "\n");
  const auto whole = first.substr(0, 60) + "NN" + first.substr(60);
  std::size_t seen = 0, bases = 0;
  io::GenomeScan scan(model, {.step = 5,
                              .threshold = 0,
                              .on_window =
                                  [&](std::size_t start, std::size_t strand, double probability) {
                                    auto window = whole.substr(start, 20);
                                    if (strand == 1) window = reverse_complement(window);
                                    const std::vector<Record> one = {{.sequence = window}};
                                    CHECK(probability == Approx(model.predict(one).values[0]).epsilon(1e-5));
                                    ++seen;
                                  },
                              .on_bases = [&](std::size_t count) { bases += count; }});
  const auto found = scan.run(genome, folder.path("out"));
  CHECK(found.window == 20);
  CHECK(found.anchor == 10);
  CHECK(found.bases == 97 + 19);
  CHECK(bases == found.bases);
  CHECK(seen == 2 * found.windows);
  CHECK(found.windows + found.skipped == (97 - 20) / 5 + 1);
  CHECK(found.unknown_letters == 2);
  CHECK(found.unknown_runs == 1);
  CHECK(found.short_records == 1);
  // A window's probability stands at its anchor, which is counted from the other end on the other strand.
  const auto plus = lines_of(folder.path("out.plus.bedGraph")),
             minus = lines_of(folder.path("out.minus.bedGraph"));
  REQUIRE(plus.size() == found.windows);
  REQUIRE(minus.size() == found.windows);
  const std::vector<Record> forward = {{.sequence = whole.substr(0, 20)}},
                            reverse = {{.sequence = reverse_complement(whole.substr(0, 20))}};
  const auto value = [](const std::string& line) { return std::stod(line.substr(line.rfind('\t') + 1)); };
  CHECK(plus[0].starts_with("a\t10\t15\t"));
  CHECK(value(plus[0]) == Approx(model.predict(forward).values[0]).epsilon(1e-3));
  CHECK(minus[0].starts_with("a\t9\t14\t"));
  CHECK(value(minus[0]) == Approx(model.predict(reverse).values[0]).epsilon(1e-3));
  const auto peaks = lines_of(folder.path("out.bed"));
  CHECK(peaks.size() == found.maxima);
  REQUIRE(!peaks.empty());
  CHECK(peaks[0].starts_with("a\t"));
}

TEST_CASE("genome scan: ranks share the windows, and each writes what one would") {
  const support::TemporaryFolder folder;
  const io::SavedClassifier model(saved_model(folder));
  const auto genome = folder.write("g.fa", ">a\n" + letters(4000, 1) + "\n>b\n" + letters(100, 2) + "\n");
  const io::GenomeScanOptions alone = {.step = 3, .threshold = 0};
  const auto found = io::GenomeScan(model, alone).run(genome, folder.path("alone"));
  CHECK(found.windows > 3 * 256);
  std::vector<std::size_t> maxima(3);
  run_as_ranks(3, [&](Communicator& communicator) {
    const io::SavedClassifier own(folder.path("model"));
    auto options = alone;
    options.communicator = communicator;
    const auto prefix = folder.path("rank" + std::to_string(communicator.rank()));
    maxima[communicator.rank()] = io::GenomeScan(own, options).run(genome, prefix).maxima;
  });
  CHECK(maxima == std::vector<std::size_t>(3, found.maxima));
  for (const char* end : {".plus.bedGraph", ".minus.bedGraph", ".bed"})
    for (const char* rank : {"rank0", "rank1", "rank2"})
      CHECK(lines_of(folder.path(std::string(rank) + end)) ==
            lines_of(folder.path(std::string("alone") + end)));
}

TEST_CASE("genome scan: what ends it leaves nothing") {
  const support::TemporaryFolder folder;
  const io::SavedClassifier model(saved_model(folder));
  const auto genome = folder.write("g.fa", ">a\n" + letters(100, 1) + "\n");
  io::GenomeScan stopped(model, {.on_bases = [](std::size_t) { throw std::runtime_error("stop"); }});
  CHECK_THROWS_WITH(stopped.run(genome, folder.path("out")), "stop");
  io::GenomeScan refused(model, {.before_commit = [] { throw option_error("no"); }});
  CHECK_THROWS_WITH(refused.run(genome, folder.path("out")), "no");
  const auto unknown = folder.write("n.fa", ">a\n" + std::string(50, 'N') + "\n");
  CHECK_THROWS_WITH(
      io::GenomeScan(model, {}).run(unknown, folder.path("out")),
      ContainsSubstring("no window of 20 known bases: the longest sequence has 50, 50 of all letters"));
  CHECK(folder.files() == 3);  // the model and two genomes
  CHECK(io::count_fasta_letters(genome) == 100);
}

TEST_CASE("genome scan: options out of range, and models that do not read windows") {
  const support::TemporaryFolder folder;
  const io::SavedClassifier model(saved_model(folder, 0));
  CHECK_THROWS_WITH(io::GenomeScan(model, {}),
                    ContainsSubstring("the training sequences had several lengths; give a window"));
  CHECK_THROWS_WITH(io::GenomeScan(model, {.window = 20, .step = 0}),
                    "scan: the step is 0, expected at least 1");
  CHECK_THROWS_AS(io::GenomeScan(model, {.window = 20, .threshold = 1.5}), option_error);
  CHECK_THROWS_WITH(io::GenomeScan(model, {.window = 20, .anchor = 20}),
                    "scan: the anchor 20 is not within a window of 20 bases");
}
