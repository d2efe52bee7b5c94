#include <seqlstm/data/unknown_letters.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

UnknownLetters counted(const Tokenizer& tokenizer, const std::string& sequence) {
  UnknownLetters unknown(tokenizer);
  const std::vector<Record> records = {{.sequence = sequence}, {.sequence = ""}};
  unknown.count(records);
  return unknown;
}

}  // namespace

TEST_CASE("unknown letters: counted, and what became of them") {
  const Tokenizer mapped(dna5, {.unknown = unknown::map}), skipped(dna4, {.unknown = unknown::skip});
  CHECK(counted(mapped, "ACGTacgt").note() == "");
  CHECK(counted(mapped, "ACGTNRacg").note() == "2 letters other than ACGT are read as N");
  CHECK(counted(skipped, "ACGTN").note() == "1 letters other than ACGT are left out");
  const Tokenizer drawn(dna4, {.unknown = unknown::random}), strict(dna5);
  CHECK(counted(drawn, "ACGTN").note() == "1 letters other than ACGT are read as letters drawn at random");
  CHECK(counted(strict, "ACGTN").note() == "1 letters other than ACGT are read as N");
}

TEST_CASE("unknown letters: sequences of another kind are refused where their letters would be left out") {
  const Tokenizer mapped(dna5, {.unknown = unknown::map}), skipped(dna4, {.unknown = unknown::skip});
  CHECK_NOTHROW(counted(skipped, "ACNN").check());
  CHECK_THROWS_WITH(counted(skipped, "ANNN").check(),
                    "75 % of the letters are none of ACGT, which the model reads; give it sequences of the "
                    "kind it was trained on");
  CHECK_NOTHROW(counted(mapped, "NNNN").check());
}
