#include <seqlstm/data/tokenizer.hpp>

#include <set>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("an alphabet is the tokenizer of its letters") {
  const Tokenizer letters = dna4;
  CHECK(letters.vocabulary() == 4);
  CHECK(letters.encode("ACGT") == dna4.encode("ACGT"));
  CHECK(Tokenizer(aa27).vocabulary() == 27);
  CHECK(Tokenizer(aa27).encode("AZ") == std::vector<Token>{1, 26});
}

TEST_CASE("k-mers are numbers in base letters, every stride letters") {
  const Tokenizer kmers(dna4, {.k = 3, .stride = 2});
  CHECK(kmers.vocabulary() == 64);
  // ACG TTA -> ACG = 0*16 + 1*4 + 2, GTT = 2*16 + 3*4 + 3; the last A begins no 3-mer
  CHECK(kmers.encode("ACGTTA") == std::vector<Token>{6, 47});
  CHECK(kmers.encode("AC").empty());
  CHECK(kmers.encode("").empty());
  CHECK(kmers.text(47) == "GTT");
  CHECK(kmers.decode(kmers.encode("ACGTTAC")) == "ACGTTAC");
  CHECK(kmers.decode(kmers.encode("ACGTTA")) == "ACGTT");
}

TEST_CASE("padding is id 0 and moves the others up") {
  const Tokenizer kmers(dna4, {.k = 5, .stride = 2, .padding = true});
  CHECK(kmers.vocabulary() == 1025);  // the promoter model's
  CHECK(kmers.encode("AAAAA") == std::vector<Token>{1});
  CHECK(kmers.encode("TTTTT") == std::vector<Token>{1024});
  CHECK(kmers.text(0) == "-----");
  CHECK(kmers.text(1025) == "-----");
  CHECK(kmers.text(1024) == "TTTTT");
  const Tokenizer pairs(aa27, {.k = 2});
  CHECK(pairs.vocabulary() == 26 * 26 + 1);
  CHECK(pairs.encode("AA") == std::vector<Token>{1});
}

TEST_CASE("an unknown letter is an error at its line and column, wherever it stands") {
  const Record record{
      .id = "p", .sequence = "ACGTACGTJ", .file = "promoter.fa", .line = 17, .line_starts = {0}};
  std::vector<Token> tokens;
  const std::string expected =
      "promoter.fa:17: letter 'J' at column 9 is not in alphabet dna4 (ACGT); pass unknown::skip, "
      "unknown::random "
      "or unknown::error";
  CHECK(message_of<token_error>([&] { Tokenizer(dna4).encode(record, tokens); }) == expected);
  // no k-mer covers the letter, and yet it is looked at
  CHECK(message_of<token_error>([&] { Tokenizer(dna4, {.k = 2, .stride = 4}).encode(record, tokens); }) ==
        expected);
  CHECK(message_of<token_error>([&] { Tokenizer(dna4, {.k = 12}).encode(record, tokens); }) == expected);
}

TEST_CASE("unknown::skip leaves out the letter, or the k-mers that hold it") {
  CHECK(Tokenizer(dna4, {.unknown = unknown::skip}).encode("ANC") == std::vector<Token>{0, 1});
  CHECK(Tokenizer(dna4, {.k = 2, .unknown = unknown::skip}).encode("ACNGT") == std::vector<Token>{1, 11});
}

TEST_CASE("unknown::map reads the letter as any") {
  CHECK(Tokenizer(dna5, {.unknown = unknown::map}).encode("AR") == std::vector<Token>{0, 4});
  CHECK(message_of<option_error>([] { return Tokenizer(dna4, {.unknown = unknown::map}); }) ==
        "tokenizer: alphabet dna4 has no letter that stands for any other; use unknown::skip or "
        "unknown::random");
}

