#include <seqlstm/infer/basecall.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Two records of three and two frames.
Predictions predictions(std::size_t classes, std::vector<Token> decoded, std::vector<std::size_t> offsets) {
  Predictions said;
  said.rows = 5;
  said.cols = classes;
  said.values.assign(5 * classes, 1.0 / static_cast<double>(classes));
  said.offsets = {0, 3, 5};
  said.decoded = std::move(decoded);
  said.decoded_offsets = std::move(offsets);
  return said;
}

}  // namespace

TEST_CASE("called bases: labels of CTC, and bases that begin in a random field's") {
  const auto ctc = predictions(5, {1, 4, 4}, {0, 2, 3});
  CHECK(called_bases(ctc, 0, BaseCode::ctc) == std::vector<Token>{0, 3});
  CHECK(called_bases(ctc, 1, BaseCode::ctc) == std::vector<Token>{3});
  const auto crf = predictions(8, {2, 6, 2, 1, 5}, {0, 3, 5});
  CHECK(called_bases(crf, 0, BaseCode::crf) == std::vector<Token>{2, 2});
  CHECK(called_bases(crf, 1, BaseCode::crf) == std::vector<Token>{1});
  CHECK_THROWS_WITH(called_bases(crf, 0, BaseCode::crf, 4), ContainsSubstring("a beam is of CTC"));
}

TEST_CASE("called bases: a beam adds the paths of the same bases up") {
  // Of two frames the best path is blank, blank (0.36); A has three paths (0.4 * 0.6 twice and 0.16).
  auto said = predictions(5, {}, {0, 0, 0});
  for (const std::size_t row : {3U, 4U}) {
    auto* p = said.values.data() + row * 5;
    p[0] = 0.6;
    p[1] = 0.4;
    p[2] = p[3] = p[4] = 0;
  }
  CHECK(called_bases(said, 1, BaseCode::ctc).empty());
  CHECK(called_bases(said, 1, BaseCode::ctc, 8) == std::vector<Token>{0});
}
