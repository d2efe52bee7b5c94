#include <seqlstm/data/base_labels.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<Token> tokens(const std::vector<double>& labels) {
  return {labels.begin(), labels.end()};
}

}  // namespace

TEST_CASE("base labels: a base begins in the frame of its first sample and goes on") {
  NanoporeRead read;
  read.signal.resize(20);
  read.bases = {0, 3, 3, 1};
  read.starts = {0, 7, 12, 19};
  const auto labels = frame_labels(read, 4);
  CHECK(labels == std::vector<double>{0, 3, 7, 3, 1});
  CHECK(bases_of_labels(tokens(labels), BaseCode::crf) == read.bases);
  CHECK(frame_labels(read, 3) == std::vector<double>{0, 4, 3, 7, 3, 7});  // the last base has no frame
}

TEST_CASE("base labels: bases of one frame begin in the frames after it") {
  NanoporeRead read;
  read.signal.resize(24);
  read.bases = {2, 1, 1, 0, 3};
  read.starts = {0, 4, 5, 6, 20};
  const auto labels = frame_labels(read, 4);
  CHECK(labels == std::vector<double>{2, 1, 1, 0, 4, 3});
  CHECK(bases_of_labels(tokens(labels), BaseCode::crf) == read.bases);
}

TEST_CASE("base labels: a read with fewer frames than CTC takes is refused") {
  NanoporeRead read;
  read.signal = {1, 2, 3, 4, 5, 6, 7};
  read.bases = {2, 1, 1};
  read.starts = {0, 2, 4};
  SequenceDataset data;
  CHECK(message_of<option_error>([&] { add_read(data, "a", read, 2, BaseCode::ctc); }) ==
        "a has 3 frames of 2 samples, but CTC needs 4: one for each of its 3 bases and one between equal "
        "ones; choose a smaller stride or a longer dwell");
  CHECK(data.size() == 0);
  read.bases = {2, 1, 2};
  add_read(data, "a", read, 2, BaseCode::ctc);
  CHECK(data.size() == 1);
}

TEST_CASE("base labels: labels of CTC are bases from 1 on, letters are A, C, G, T") {
  const std::vector<Token> labels = {1, 4, 4, 2};
  CHECK(base_letters(bases_of_labels(labels, BaseCode::ctc)) == "ATTC");
  CHECK(base_classes(BaseCode::ctc) == 5);
  CHECK(base_classes(BaseCode::crf) == 8);
}

TEST_CASE("base labels: a data set of simulated reads, with the same bits for any number of threads") {
  RandomStream random(5);
  std::string dna(3000, 'A');
  for (char& letter : dna) letter = "ACGT"[random.below(4)];
  const NanoporeSimulator simulator(simulated_pore_model(3, 1), {}, std::span(&dna, 1), 202);
  const auto ctc = simulated_reads(simulator, 300, {1, 2, 0}, 5, BaseCode::ctc);
  CHECK(ctc.size() == 300);
  CHECK(ctc.channel_count == 5);
  CHECK(ctc.length(7) == 40);
  const auto read = simulator.read({1, 2, 0}, 7);
  const auto labels = ctc.labels_of(7).sequence;
  CHECK(bases_of_labels(labels, BaseCode::ctc) == read.bases);
  const auto crf = simulated_reads(simulator, 300, {1, 2, 0}, 5, BaseCode::crf);
  CHECK(crf.channels == ctc.channels);
  CHECK(crf.position_labels.size() == 300 * 40);
  testing::check_threads([&] {
    return simulated_reads(simulator, 300, {1, 2, 0}, 5, BaseCode::ctc).channels;
  });
}