TEST_CASE("unknown::random draws every letter, the same ones for the same sequence and seed") {
  const Tokenizer first(dna4, {.unknown = unknown::random, .seed = 1});
  const std::string unknowns(400, 'N');
  const auto tokens = first.encode(unknowns);
  CHECK(std::set<Token>(tokens.begin(), tokens.end()) == std::set<Token>{0, 1, 2, 3});
  CHECK(first.encode(unknowns) == tokens);
  CHECK(first.encode("A" + unknowns) != tokens);
  CHECK(Tokenizer(dna4, {.unknown = unknown::random, .seed = 2}).encode(unknowns) != tokens);
  CHECK(first.encode("ACGT") == dna4.encode("ACGT"));
  const auto residues = Tokenizer(aa27, {.unknown = unknown::random}).encode(std::string(2000, '*'));
  CHECK(*std::min_element(residues.begin(), residues.end()) == 1);  // never padding
  CHECK(*std::max_element(residues.begin(), residues.end()) == 26);
}

TEST_CASE("the reverse complement of tokens is the tokens of the reverse complement") {
  const std::string sequence = "ACGTTAGGCAT";  // 11 letters: (11 - k) is a multiple of the strides
  for (const auto& options : {TokenizerOptions{}, TokenizerOptions{.k = 3, .stride = 2},
                              TokenizerOptions{.k = 5, .stride = 3, .padding = true}}) {
    const Tokenizer tokenizer(dna4, options);
    CHECK(tokenizer.reverse_complement(tokenizer.encode(sequence)) ==
          tokenizer.encode(reverse_complement(sequence)));
  }
  CHECK(Tokenizer(dna4, {.padding = true}).reverse_complement(std::vector<Token>{0, 1}) ==
        std::vector<Token>{4, 0});
  const Tokenizer rna(Alphabet("rna4", "ACGU", {.nucleotides = true}), {.k = 3, .stride = 2});
  CHECK(rna.reverse_complement(rna.encode("AACGU")) == rna.encode("ACGUU"));
  CHECK(Tokenizer::from_config(rna.to_config()) == rna);
  CHECK(message_of<option_error>([] { return Tokenizer(aa20).reverse_complement({}); }) ==
        "reverse_complement: alphabet aa20 has no complement; use a DNA alphabet");
}

TEST_CASE("shifted tokens are the tokens from a later letter on") {
  const std::string sequence = "ACGTTAGGCATCC";
  for (const auto& options :
       {TokenizerOptions{.k = 3, .stride = 2}, TokenizerOptions{.k = 3, .stride = 3},
        TokenizerOptions{.k = 5, .stride = 3, .padding = true}, TokenizerOptions{.k = 5, .stride = 2}}) {
    const Tokenizer tokenizer(dna4, options);
    const auto tokens = tokenizer.encode(sequence);
    for (std::size_t first = 0; first < options.stride; ++first) {
      auto expected = tokenizer.encode(std::string_view(sequence).substr(first));
      expected.resize(first == 0 ? tokens.size() : tokens.size() - 1);  // as far as the tokens tell
      std::vector<Token> shifted = {7};
      tokenizer.shift(tokens, first, shifted);
      expected.insert(expected.begin(), 7);
      CHECK(shifted == expected);
    }
    std::vector<Token> only;
    tokenizer.shift(std::span(tokens).first(1), options.stride - 1, only);
    CHECK(only == std::vector<Token>{tokens[0]});
  }
  std::vector<Token> none;
  CHECK(message_of<option_error>([&] { Tokenizer(dna4, {.k = 2, .stride = 3}).shift({}, 1, none); }) ==
        "shift: letter 1 of 2-mers every 3 letters; expected one before the second token, and no letters "
        "between tokens");
  CHECK_THROWS_AS(Tokenizer(dna4).shift({}, 1, none), option_error);
}

TEST_CASE("shifted tokens keep those before a skipped letter") {
  const Tokenizer tokenizer(dna4, {.k = 5, .stride = 2, .unknown = unknown::skip});
  const auto tokens = tokenizer.encode("ACGTTAGNCATCCAG");  // ACGTT GTTAG CATCC TCCAG
  REQUIRE(tokens.size() == 4);
  std::vector<Token> shifted = {7};
  tokenizer.shift(tokens, 1, shifted);
  REQUIRE(shifted.size() == 4);
  CHECK(shifted[1] == tokenizer.encode("CGTTA")[0]);
  CHECK(shifted[2] == tokens[1]);
  CHECK(shifted[3] == tokenizer.encode("ATCCA")[0]);
}

