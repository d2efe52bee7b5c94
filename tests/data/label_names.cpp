#include <seqlstm/data/label_names.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

using Names = std::vector<std::string>;

Names classes_of(const Names& names) {
  Names classes;
  for (const auto& one : label_classes(names)) classes.push_back(one.name);
  return classes;
}
/// The positive one of two names, whichever comes first; empty where the names do not say it.
std::string positive_of(const std::string& a, const std::string& b) {
  const Names there = {a, b}, back = {b, a};
  const auto first = positive_label(there), second = positive_label(back);
  REQUIRE(first.has_value() == second.has_value());
  if (!first) return "";
  REQUIRE(there[*first] == back[*second]);
  return there[*first];
}

}  // namespace

TEST_CASE("classes of a label column stand in order, with all their spellings") {
  const Names column = {"True", "FALSE", " True", "true", "False"};
  const auto classes = label_classes(column);
  REQUIRE(classes.size() == 2);
  CHECK(classes[0].name == "FALSE");
  CHECK(classes[0].spellings == Names{"FALSE", "False"});
  CHECK(classes[1].name == "True");
  CHECK(classes[1].spellings == Names{" True", "True", "true"});
  CHECK(classes_of({"10", "9", "other", "-1"}) == Names{"-1", "9", "10", "other"});
  CHECK(classes_of({}).empty());
}

TEST_CASE("whole numbers of one value are one class where all names are numbers") {
  CHECK(classes_of({"1.0", "1", "0", "0.0", "+1", "01"}) == Names{"0", "1"});
  CHECK(classes_of({"1.0", "0.0"}) == Names{"0.0", "1.0"});
  CHECK(classes_of({"1.1", "1.10", "2"}) == Names{"1.1", "1.10", "2"});  // EC classes
  CHECK(classes_of({"1.0", "1", "unknown"}) == Names{"1", "1.0", "unknown"});
  CHECK(classes_of({"9007199254740993", "9007199254740992"}).size() == 2);
}

TEST_CASE("yes and no have no case, other words have") {
  CHECK(classes_of({"yes", "Yes", "NO", "no "}) == Names{"NO", "Yes"});
  CHECK(classes_of({"NA", "Na", "na"}).size() == 3);
  CHECK(classes_of({"AMP", "amp"}).size() == 2);
  CHECK((same_label("1.0", "1") && same_label("TRUE", " true") && !same_label("AMP", "amp")));
}

TEST_CASE("the positive one of two classes is what a biologist would take") {
  CHECK(positive_of("+", "-") == "+");
  CHECK(positive_of("pos", "neg") == "pos");
  CHECK(positive_of("Positive", "Negative") == "Positive");
  CHECK(positive_of("yes", "no") == "yes");
  CHECK(positive_of("TRUE", "FALSE") == "TRUE");
  CHECK(positive_of("1", "0") == "1");
  CHECK(positive_of("1.0", "-1") == "1.0");
  CHECK(positive_of("coding", "noncoding") == "coding");
  CHECK(positive_of("AMP", "nonAMP") == "AMP");
  CHECK(positive_of("amp", "Non-AMP") == "amp");
  CHECK(positive_of("promoter", "non-promoter") == "promoter");
  CHECK(positive_of("promoter", "not a promoter") == "promoter");
  CHECK(positive_of("signal", "no signal") == "signal");
  CHECK(positive_of("binder", "not_binder") == "binder");
  CHECK(positive_of("active", "inactive") == "active");
  CHECK(positive_of("SP", "other") == "SP");
  CHECK(positive_of("enhancer", "background") == "enhancer");
}

TEST_CASE("where names do not say which class is positive, nothing is guessed") {
  CHECK(positive_of("HA", "NP").empty());
  CHECK(positive_of("membrane", "nucleus").empty());
  CHECK(positive_of("2", "3").empty());
  CHECK(positive_of("chord", "notochord").empty());
  CHECK(positive_of("other", "none").empty());
  const Names three = {"+", "-", "?"}, one = {"+"};
  CHECK_FALSE(positive_label(three).has_value());
  CHECK_FALSE(positive_label(one).has_value());
}
