#include <seqlstm/data/class_order.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

LabelledRecords example(const std::vector<std::string>& names) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < names.size(); ++i)
    records.push_back({.id = std::to_string(i), .sequence = "ACGT"});
  return label(std::move(records), names);
}

}  // namespace

TEST_CASE("class order: the positive class is named in any spelling") {
  auto data = example({"yes", "no", "yes"});
  REQUIRE(data.label_names == std::vector<std::string>{"no", "yes"});
  set_positive_class(data, "YES");
  CHECK(data.labels == std::vector<double>{1, 0, 1});
  set_positive_class(data, "No");
  CHECK(data.labels == std::vector<double>{0, 1, 0});
  CHECK(data.label_names == std::vector<std::string>{"yes", "no"});
  swap_classes(data);
  CHECK(data.labels == std::vector<double>{1, 0, 1});
  CHECK(message_of<option_error>([&] { set_positive_class(data, "maybe"); }) ==
        "positive_label 'maybe' must be one of two labels; found 2 labels, the first are 'no' and 'yes'");
  auto three = example({"a", "b", "c"});
  CHECK(message_of<option_error>([&] { set_positive_class(three, "a"); }) ==
        "positive_label 'a' must be one of two labels; found 3 labels, the first are 'a' and 'b'");
  auto one = example({"a"});
  CHECK(message_of<option_error>([&] { set_positive_class(one, "a"); }) ==
        "positive_label 'a' must be one of two labels; found 1 labels");
}

TEST_CASE("class order: a model's classes keep its names and its order") {
  auto data = example({"TRUE", "FALSE", "TRUE"});
  match_classes(data, {"true", "false"});
  CHECK(data.label_names == std::vector<std::string>{"true", "false"});
  CHECK(data.labels == std::vector<double>{0, 1, 0});
  auto others = example({"a", "b", "a"});
  match_classes(others, {"true", "false"});
  CHECK(others.label_names == std::vector<std::string>{"a", "b"});
  CHECK(others.labels == std::vector<double>{0, 1, 0});
  match_classes(others, {"a", "b", "c"});
  CHECK(others.labels == std::vector<double>{0, 1, 0});
}
