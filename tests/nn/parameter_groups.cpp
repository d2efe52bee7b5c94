#include <seqlstm/nn/parameter_groups.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("parameter groups: a prefix ends at a dot, and every parameter is in a group") {
  const ParameterGroups groups = {{"0"}, {"1"}, {"3", "5"}};
  CHECK(groups.size() == 3);
  CHECK(groups.of("1.weight_ih_l0") == 1);
  CHECK(groups.of("5") == 2);
  CHECK_THROWS_WITH(groups.of("10.weight"), ContainsSubstring("parameter '10.weight' is in no group"));
}

TEST_CASE("parameter groups: those from the first on are trained, those below frozen") {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  const ParameterGroups groups(std::vector<std::vector<std::string>>{{"0"}, {"1"}, {"3", "5"}});
  for (const std::size_t first : {0, 1, 2}) {
    groups.train_from(first, model);
    for_each_parameter(
        model, [&](const std::string& name, auto& p) { CHECK(p.trainable == (groups.of(name) >= first)); });
  }
}
