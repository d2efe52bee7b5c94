// What a language model of genomes reads: pieces of known letters, held-out ends, the tokens of an epoch.
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/contigs.hpp>
#include <set>

#include "support/catch.hpp"

using namespace seqlstm;
using Pieces = std::vector<std::string>;

namespace {

std::string random_letters(std::size_t length, std::uint64_t seed) {
  RandomStream random(seed);
  std::string letters(length, 'A');
  for (char& letter : letters) letter = "ACGT"[random.below(4)];
  return letters;
}

/// The rows of tokens that padding ends, in the order of the epoch, wherever it was turned.
std::vector<std::vector<Token>> rows_of(std::vector<Token> tokens) {
  std::rotate(tokens.begin(), std::find(tokens.begin(), tokens.end(), 0) + 1, tokens.end());
  std::vector<std::vector<Token>> rows(1);
  for (const Token token : tokens) {
    if (token == 0) {
      rows.emplace_back();
    } else {
      rows.back().push_back(token);
    }
  }
  rows.pop_back();  // behind the last padding
  return rows;
}

/// How an epoch reads a piece: from which letter on, and on which strand.
struct Reading {
  std::size_t piece, phase;
  bool other_strand;
};

/// Of all pieces, by piece. Each must be read once and whole, but for fewer letters of one end than a stride.
std::vector<Reading> readings(const Pieces& pieces, const Tokenizer& tokenizer, bool both_strands,
                              std::size_t epoch) {
  std::vector<Reading> all;
  for (const auto& row : rows_of(epoch_tokens(pieces, tokenizer, both_strands, 1, epoch))) {
    const auto find = [&]() -> Reading {
      for (std::size_t i = 0; i < pieces.size(); ++i)
        for (std::size_t phase = 0; phase < tokenizer.options().stride; ++phase) {
          if (row == tokenizer.encode(pieces[i].substr(phase))) return {i, phase, false};
          if (row == tokenizer.encode(reverse_complement(pieces[i].substr(phase))) ||
              row == tokenizer.encode(reverse_complement(pieces[i]).substr(phase)))
            return {i, phase, true};
        }
      return {pieces.size(), 0, false};
    };
    all.push_back(find());
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.piece < b.piece; });
  REQUIRE(all.size() == pieces.size());
  for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(all[i].piece == i);
  return all;
}

const Tokenizer with_padding(dna4, {.k = 4, .stride = 3, .padding = true});

Pieces some_pieces() {
  Pieces pieces;
  for (std::size_t i = 0; i < 7; ++i) pieces.push_back(random_letters(40 + i, i));
  return pieces;
}

}  // namespace

TEST_CASE("contigs: unknown letters are cut out and counted") {
  for (const Alphabet& alphabet : {dna4, dna5}) {
    Contigs contigs;
    contigs.add("NNACGTnnNacNGT", alphabet);
    contigs.add("TTN", alphabet);
    contigs.add("NNN", alphabet);
    contigs.add("", alphabet);
    CHECK(contigs.pieces == Pieces{"ACGT", "ac", "GT", "TT"});
    CHECK(contigs.letters == 10);
    CHECK(contigs.unknown_letters == 10);
    CHECK(contigs.unknown_runs == 5);
    CHECK(contigs.records == 4);
  }
}

TEST_CASE(
    "contigs: ends of long pieces and every so many-th short piece are held out, all else is trained on") {
  const auto letters = [](std::size_t length) { return random_letters(length, length); };
  const auto parts = hold_out_ends(
      {letters(39), letters(100), letters(5), letters(8), letters(40), letters(7), letters(6)}, 0.25, 10);
  CHECK(parts.train == Pieces{letters(39), letters(100).substr(0, 75), letters(5), letters(8),
                              letters(40).substr(0, 30), letters(6)});
  CHECK(parts.valid == Pieces{letters(100).substr(75), letters(40).substr(30), letters(7)});
  for (const double share : {0.0, 1.0, -0.1, std::nan("")})
    CHECK_THROWS_AS(hold_out_ends({"ACGT"}, share, 1), option_error);
}

