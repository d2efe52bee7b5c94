#include <seqlstm/data/alphabet.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("alphabets have the size in their name, and number their letters in order") {
  for (const Alphabet* alphabet : {&dna4, &dna5, &dna15, &aa20, &aa21, &aa27}) {
    INFO(alphabet->name());
    const std::string name(alphabet->name());
    CHECK(std::to_string(alphabet->size()) == name.substr(name.find_first_of("0123456789")));
    Token next = alphabet->first_id();
    for (const char letter : alphabet->letters()) {
      CHECK(alphabet->id(letter) == next);
      CHECK(alphabet->letter(next) == letter);
      ++next;
    }
    CHECK(&alphabet_by_name(name) == alphabet);
  }
}

TEST_CASE("an alphabet is a constant of the compiler") {
  static_assert(dna4.id('G') == 2);
  static_assert(aa27.id('A') == 1 && aa27.id('Z') == 26 && aa27.letter(0) == '-');
  static_assert(dna5.any() == 'N' && dna4.any() == '\0');
  CHECK(dna4.size() == 4);
}

TEST_CASE("lower case counts as upper case and U as T in DNA, not in proteins") {
  CHECK(dna4.encode("TTGACAu") == std::vector<Token>{3, 3, 2, 0, 1, 0, 3});
  CHECK(dna4.encode("ttgaca") == dna4.encode("TTGACA"));
  CHECK(aa20.id('U') == Alphabet::none);
  CHECK(aa27.encode("AUz") == std::vector<Token>{1, 21, 26});
  CHECK(dna4.encode("").empty());
}

TEST_CASE("an alphabet knows the letters that stand for themselves or for some, not the one for any") {
  for (const char base : std::string("ACGTUacgtu"))
    CHECK((dna4.knows(base) && dna5.knows(base) && dna15.knows(base)));
  for (const auto* alphabet : {&dna4, &dna5, &dna15, &aa20})
    for (const char none : std::string(alphabet->options().nucleotides ? "NnJ-" : "XxJ-"))
      CHECK_FALSE(alphabet->knows(none));
  CHECK((dna15.knows('R') && !dna5.knows('R')));
  CHECK((aa21.knows('Y') && !aa21.knows('X') && aa21.id('X') == 20));
  CHECK((aa27.knows('B') && !aa27.knows('X')));
}

TEST_CASE("decode reads back what encode wrote") {
  CHECK(dna15.decode(dna15.encode("ACGTRYSWKMBDHVN")) == "ACGTRYSWKMBDHVN");
  CHECK(aa27.decode(std::vector<Token>{0, 1, 26, 27, -5}) == "-AZ--");
}

TEST_CASE("a letter outside the alphabet is an error that says what to do") {
  CHECK(message_of<token_error>([] { return dna4.encode("ACGTJ"); }) ==
        "letter 'J' at position 5 of the sequence is not in alphabet dna4 (ACGT); pass unknown::skip, "
        "unknown::random or unknown::error");
  CHECK(message_of<token_error>([] { return dna5.encode("-"); }) ==
        "letter '-' at position 1 of the sequence is not in alphabet dna5 (ACGTN); pass unknown::map, "
        "unknown::skip, unknown::random or unknown::error");
  CHECK_THAT(message_of<token_error>([] { return dna4.encode("A\xC3"); }),
             ContainsSubstring("letter 0xC3 at"));
}

TEST_CASE("an alphabet of one's own may tell cases apart") {
  const Alphabet text("text", "aAbB \n", {.fold_case = false});
  CHECK(text.encode("Ab \na") == std::vector<Token>{1, 2, 4, 5, 0});
  CHECK(text.id('c') == Alphabet::none);
  CHECK(Alphabet("other", "ab").encode("AB") == std::vector<Token>{0, 1});
}

TEST_CASE("an impossible alphabet is refused") {
  CHECK(message_of<option_error>([] { return Alphabet("x", "abA"); }) ==
        "alphabet 'x': letter 'A' stands twice in its letters; remove one");
  CHECK(message_of<option_error>([] { return Alphabet("x", "ab", {.any = 'N'}); }) ==
        "alphabet 'x': the letter for any other, 'N', is not one of its letters");
  CHECK_THROWS_AS(Alphabet("x", ""), option_error);
  CHECK_THROWS_AS(Alphabet("a name of many letters", "ab"), option_error);
  CHECK(message_of<option_error>([] { return alphabet_by_name("dna"); }) ==
        "alphabet 'dna' is not known; expected dna4, dna5, dna15, aa20, aa21 or aa27");
}

TEST_CASE("the reverse complement pairs IUPAC letters and keeps case") {
  CHECK(reverse_complement("AACGTTn") == "nAACGTT");
  CHECK(reverse_complement("RYSWKMBDHVN-") == "-NBDHVKMWSRY");
  CHECK(reverse_complement("Uu") == "aA");
  const std::string all(dna15.letters());
  CHECK(reverse_complement(reverse_complement(all)) == all);
}

TEST_CASE("an alphabet of RNA has U on the other strand, and reads T as U") {
  static_assert(Alphabet("rna4", "ACGU", {.nucleotides = true}).complement('A') == 'U');
  const Alphabet rna("rna4", "ACGU", {.nucleotides = true}),
      small("rna", "acgu", {.nucleotides = true, .fold_case = false});
  CHECK(rna.encode("ACGTu") == std::vector<Token>{0, 1, 2, 3, 3});
  CHECK(rna.complement('a') == 'u');
  CHECK(rna.complement('U') == 'A');
  CHECK(small.complement('a') == 'u');
  CHECK(small.encode("t") == std::vector<Token>{3});
  CHECK(reverse_complement("AACGUn", rna) == "nACGUU");
  CHECK(reverse_complement(reverse_complement("AACGGU", rna), rna) == "AACGGU");
  CHECK(reverse_complement("AACGUn", dna5) == "nACGTT");
  CHECK((dna4.complement('A') == 'T' && dna4.complement('u') == 'a' && aa20.complement('A') == 'T'));
  CHECK(message_of<option_error>([] { return reverse_complement("A", aa20); }) ==
        "reverse_complement: alphabet aa20 has no complement; use a DNA alphabet");
}

TEST_CASE("nucleotides of which one lacks its partner are refused") {
  const auto refused = [](std::string_view letters, AlphabetOptions options = {.nucleotides = true}) {
    return message_of<option_error>([&] { return Alphabet("own", letters, options); });
  };
  CHECK(refused("ACG") ==
        "alphabet 'own': letter 'A' lacks its partner on the other strand, 'T'; add it, or leave nucleotides "
        "out of the options");
  CHECK_THAT(refused("ACGTR"), ContainsSubstring("letter 'R' lacks its partner on the other strand, 'Y'"));
  CHECK_THAT(refused("acgT", {.nucleotides = true, .fold_case = false}),
             ContainsSubstring("letter 'a' lacks"));
  CHECK_THAT(refused("ACGTU"), ContainsSubstring("both 'T' and 'U' pair with A"));
  CHECK(Alphabet("own", "ACG").size() == 3);
  CHECK(Alphabet("own", "CGSW-", {.nucleotides = true}).complement('S') == 'S');
}
