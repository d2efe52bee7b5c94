#include <seqlstm/autograd/gradcheck.hpp>

#include <sstream>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// y = x^2 with a backward that is `slope` times the right one.
auto square_with(double slope) {
  return [slope](const Var<double>& x) {
    return x.tape().op(
        x,
        [](ConstMatrixView<double> in, MatrixView<double> out) {
          for (std::size_t c = 0; c < in.cols(); ++c) out(0, c) = in(0, c) * in(0, c);
        },
        [slope](ConstMatrixView<double> in, ConstMatrixView<double>, ConstMatrixView<double> dy,
                MatrixView<double> dx) {
          for (std::size_t c = 0; c < in.cols(); ++c) dx(0, c) += slope * 2 * in(0, c) * dy(0, c);
        });
  };
}

}  // namespace

TEST_CASE("gradcheck: a right backward passes and x is left as it was") {
  Input<double> x(1, 4);
  const auto before = x.values;
  const auto report = check_gradient(square_with(1), x.view());
  CHECK(report);
  CHECK(report.checked == 4);
  CHECK(x.values == before);
}

TEST_CASE("gradcheck: a wrong backward is found, element by element") {
  Input<double> x(1, 3);
  x.values = {0.5, 0, -0.5};  // at 0 a wrong factor cannot be seen
  const auto report = check_gradient(square_with(1.001), x.view());
  CHECK_FALSE(report);
  REQUIRE(report.mismatches.size() == 2);
  CHECK(report.mismatches[0].col == 0);
  CHECK(report.mismatches[1].col == 2);
  std::ostringstream text;
  text << report;
  CHECK_THAT(text.str(), ContainsSubstring("x[0, 2]: backward says"));
}

TEST_CASE("gradcheck: NaN and an empty list never pass") {
  Input<double> x(1, 2);
  x.values[1] = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(check_gradient(square_with(1), x.view()));
  CHECK_FALSE(
      check_gradient([&](Tape<double>& tape) { return probe(x.on(tape)); }, std::vector<CheckedValue>()));
}
