#include <seqlstm/nn/dropout.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/module.hpp>

#include <set>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// The mask of one step over ones: 0 or 1 / (1 - p) in every place.
template <class... Layout>
std::vector<float> mask_of(Dropout<float> dropout, std::size_t rows, std::size_t cols, std::uint64_t seed,
                           std::uint32_t step, const Layout&... layout) {
  Tape<float> tape;
  tape.set_seed(seed);
  tape.reset(step);
  std::vector<float> ones(rows * cols, 1.0F);
  return copy_of(dropout(tape.leaf({ones.data(), rows, cols}, layout...)).value());
}

}  // namespace

TEST_CASE("dropout: a share p is zero, the rest is scaled to keep the mean") {
  for (const double p : {0.1, 0.5, 0.9}) {
    const auto mask = mask_of(Dropout<float>(p), 400, 250, 1, 0);
    std::size_t zeros = 0;
    for (const float v : mask) {
      if (v == 0.0F) {
        ++zeros;
      } else {
        REQUIRE(v == static_cast<float>(1 / (1 - p)));
      }
    }
    CHECK(static_cast<double>(zeros) / 1e5 == Approx(p).margin(0.006));  // four standard deviations
  }
}

TEST_CASE("dropout: masks differ by seed, step, layer, row and column") {
  const Dropout<float> half(0.5);
  const auto mask = mask_of(half, 40, 30, 1, 0);
  CHECK(mask_of(half, 40, 30, 1, 0) == mask);
  CHECK(mask_of(half, 40, 30, 2, 0) != mask);
  CHECK(mask_of(half, 40, 30, 1, 1) != mask);
  std::set<std::vector<float>> rows, columns;
  for (std::size_t r = 0; r < 40; ++r)
    rows.emplace(mask.begin() + static_cast<std::ptrdiff_t>(r * 30),
                 mask.begin() + static_cast<std::ptrdiff_t>(r * 30 + 30));
  for (std::size_t c = 0; c < 30; ++c) {
    std::vector<float> column;
    for (std::size_t r = 0; r < 40; ++r) column.push_back(mask[r * 30 + c]);
    columns.insert(column);
  }
  CHECK(rows.size() == 40);
  CHECK(columns.size() == 30);

  Tape<float> tape;
  Dropout<float> first(0.5), second(0.5);
  std::vector<float> ones(1200, 1.0F);
  const auto x = tape.leaf({ones.data(), 40, 30});
  CHECK(copy_of(first(x).value()) != copy_of(second(x).value()));
}

TEST_CASE("dropout: a record's mask follows it through any batch") {
  const std::vector<std::size_t> lengths = {3, 5, 0, 1, 5, 2};
  const std::vector<std::uint64_t> records = {70, 71, 72, 73, 74, 75};
  PackedLayout all, other;
  all.assign(lengths, records);
  other.assign(std::vector<std::size_t>{2, 3, 9}, std::vector<std::uint64_t>{75, 70, 80});
  for (const bool variational : {false, true}) {
    const Dropout<float> dropout(DropoutOptions{0.5, variational, {}});
    const auto a = mask_of(dropout, all.tokens(), 33, 1, 0, all);
    const auto b = mask_of(dropout, other.tokens(), 33, 1, 0, other);
    for (const auto& [in_all, in_other] : {std::pair{5U, 0U}, std::pair{0U, 1U}})
      for (std::size_t t = 0; t < lengths[in_all]; ++t)
        REQUIRE(std::memcmp(&a[(all.offset(t) + all.rank(in_all)) * 33],
                            &b[(other.offset(t) + other.rank(in_other)) * 33], 33 * sizeof(float)) == 0);
  }
  // Rows of a Var stand in the caller's order, and belong to the same records.
  Tape<float> tape;
  std::vector<float> ones(6 * 33, 1.0F);
  Dropout<float> dropout(0.5);
  const auto of = [&](const PackedLayout& layout, std::size_t rows) {
    tape.reset(1);
    auto x = tape.make(rows, 33, true, &layout);
    std::fill_n(x.node()->value.data(), rows * 33, 1.0F);
    return copy_of(dropout(x).value());
  };
  const auto a = of(all, 6), b = of(other, 3);
  CHECK(std::equal(a.begin(), a.begin() + 33, b.begin() + 33));  // record 70
  CHECK(std::equal(a.begin() + 5 * 33, a.end(), b.begin()));     // record 75
  CHECK_FALSE(std::equal(a.begin(), a.begin() + 33, a.begin() + 33));
}

