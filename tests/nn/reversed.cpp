#include <seqlstm/nn/reversed.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<std::size_t> lengths = {2, 5, 0, 3};
constexpr std::size_t tokens = 10;

}  // namespace

TEST_CASE("reversed: each sequence by itself, from its last token to its first") {
  const PackedLayout layout(lengths);
  Tape<float> tape;
  Input<float> x(tokens, 3, 1);
  const auto in = x.on(tape, layout);
  const SeqVar<float> y = reversed(in);
  REQUIRE(y.layout() == &layout);
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    for (std::size_t t = 0; t < layout.length(r); ++t) {
      const auto from = in.value().row(layout.offset(layout.length(r) - 1 - t) + r);
      const auto to = y.value().row(layout.offset(t) + r);
      CHECK(std::equal(from.begin(), from.end(), to.begin(), to.end()));
    }
  CHECK(copy_of(reversed(y).value()) == copy_of(in.value()));
  const auto ends = last(y);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] > 0) CHECK(ends.value()(i, 2) == in.value()(layout.rank(i), 2));
}

TEST_CASE("reversed: gradients, also of a value that is read both ways") {
  const PackedLayout layout(lengths);
  Input<double> x(tokens, 3, 1);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto in = x.on(tape, layout);
        const auto back = reversed(in);
        return probe<double>(in * back + reversed(in * in));
      },
      {{"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("reversed: columns that were read backward are read forward afterwards") {
  const PackedLayout layout(lengths);
  Tape<float> tape;
  Input<float> x(tokens, 3, 1);
  auto in = x.on(tape, layout);
  in.node()->reverse_from = 1;  // as of a bidirectional layer
  const SeqVar<float> y = reversed(in);
  CHECK(y.reverse_from() == y.cols());
  const auto ends = last(y);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] > 0)
      for (std::size_t c = 0; c < 3; ++c) CHECK(ends.value()(i, c) == in.value()(layout.rank(i), c));
}
