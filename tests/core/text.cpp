#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>

#include <clocale>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("text: numbers as tables have them") {
  CHECK(parse_number("0.53") == 0.53);
  CHECK(parse_number("+0.53") == 0.53);
  CHECK(parse_number(" 0.53\t") == 0.53);
  CHECK(parse_number("-12") == -12.0);
  CHECK(parse_number(".5") == 0.5);
  CHECK(parse_number("5.") == 5.0);
  CHECK(parse_number("1e-3") == 1e-3);
  CHECK(parse_number("1E+3") == 1000.0);
  CHECK(parse_number("1e-400") == 0.0);
  CHECK(std::signbit(parse_number("-1e-400").value()));
  CHECK(parse_number("4.9e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(parse_number("1e-310") == 1e-310);
  CHECK(parse_number("1.7976931348623157e308") == std::numeric_limits<double>::max());
}

TEST_CASE("text: what is no finite decimal number") {
  for (const char* text :
       {"",     " ",    "+",        "-",     ".",     "+-1",   "--1", "- 1",     "+ 1",    "1 2",
        "0x10", "1e",   "1e+",      "0x1p3", ".e1",   "1e1e1", "1e-", "1e400",   "-1e400", "nan",
        "inf",  "-inf", "infinity", "1,5",   "1.5.2", "1f",    "e5",  "1e-400x", "ten"})
    CHECK_FALSE(parse_number(text).has_value());
}

TEST_CASE("text: the locale does not matter") {
  const char* before = std::setlocale(LC_ALL, nullptr);
  const std::string name = before == nullptr ? "C" : before;
  for (const char* german : {"de_DE.UTF-8", "de_DE.utf8", "de_DE"})
    if (std::setlocale(LC_ALL, german) != nullptr) break;
  CHECK(parse_number("0.5") == 0.5);
  CHECK_FALSE(parse_number("0,5").has_value());
  CHECK(detail::number_text(0.5) == "0.5");
  std::setlocale(LC_ALL, name.c_str());
}

TEST_CASE("text: numbers in messages") {
  CHECK(detail::number_text(1.5) == "1.5");
  CHECK(detail::number_text(1e-9) == "1e-09");
  CHECK(detail::number_text(1234567) == "1.23457e+06");
  CHECK(detail::number_text(-std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("text: the name that a misspelt one is nearest to") {
  const std::vector<std::string> metrics = {"loss", "accuracy", "roc_auc", "pr_auc", "mcc"};
  CHECK(nearest_name("acuracy", metrics) == "accuracy");    // a letter left out
  CHECK(nearest_name("accurracy", metrics) == "accuracy");  // put in
  CHECK(nearest_name("rocauc", metrics) == "roc_auc");
  CHECK(nearest_name("cmc", metrics) == "mcc");  // swapped with its neighbour
  CHECK(nearest_name("lost", metrics) == "loss");
  CHECK(nearest_name("mcc", metrics) == "mcc");
  CHECK(nearest_name("spearman", metrics).empty());
  CHECK(nearest_name("", metrics).empty());
  CHECK(nearest_name("mse", {}).empty());
}

TEST_CASE("text: control characters are shown, letters of any language stay") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1B[31mred") == "\\x1B[31mred");
  CHECK(printable(std::string_view("nul\0nul", 7)) == "nul\\x00nul");
  CHECK(printable("del\x7F") == "del\\x7F");
  CHECK(printable("caf\xC3\xA9 \xCE\xB1") == "caf\xC3\xA9 \xCE\xB1");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\xC2\\x9B31m");  // the two-byte form of escape [
  CHECK(printable("\xC2\xB5") == "\xC2\xB5");  // micro
}

TEST_CASE("text: an error is one line, and not without end") {
  const std::string message = format_error("cell 'a\nb\x1B[2J' of x.csv").what();
  CHECK(message == "cell 'a\\nb\\x1B[2J' of x.csv");
  const std::string long_message = option_error(std::string(100000, 'a') + "; shorten it").what();
  CHECK(long_message.size() < 2100);
  CHECK(long_message.ends_with("; shorten it"));
}