TEST_CASE("dropout: steps have masks of their own, a variational mask is the same for all") {
  const PackedLayout layout(std::vector<std::size_t>{4, 4});
  for (const bool variational : {false, true}) {
    const auto mask = mask_of(Dropout<float>(DropoutOptions{0.5, variational, {}}), 8, 40, 1, 0, layout);
    std::set<std::vector<float>> first;
    for (std::size_t t = 0; t < 4; ++t) {
      const auto begin = mask.begin() + static_cast<std::ptrdiff_t>(layout.offset(t) * 40);
      first.emplace(begin, begin + 40);
    }
    CHECK(first.size() == (variational ? 1 : 4));
    CHECK_FALSE(std::equal(mask.begin(), mask.begin() + 40, mask.begin() + 40));  // two sequences
  }
}

TEST_CASE("dropout: gradients go through the same mask") {
  const PackedLayout layout(ragged_lengths);
  for (const bool variational : {false, true}) {
    Dropout<double> dropout(DropoutOptions{0.4, variational, {}});
    Input<double> x(ragged_tokens, 7);
    const auto tokens =
        check_gradient([&](Tape<double>& tape) { return probe<double>(dropout(x.on(tape, layout))); },
                       {{"x", x.view(), x.gradient()}});
    INFO(tokens);
    CHECK(tokens);
    const auto rows = check_gradient([&](const Var<double>& v) { return dropout(v); }, x.view());
    INFO(rows);
    CHECK(rows);
  }
}

TEST_CASE("dropout: the identity in inference, when switched off and for p = 0, zeros for p = 1") {
  Input<float> x(3, 5);
  Tape<float> tape, inference(Mode::inference);
  Dropout<float> dropout(0.5), none(0.0), all(1.0);
  CHECK(dropout(x.on(inference)).value().data() == x.values.data());
  CHECK(none(x.on(tape)).value().data() == x.values.data());
  CHECK(copy_of(all(x.on(tape)).value()) == std::vector<float>(15));
  set_training(dropout, false);
  CHECK(dropout(x.on(tape)).value().data() == x.values.data());
  CHECK(dropout.options().p == 0.5);
}

TEST_CASE("dropout: a NaN is not hidden by a zero") {
  std::vector<float> x(100, std::numeric_limits<float>::quiet_NaN());
  Tape<float> tape;
  Dropout<float> dropout(0.5);
  const auto y = copy_of(dropout(tape.leaf({x.data(), 10, 10})).value());
  for (const float v : y) REQUIRE(std::isnan(v));
}

TEST_CASE("dropout: probabilities outside [0, 1] are refused") {
  CHECK_THROWS_WITH(Dropout<float>(1.5), "dropout: p is 1.5, expected a probability from 0 to 1");
  CHECK_THROWS_WITH(Dropout<float>({.p = -0.1, .name = "rnn.drop"}),
                    "dropout 'rnn.drop': p is -0.1, expected a probability from 0 to 1");
  CHECK_THROWS_AS(Dropout<float>(std::numeric_limits<double>::quiet_NaN()), option_error);
}

TEST_CASE("dropout: the same bits for any number of threads, no allocation after the second step") {
  std::vector<std::size_t> lengths(50);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = i * 31 % 40;
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 101);
  for (const bool variational : {false, true}) {
    Dropout<float> dropout(DropoutOptions{0.3, variational, {}});
    check_threads([&] {
      Tape<float> tape;
      std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
      const auto y = dropout(x.on(tape, layout));
      tape.backward(probe<float>(y));
      auto result = copy_of(y.value());
      result.insert(result.end(), x.gradients.begin(), x.gradients.end());
      return result;
    });
    check_no_allocation<float>(
        [&](Tape<float>& tape) { tape.backward(probe<float>(dropout(x.on(tape, layout)))); });
  }
}

TEST_CASE("dropout: copies, moves, assignments and swaps keep the options") {
  Input<float> x(9, 30);
  const Dropout<float> a({.p = 0.3, .name = "a"}), b({.p = 0.6, .name = "b"});
  check_rule_of_five(a, b, [&](Dropout<float>& dropout) {
    auto result = values_and_gradients(dropout, x);
    result.push_back(dropout.name == "a" ? 1.0F : 2.0F);
    return result;
  });
  Dropout<float> off = a;
  off.training = false;
  const Dropout<float> copy = off;
  CHECK_FALSE(copy.training);
}
