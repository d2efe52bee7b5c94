#include <seqlstm/core/error.hpp>

#include "support/values.hpp"

using namespace seqlstm;

TEMPLATE_TEST_CASE("error: every type is an Error of its own and keeps its sentence", "", shape_error,
                   token_error, parse_error, format_error, io_error, option_error, numeric_error) {
  STATIC_REQUIRE(std::is_base_of_v<Error, TestType>);
  STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, TestType>);
  const auto thrower = [] { throw TestType("what was found, what to do"); };
  CHECK_THROWS_AS(thrower(), TestType);
  try {
    thrower();
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "what was found, what to do");
  }
}

TEST_CASE("error: causes are told apart") {
  const auto thrower = [] { throw token_error("id 9"); };
  bool caught_other = false;
  try {
    thrower();
  } catch (const shape_error&) {
    caught_other = true;
  } catch (const Error&) {
  }
  CHECK_FALSE(caught_other);
}

TEST_CASE("error: a parse error begins with file and line") {
  CHECK(std::string(parse_error("a/b.fa", 17, "letter 'J'").what()) == "a/b.fa:17: letter 'J'");
}
