#include <seqlstm/data/sequence_type.hpp>

#include <set>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("sequence type: as the letters say") {
  CHECK(inferred_sequence_type(std::vector<std::string>{"ACGT", "acgu"}) == SequenceType::dna);
  CHECK(inferred_sequence_type(std::vector<std::string>{"MKVL"}) == SequenceType::protein);
  CHECK(any_letter(SequenceType::dna) == 'N');
  CHECK(any_letter(SequenceType::protein) == 'X');
  CHECK(kmer_letters(SequenceType::dna) == 12);
  CHECK(kmer_letters(SequenceType::protein) == 6);
}

TEST_CASE("sequence type: canonical letters are upper case, without the stop at the end, T for U in DNA") {
  CHECK(canonical_letters("mkV*") == "MKV");
  CHECK(canonical_letters("M*K**") == "M*K*");
  CHECK(canonical_letters("") == "");
  CHECK(canonical_letters("acgu") == "ACGU");
  CHECK(canonical_letters("acgu", SequenceType::dna) == "ACGT");
  CHECK(canonical_letters("acgu", SequenceType::protein) == "ACGU");
}

TEST_CASE("sequence type: sets know sequences by their canonical letters") {
  const std::set<std::string, CanonicalLess> known = {"MKV*", "ACD"};
  CHECK(known.contains("mkv"));
  CHECK(known.contains("acd*"));
  CHECK_FALSE(known.contains("MK"));
  for (const auto* a : {"", "*", "A", "a*", "AB", "B"})
    for (const auto* b : {"", "*", "A", "a*", "AB", "B"})
      CHECK(CanonicalLess()(a, b) == (canonical_letters(a) < canonical_letters(b)));
}
