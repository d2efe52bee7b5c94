#include <seqlstm/io/known_positions.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("known positions: ranked against all others, on their strand, by the parts asked for") {
  const support::TemporaryFolder folder;
  const auto path =
      folder.write("truth.csv",
                   "start,strand,label,set\n"
                   "105,+,1,test\n205,-,1.0,valid\n305,+,1,train\n400,+,0,test\n999,+,1,test\n");
  io::Notes notes;
  io::KnownPositions known({.file = path, .step = 10}, notes);
  CHECK(known.given() == 3);
  for (std::size_t start = 0; start < 500; start += 10) {
    const bool plus = start == 100 || start == 300, minus = start == 200;
    known.add(start, 0, plus ? 0.9 : 0.1);  // 300 is of the training part: neither
    known.add(start, 1, minus ? 0.8 : 0.2);
  }
  CHECK(known.found() == 2);  // 999 is in no window
  CHECK(known.others() == 100 - 3);
  CHECK(known.roc_auc() == 1);
}

TEST_CASE("known positions: without a file there are none, and nothing is kept") {
  io::Notes notes;
  io::KnownPositions none({}, notes);
  none.add(10, 0, 0.5);
  CHECK(none.given() == 0);
  CHECK(none.others() == 0);
}

TEST_CASE("known positions: rows that are no positions, and tables without one that is asked for") {
  const support::TemporaryFolder folder;
  io::Notes notes;
  const auto refused = [&](const std::string& text) {
    return [&, path = folder.write("t.csv", text)] { io::KnownPositions({.file = path}, notes); };
  };
  CHECK_THAT(
      message_of<parse_error>(refused("start,strand\n-5,+\n")),
      ContainsSubstring("t.csv:2: start '-5' and strand '+', expected a base counted from 0 and + or -"));
  CHECK_THROWS_AS(refused("start,strand\n5,plus\n")(), parse_error);
  CHECK_THAT(message_of<option_error>(refused("start,strand,set\n5,+,train\n")),
             ContainsSubstring("t.csv: no row is a positive of the parts that are asked for"));
}

TEST_CASE("known positions: of both strands, off the step, two in one window, with ties") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("truth.csv",
                                 "start,strand,label,set\n"
                                 "29,+,1,test\n"     // in the window at 20
                                 "40,-,1,valid\n"    // in the one at 40 ...
                                 "41,-,1,test\n"     // ... as this one is
                                 "61,+,1,train\n"    // not asked for, and no other either
                                 "5,+,0,test\n"      // no positive: an other
                                 "997,-,1,test\n");  // in no window
  io::Notes notes;
  io::KnownPositions truth({.file = path, .step = 10}, notes);
  for (std::size_t start = 0; start < 100; start += 10)
    for (const std::size_t strand : {0, 1}) {
      double probability = 0.1;
      if (start == 20) probability = strand == 0 ? 0.7 : 0.5;
      if (start == 40) probability = strand == 0 ? 0.9 : 0.4;
      if (start == 60 && strand == 0) probability = 1;
      if (start == 0 && strand == 0) probability = 0.4;
      truth.add(start, strand, probability);
    }
  CHECK(truth.given() == 4);
  CHECK(truth.found() == 3);
  CHECK(truth.others() == 17);
  // 0.7 is above all others but 0.9; 0.4, twice, above 14 and equal to one.
  CHECK(truth.roc_auc() == Approx((16 + 2 * 14.5) / (3 * 17)).epsilon(1e-12));
  CHECK_THROWS_WITH(io::KnownPositions({.file = path, .step = 0}, notes), "step is 0, expected at least 1");
}