TEST_CASE("a tokenizer survives its configuration") {
  const Tokenizer tokenizers[] = {
      dna4, aa27, Tokenizer(dna5, {.k = 5, .stride = 2, .unknown = unknown::map, .padding = true, .seed = 7}),
      Tokenizer(Alphabet("text", "aA\n\"", {.fold_case = false}), {.unknown = unknown::skip})};
  for (const Tokenizer& tokenizer : tokenizers) {
    const Tokenizer again = Tokenizer::from_config(tokenizer.to_config());
    CHECK(again == tokenizer);
    CHECK(again.vocabulary() == tokenizer.vocabulary());
  }
  CHECK_FALSE(tokenizers[0] == tokenizers[1]);
}

TEST_CASE("a damaged configuration is refused") {
  auto config = Tokenizer(dna4).to_config();
  config["k"] = "three";
  CHECK(message_of<format_error>([&] { return Tokenizer::from_config(config); }) ==
        "tokenizer: 'three' is no value for key 'k' of its configuration; save the model again");
  config["k"] = "1";
  config["unknown"] = "4";
  CHECK_THROWS_AS(Tokenizer::from_config(config), format_error);
  config.erase("unknown");
  CHECK(message_of<format_error>([&] { return Tokenizer::from_config(config); }) ==
        "tokenizer: key 'unknown' is missing in its configuration; save the model again");
}

TEST_CASE("impossible tokenizers are refused") {
  CHECK(message_of<option_error>([] { return Tokenizer(dna4, {.k = 0}); }) ==
        "tokenizer: k and stride must be at least 1, got k = 0 and stride = 1");
  CHECK_THROWS_AS(Tokenizer(dna4, {.stride = 0}), option_error);
  CHECK(Tokenizer(dna4, {.k = 12}).vocabulary() == 16777216);
  CHECK(message_of<option_error>([] { return Tokenizer(dna4, {.k = 13}); }) ==
        "tokenizer: 13-mers of dna4 are more than 16777216 tokens; use a smaller k");
}

TEST_CASE("a configuration that is no tokenizer's is refused at once, whatever its numbers") {
  const auto good = Tokenizer(Alphabet("one", "A"), {.k = 2, .stride = 2}).to_config();
  CHECK(Tokenizer::from_config(good).vocabulary() == 1);
  const std::vector<std::pair<std::string, std::string>> changes = {{"k", "1000000000000000000"},
                                                                    {"k", "0"},
                                                                    {"stride", "9223372036854775807"},
                                                                    {"stride", "0"},
                                                                    {"any", "AC"},
                                                                    {"any", "C"},
                                                                    {"letters", ""},
                                                                    {"letters", "AA"},
                                                                    {"unknown", "3"},
                                                                    {"unknown", "4"},
                                                                    {"alphabet", "a name of 17 chars"}};
  for (const auto& [key, value] : changes) {
    INFO(key << " " << value);
    auto config = good;
    config[key] = value;
    CHECK_THROWS_AS(Tokenizer::from_config(config), format_error);
  }
}

TEST_CASE("tokenizer: neighbouring k-mers agree on the letters they share") {
  const Tokenizer tokenizer(dna4, {.k = 5, .stride = 2});
  const auto id = [&](const char* letters) { return tokenizer.encode(letters).at(0); };
  CHECK(may_follow(tokenizer, id("ACGTA"), id("GTACC")));
  CHECK_FALSE(may_follow(tokenizer, id("ACGTA"), id("GTCCC")));
  CHECK_FALSE(may_follow(tokenizer, id("GTACC"), id("ACGTA")));
}

TEST_CASE(
    "tokenizer: tokens that share nothing may follow, but not padding, nor what stands for any letter") {
  const Tokenizer residues(aa27), bases(dna5);
  CHECK(may_follow(residues, residues.encode("M")[0], residues.encode("K")[0]));
  CHECK_FALSE(may_follow(residues, residues.encode("M")[0], 0));  // padding
  CHECK(may_follow(bases, 0, 3));
  CHECK_FALSE(may_follow(bases, 0, 4));  // N
}

TEST_CASE("tokenizer: letters that a token adds to those before it") {
  CHECK(Tokenizer(dna4, {.k = 5, .stride = 2}).new_letters() == 2);
  CHECK(Tokenizer(dna4, {.k = 2, .stride = 5}).new_letters() == 2);
  CHECK(Tokenizer(dna4).new_letters() == 1);
}
