#include <seqlstm/kernels/lstm_forward.hpp>
#include <seqlstm/kernels/lstm_projection.hpp>

#include "lstm_case.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> void check_projected(const LstmSetup& setup) {
  LstmCase<T> in_steps(setup), before(setup);
  in_steps.forward();
  before.projects = true;
  for (const std::size_t parts : {1U, 3U})
    for (const Cut cut : {Cut::rows, Cut::panels}) {
      INFO(text(setup) << ", parts " << parts << (cut == Cut::rows ? " of rows" : " of panels"));
      before.forward(parts, true, cut);
      REQUIRE(same_bits(in_steps.y, before.y));
      REQUIRE(same_bits(in_steps.c, before.c));
      REQUIRE(same_bits(in_steps.gates, before.gates));
      before.forward(parts, false, cut);
      REQUIRE(same_bits(in_steps.y, before.y));
    }
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_projection: the same bits as multiplying x in every step", "", float, double) {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    if (!setup.lookup) check_projected<TestType>(setup);
  });
}

TEMPLATE_TEST_CASE("lstm_projection: more tokens than one chunk, and wide layers", "", float, double) {
  for (const bool reverse : {false, true}) {
    check_projected<TestType>({3, 5, {700, 480, 7, 470, 0, 1}, reverse});
    check_projected<TestType>({3, 5, {600, 120, 120, 120, 110, 120, 100, 120, 20}, reverse});
    check_projected<TestType>({40, 790, {3, 1, 2, 2, 0, 5, 1, 1}, reverse});
  }
}

TEST_CASE("lstm_projection: the tokens of some steps and rows, in order") {
  const PackedLayout layout(std::vector<std::size_t>{4, 3, 1, 0});  // active rows 3, 2, 2, 1
  const LayoutView view = layout.view();
  const auto tokens = [&](IndexRange steps, IndexRange rows) {
    kernels::detail::TokensOfSteps cursor(view, steps, rows);
    std::vector<std::size_t> found(cursor.count());
    for (auto& token : found) token = cursor.next();
    return found;
  };
  using Tokens = std::vector<std::size_t>;
  CHECK(tokens({0, 4}, {0, 4}) == Tokens{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(tokens({1, 3}, {0, 4}) == Tokens{3, 4, 5, 6});
  CHECK(tokens({0, 4}, {1, 2}) == Tokens{1, 4, 6});
  CHECK(tokens({0, 4}, {2, 4}) == Tokens{2});
  CHECK(tokens({1, 4}, {2, 4}).empty());
  CHECK(tokens({2, 2}, {0, 4}).empty());
}
