#include <seqlstm/data/missing_values.hpp>

#include "support/catch.hpp"

using seqlstm::MissingValues;

TEST_CASE("an empty cell is no value, NA is one unless it was named") {
  const MissingValues none;
  CHECK((none("") && none("  \t")));
  CHECK_FALSE((none("NA") || none("nan") || none("-") || none("0")));
}

TEST_CASE("the usual words of tables stand for no value") {
  const auto usual = MissingValues::usual();
  for (const char* word : {"", "NA", " NA ", "N/A", "NaN", "nan", "NULL", "null"}) CHECK(usual(word));
  for (const char* word : {"na", "NAN", "Na", "none", "-", "0", "NA NA"}) CHECK_FALSE(usual(word));
}

TEST_CASE("words of one's own are listed with commas") {
  const auto own = MissingValues::listed("?, unknown,,-");
  CHECK(own.words() == std::vector<std::string>{"?", "unknown", "-"});
  CHECK((own("?") && own(" unknown") && own("-") && own("")));
  CHECK_FALSE((own("NA") || own(",")));
  CHECK(MissingValues::listed("").words().empty());
}
