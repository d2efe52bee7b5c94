// The comparison every golden test rests on must refuse what is wrong.
#include "support/golden.hpp"

#include <limits>

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

std::string compare(const std::vector<double>& actual, const std::vector<double>& reference,
                    double tolerance = 0.5) {
  return difference<double>(actual, reference, tolerance);
}

}  // namespace

TEST_CASE("golden: the tolerance is absolute below 1 and relative to the largest reference above") {
  CHECK(compare({0.25, 0}, {0.75, 0}).empty());
  CHECK(compare({0.25, 0}, {0.8125, 0}) ==
        "1 of 2 elements differ by more than 0.5; worst: element 0 is 0.25, expected 0.8125");
  CHECK(compare({4, -8}, {0, -8}).empty());
  CHECK(compare({4.5, -8}, {0, -8}) ==
        "1 of 2 elements differ by more than 4; worst: element 0 is 4.5, expected 0");
  CHECK(compare({3, -2, 1}, {0, 0, 0}) ==
        "3 of 3 elements differ by more than 0.5; worst: element 0 is 3, expected 0");
  CHECK(compare({}, {}).empty());
}

TEST_CASE("golden: NaN, infinity and a wrong length never pass") {
  CHECK(compare({not_a_number, 9}, {0, 0}) ==
        "2 of 2 elements differ by more than 0.5; worst: element 0 is nan, expected 0");
  CHECK(compare({9, not_a_number}, {0, 0}) ==
        "2 of 2 elements differ by more than 0.5; worst: element 1 is nan, expected 0");
  CHECK(compare({inf}, {1}) ==
        "1 of 1 elements differ by more than 0.5; worst: element 0 is inf, expected 1");
  CHECK(compare({not_a_number}, {not_a_number}) == "reference element 0 is nan");
  CHECK(compare({inf}, {inf}) == "reference element 0 is inf");
  CHECK(compare({1, not_a_number}, {1, 2}, inf) ==
        "1 of 2 elements differ by more than inf; worst: element 1 is nan, expected 2");
  CHECK(compare({1}, {1, 2}) == "1 elements, expected 2");
  CHECK(compare({1}, {}) == "1 elements, expected 0");
}

TEST_CASE("golden: float is compared in double") {
  const std::vector<float> actual = {0.1F};
  CHECK(difference<float>(actual, std::vector<double>{0.1}, 1e-8).empty());
  CHECK(!difference<float>(actual, std::vector<double>{0.1}, 1e-10).empty());
}

TEST_CASE("golden: shapes and numbers of a case") {
  const auto json = nlohmann::json::parse(
      R"({"config": {"layers": 2}, "tensors": {"x": {"shape": [2, 1], "data": [1.5, -2]},
                                               "n": {"shape": [], "data": [7]}}})");
  const Golden golden = Golden::parse("case", json);
  CHECK(golden.config["layers"] == 2);
  CHECK(golden.tensor("x").shape == std::vector<std::size_t>{2, 1});
  CHECK(golden.tensor("x").data == std::vector<double>{1.5, -2});
  CHECK(golden.tensor("n").shape.empty());
  CHECK(golden.tensor("n").data == std::vector<double>{7});
}

TEST_CASE("golden: a file of the folder", "[golden]") {
  const Golden golden = Golden::load("lstm_uni");
  const auto steps = golden.config["time"].get<std::size_t>(),
             input = golden.config["input"].get<std::size_t>();
  const auto sequences = golden.config["lengths"].size();
  CHECK(golden.tensor("x").shape == std::vector<std::size_t>{steps, sequences, input});
  CHECK(golden.tensor("x").data.size() == steps * sequences * input);
}

// One test each: a test of several sections passes as failed when one of them fails.
TEST_CASE("golden: a missing file fails", "[!shouldfail]") {
  Golden::load("no_such_case");
}
TEST_CASE("golden: a missing tensor fails", "[!shouldfail]") {
  (void)Golden::parse("case", nlohmann::json::parse(R"({"config": {}, "tensors": {}})")).tensor("x");
}
TEST_CASE("golden: a shape that is not the data's fails", "[!shouldfail]") {
  Golden::parse("case",
                nlohmann::json::parse(R"({"config": {}, "tensors": {"x": {"shape": [2], "data": [1]}}})"));
}
TEST_CASE("golden: a difference fails", "[!shouldfail]") {
  check_close<double>(std::vector<double>{1}, std::vector<double>{3}, 0.5, "one against three");
}
