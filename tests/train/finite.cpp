#include <seqlstm/train/finite.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;

TEST_CASE("finite: the first tensor with a value that is no number is named") {
  auto model = testing::tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  CHECK(first_not_finite(model).empty());
  CHECK_NOTHROW(require_finite(model, "after update 3"));
  std::vector<std::string> names;
  for_each_parameter(model, [&](const std::string& name, auto&) { names.push_back(name); });
  for (const std::string& broken : names)
    for (const float value : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                              std::numeric_limits<float>::quiet_NaN()}) {
      for_each_parameter(model, [&](const std::string& name, Parameter<float>& p) {
        if (name != broken) return;
        auto values = p.edit();
        const float before = std::exchange(values(values.rows() - 1, values.cols() - 1), value);
        CHECK(first_not_finite(model) == broken);
        values(values.rows() - 1, values.cols() - 1) = before;
      });
    }
  for_each_buffer(model, [&](const std::string& name, auto& buffer) {
    if (!name.ends_with("running_var")) return;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(buffer.values()[0])>, float>)
      buffer.values()[0] = std::numeric_limits<float>::infinity();
  });
  CHECK(first_not_finite(model).ends_with("running_var"));
  CHECK_THROWS_AS(require_finite(model, "after update 3"), numeric_error);
  CHECK_THROWS_WITH(require_finite(model, "after update 3"),
                    ContainsSubstring("running_var' are not finite after update 3; lower the learning rate"));
}
