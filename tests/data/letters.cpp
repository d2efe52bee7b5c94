#include <seqlstm/data/letters.hpp>

#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("letters: white space and digits are layout, gaps and stops are letters") {
  CHECK(letters_of("  1 MKV LAA\t*.-xN\v\f\r\n 20\xC2\xA0") == "MKVLAA*.-xN");
  CHECK(letters_of("").empty());
  CHECK(letters_of(" 12 \n").empty());
  CHECK(count_letters(" 1 MK V") == 3);
  std::string sequence = "AC";
  CHECK(append_letters(sequence, "1 G 20 T 3") == 4);
  CHECK(sequence == "ACGT");
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const bool expected =
        std::string_view(" \t\v\f\r\n0123456789\xC2\xA0").find(character) != std::string_view::npos;
    CHECK(is_layout(character) == expected);
  }
}

TEST_CASE("letters: gaps give back every letter's place in its line") {
  RandomStream random(1);
  for (int round = 0; round < 300; ++round) {
    std::string sequence, text;
    LetterGaps gaps;
    std::vector<std::size_t> starts, columns, line_of;
    for (std::size_t line = 0; line < 1 + random.below(5); ++line) {
      std::string written;
      while (random.below(12) != 0)
        written += std::string(random.below(300) == 0 ? 1000 : 1 + random.below(3),
                               random.below(3) == 0 ? ' ' : 'A');
      starts.push_back(sequence.size());
      gaps.begin_line();
      for (std::size_t i = 0; i < written.size(); ++i)
        if (!is_layout(written[i])) columns.push_back(i), line_of.push_back(line);
      const std::size_t cut = random.below(written.size() + 1);  // a line may come in pieces
      append_letters(sequence, std::string_view(written).substr(0, cut), &gaps);
      append_letters(sequence, std::string_view(written).substr(cut), &gaps);
    }
    REQUIRE(sequence.size() == columns.size());
    for (std::size_t at = 0; at < sequence.size(); ++at) {
      const std::size_t start = starts[line_of[at]];
      REQUIRE(at - start + gaps.before(start, at) == columns[at]);
    }
  }
}