TEST_CASE("contigs: an epoch reads every other piece on the other strand, the next epoch the others") {
  const auto pieces = some_pieces();
  for (std::size_t epoch = 1; epoch < 20; ++epoch) {
    const auto now = readings(pieces, with_padding, true, epoch),
               next = readings(pieces, with_padding, true, epoch + 1);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      CHECK(now[i].other_strand != next[i].other_strand);
      if (i > 0) CHECK(now[i].other_strand != now[i - 1].other_strand);
    }
    for (const auto& reading : readings(pieces, with_padding, false, epoch))
      CHECK_FALSE(reading.other_strand);
  }
}

TEST_CASE("contigs: pieces begin at all letters within the stride, by turns") {
  const auto pieces = some_pieces();
  std::vector<std::set<std::size_t>> phases(pieces.size());
  for (std::size_t epoch = 1; epoch < 30; ++epoch)
    for (const auto& reading : readings(pieces, with_padding, false, epoch))
      phases[reading.piece].insert(reading.phase);
  for (const auto& of_piece : phases) CHECK(of_piece == std::set<std::size_t>{0, 1, 2});
  std::set<std::size_t> sizes;  // of a piece that a phase may lie behind
  for (std::size_t epoch = 1; epoch < 30; ++epoch)
    sizes.insert(epoch_tokens({"A"}, {dna4, {.k = 1, .stride = 3}}, false, 1, epoch).size());
  CHECK(sizes == std::set<std::size_t>{0, 1});
}

TEST_CASE("contigs: long pieces are read in stretches of 65,536 letters") {
  const Tokenizer letters(dna4, {.padding = true});
  const auto piece = random_letters(65536 + 1000, 1);
  auto rows = rows_of(epoch_tokens({piece}, letters, false, 1, 1));
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == letters.encode(piece.substr(0, 65536)));
  CHECK(rows[1] == letters.encode(piece.substr(65536)));
}

TEST_CASE("contigs: epochs differ in their order and in where they begin, and follow from the seed") {
  const auto pieces = some_pieces();
  const auto order = [&](std::uint64_t seed, std::size_t epoch) {
    auto rows = rows_of(epoch_tokens(pieces, {dna4, {.padding = true}}, false, seed, epoch));
    const auto first =
        std::find(rows.begin(), rows.end(), Tokenizer(dna4, {.padding = true}).encode(pieces[0]));
    std::rotate(rows.begin(), first, rows.end());  // wherever the epoch begins
    return rows;
  };
  CHECK(epoch_tokens(pieces, with_padding, true, 1, 1) == epoch_tokens(pieces, with_padding, true, 1, 1));
  CHECK(order(1, 1) != order(1, 2));
  CHECK(order(1, 1) != order(2, 1));
  const auto twice = dna4.encode(pieces[0] + pieces[0]);
  std::set<std::ptrdiff_t> begins;
  for (std::size_t epoch = 1; epoch < 10; ++epoch) {
    const auto turned = epoch_tokens({pieces[0]}, dna4, false, 1, epoch);
    const auto begin = std::search(twice.begin(), twice.end(), turned.begin(), turned.end());
    CHECK(turned.size() == pieces[0].size());
    REQUIRE(begin != twice.end());
    begins.insert(begin - twice.begin());
  }
  CHECK(begins.size() > 3);
}

TEST_CASE("contigs: judging reads all pieces as they come") {
  const auto tokens = tokens_in_order({"ACGTACG", "GTTA"}, with_padding);
  std::vector<Token> expected = with_padding.encode("ACGTACG");
  expected.push_back(0);
  for (const Token token : with_padding.encode("GTTA")) expected.push_back(token);
  expected.push_back(0);
  CHECK(tokens == expected);
  CHECK(tokens_in_order({"AC", "GT"}, dna4) == dna4.encode("ACGT"));
}
