#include <seqlstm/data/kmer_phases.hpp>

#include <set>

#include "support/catch.hpp"
#include "support/tokens.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

std::vector<Token> sequence_at(const SequenceBatch& batch, std::size_t index) {
  const std::size_t r = batch.layout.rank(index);
  std::vector<Token> tokens;
  for (std::size_t t = 0; t < batch.layout.length(r); ++t)
    tokens.push_back(batch.ids[batch.layout.offset(t) + r]);
  return tokens;
}

const Tokenizer every_other(dna4, {.k = 3, .stride = 2});

}  // namespace

TEST_CASE("phases: as many as the stride, one where letters are skipped") {
  CHECK(KmerPhases().count() == 1);
  CHECK(KmerPhases(every_other).count() == 2);
  CHECK(KmerPhases(Tokenizer(dna4, {.k = 2, .stride = 3})).count() == 1);
}

TEST_CASE("phases: every sequence of a batch from a later letter on") {
  const auto batch = token_batch(
      {every_other.encode("ACGTACG"), {}, every_other.encode("TTGACATTT"), every_other.encode("GGG")},
      {5, 6, 7, 8});
  KmerPhases phases(every_other);
  SequenceBatch read;
  phases.read(batch, 1, read);
  CHECK(read.records == batch.records);
  CHECK(sequence_at(read, 0) == every_other.encode("CGTAC"));
  CHECK(sequence_at(read, 1).empty());
  CHECK(sequence_at(read, 2) == every_other.encode("TGACATT"));
  CHECK(sequence_at(read, 3) == every_other.encode("GGG"));
  phases.read(batch, 0, read);
  for (std::size_t i = 0; i < 4; ++i) CHECK(sequence_at(read, i) == sequence_at(batch, i));
}

TEST_CASE("phases: a drawn phase follows the key and the record, not the batch") {
  const auto sequence = every_other.encode("TTGACATTT"), later = every_other.encode("TGACATT");
  KmerPhases phases(every_other);
  std::set<std::vector<Token>> seen;
  std::size_t shifted = 0;
  for (std::uint64_t record = 0; record < 200; ++record) {
    SequenceBatch alone, among;
    phases.draw(token_batch({sequence}, {record}), {3, 1, 2}, alone);
    phases.draw(token_batch({every_other.encode("ACGTACGTACGT"), sequence}, {900, record}), {3, 1, 2}, among);
    CHECK(sequence_at(alone, 0) == sequence_at(among, 1));
    seen.insert(sequence_at(alone, 0));
    shifted += sequence_at(alone, 0) == later ? 1 : 0;
  }
  CHECK(seen == std::set<std::vector<Token>>{sequence, later});
  CHECK(shifted > 70);
  CHECK(shifted < 130);
}
