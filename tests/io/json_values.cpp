#include <seqlstm/io/json_values.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using nlohmann::json;
using support::message_of;

TEST_CASE("json values: a size is whole, not negative and bounded") {
  const auto message = [](const json& value) {
    return message_of<format_error>([&] { io::size_from({{"width", value}}, "width", 1); });
  };
  CHECK(io::size_from({{"width", 7}}, "width") == 7);
  CHECK(io::size_from({{"width", 2147483648U}}, "width") == 2147483648U);
  CHECK(io::size_from({{"seed", UINT64_MAX}}, "seed", 0, UINT64_MAX) == UINT64_MAX);
  const std::string expected =
      ", expected a whole number from 1 to 2147483648; the file is damaged or from another version";
  CHECK(message(-1) == "'width' is -1" + expected);
  CHECK(message(0) == "'width' is 0" + expected);
  CHECK(message(0.5) == "'width' is 0.5" + expected);
  CHECK(message(7.0) == "'width' is 7.0" + expected);
  CHECK(message(2147483649U) == "'width' is 2147483649" + expected);
  CHECK(message(std::uint64_t{1} << 63U) == "'width' is 9223372036854775808" + expected);
  CHECK(message(json::parse("18446744073709551616")) == "'width' is 1.8446744073709552e+19" + expected);
  CHECK(message("text") == "'width' is \"text\"" + expected);
  CHECK(message(nullptr) == "'width' is null" + expected);
  CHECK(message(true) == "'width' is true" + expected);
  CHECK(message(json::array()) == "'width' is a list" + expected);
  CHECK(message(json::object()) == "'width' is an object" + expected);
  CHECK(message_of<format_error>([] {
          io::size_from({{"width", 7}}, "height", 1);
        }) == "'height' is missing" + expected);
  CHECK_THROWS_AS(io::size_from(json::array(), "width"), format_error);
  CHECK_THROWS_AS(io::size_from(json(), "width"), format_error);
}

TEST_CASE("json values: numbers are finite and bounded") {
  CHECK(io::number_from({{"p", 0.25}}, "p", 0, 1) == 0.25);
  CHECK(io::number_from({{"p", -3}}, "p") == -3);
  CHECK(message_of<format_error>([] {
          io::number_from({{"p", 1.5}}, "p", 0, 1);
        }) == "'p' is 1.5, expected a number from 0 to 1; the file is damaged or from another version");
  for (const json& value : {json("x"), json(nullptr), json(json::array()), json(true), json(std::nan(""))})
    CHECK_THROWS_AS(io::number_from({{"p", value}}, "p"), format_error);
  CHECK(io::numbers_from({{"w", {1, 2.5}}}, "w") == std::vector<double>{1, 2.5});
  for (const json& value : {json("x"), json(nullptr), json({1, "x"}), json(1), json({1, {2}})})
    CHECK_THROWS_AS(io::numbers_from({{"w", value}}, "w"), format_error);
}

TEST_CASE("json values: flags and texts") {
  CHECK(io::flag_from({{"f", true}}, "f"));
  CHECK(io::text_from({{"t", "x"}}, "t") == "x");
  CHECK(io::texts_from({{"t", {"x", "y"}}}, "t") == std::vector<std::string>{"x", "y"});
  CHECK_THROWS_AS(io::flag_from({{"f", 1}}, "f"), format_error);
  CHECK_THROWS_AS(io::text_from({{"t", 1}}, "t"), format_error);
  CHECK_THROWS_AS(io::texts_from({{"t", "x"}}, "t"), format_error);
  CHECK_THROWS_AS(io::texts_from({{"t", {"x", 1}}}, "t"), format_error);
  const std::string bad = message_of<format_error>([] { io::flag_from({{"f", "\xFF"}}, "f"); });
  CHECK(bad.find("expected true or false") != std::string::npos);
}
