// Which k-mers a generated sequence is made of.
#include "../../examples/programs/support/overlap.hpp"

#include "support/catch.hpp"

using namespace seqlstm;
using examples::may_follow;

TEST_CASE("overlap: neighbouring k-mers agree on the letters they share") {
  const Tokenizer tokenizer(dna4, {.k = 5, .stride = 2});
  const auto id = [&](const char* letters) { return tokenizer.encode(letters).at(0); };
  CHECK(may_follow(tokenizer, id("ACGTA"), id("GTACC")));
  CHECK_FALSE(may_follow(tokenizer, id("ACGTA"), id("GTCCC")));
  CHECK_FALSE(may_follow(tokenizer, id("GTACC"), id("ACGTA")));
}

TEST_CASE("overlap: tokens that share nothing may follow, but not padding, nor what stands for any letter") {
  const Tokenizer residues(aa27), bases(dna5);
  CHECK(may_follow(residues, residues.encode("M")[0], residues.encode("K")[0]));
  CHECK_FALSE(may_follow(residues, residues.encode("M")[0], 0));  // padding
  CHECK(may_follow(bases, 0, 3));
  CHECK_FALSE(may_follow(bases, 0, 4));  // N
}
