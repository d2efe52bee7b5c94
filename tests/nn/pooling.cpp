#include <seqlstm/nn/pooling.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/dropout.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// One column; token t of sequence i (the caller's order) is 10 i + f(t).
struct Numbered {
  PackedLayout layout{ragged_lengths};
  std::vector<double> x = std::vector<double>(ragged_tokens);
  template <class F> explicit Numbered(F f) {
    for (std::size_t r = 0; r < layout.sequences(); ++r)
      for (std::size_t t = 0; t < layout.length(r); ++t)
        x[layout.offset(t) + r] = 10.0 * static_cast<double>(layout.order(r)) + f(t);
  }
  SeqVar<double> on(Tape<double>& tape) { return tape.leaf({x.data(), ragged_tokens, 1}, layout); }
};

double rising(std::size_t t) {
  return static_cast<double>(t);
}
double peak_at_one(std::size_t t) {
  return t == 1 ? 7.0 : 1.0;
}

/// A pooling of a user's own, with a state.
struct ScaledLast {
  float factor = 1;
  [[maybe_unused]] static constexpr std::size_t widths = 1;
  Var<float> operator()(const SeqVar<float>& x) const { return factor * last(x); }
  template <class Visitor> void fields(Visitor&) {}
};

}  // namespace

TEST_CASE("pooling: results stand in the caller's order, empty sequences give zeros") {
  Tape<double> tape;
  Numbered up(rising), peak(peak_at_one);  // lengths 3, 5, 0, 1, 5, 2
  CHECK(copy_of(last(up.on(tape)).value()) == std::vector<double>{2, 14, 0, 30, 44, 51});
  CHECK(copy_of(mean(up.on(tape)).value()) == std::vector<double>{1, 12, 0, 30, 42, 50.5});
  CHECK(copy_of(max(peak.on(tape)).value()) == std::vector<double>{7, 17, 0, 31, 47, 57});
  CHECK(last(up.on(tape)).layout() == &up.layout);
}

TEST_CASE("pooling: means of pieces, which overlap where there are fewer tokens") {
  Tape<double> tape;
  Numbered up(rising);  // lengths 3, 5, 0, 1, 5, 2
  const auto y = copy_of(adaptive_mean(up.on(tape), 2).value());
  CHECK(y == std::vector<double>{0.5, 1.5, 11, 13, 0, 0, 30, 30, 41, 43, 50, 51});
  CHECK(copy_of(adaptive_mean(up.on(tape), 1).value()) == copy_of(mean(up.on(tape)).value()));
  CHECK_THROWS_AS(adaptive_mean(up.on(tape), 0), option_error);
}

TEST_CASE("pooling: last takes a reverse direction's columns at the first token") {
  Tape<double> tape;
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 4);
  auto v = x.on(tape, layout);
  v.node()->reverse_from = 3;
  const auto y = final_states(v);
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t r = layout.rank(i);
    for (std::size_t c = 0; c < 4; ++c) {
      const std::size_t token =
          c < 3 ? layout.offset(std::max<std::size_t>(ragged_lengths[i], 1) - 1) + r : r;
      CHECK(y.value()(i, c) == (ragged_lengths[i] == 0 ? 0.0 : x.view()(token, c)));
    }
  }
}

TEST_CASE("pooling: gradients over ragged rows") {
  const PackedLayout layout(ragged_lengths);
  for (const std::size_t cols : {1U, 5U, 17U}) {
    Input<double> x(ragged_tokens, cols);
    const auto check = [&](auto pool) {
      const auto report = check_gradient(
          [&](Tape<double>& tape) {
            auto v = x.on(tape, layout);
            v.node()->reverse_from = cols / 2;
            return probe<double>(pool(v));
          },
          {{"x", x.view(), x.gradient()}});
      INFO(report);
      CHECK(report);
    };
    check(Last{});
    check(Mean{});
    check(Max{});
    check(Concat<Last, Max, Mean>{});
    check([](const SeqVar<double>& v) { return adaptive_mean(v, 3); });
  }
}

TEST_CASE("pooling: the gradient of max goes to the first maximum") {
  const PackedLayout layout(std::vector<std::size_t>{4});
  std::vector<float> x = {1, 5, 5, 2}, dx(4);
  Tape<float> tape;
  const auto y = max(tape.leaf({x.data(), 4, 1}, layout, {dx.data(), 4, 1}));
  tape.backward(y);
  CHECK(dx == std::vector<float>{0, 1, 0, 0});
}

TEST_CASE("pooling: the first NaN is the maximum") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const PackedLayout layout(std::vector<std::size_t>{5});
  std::vector<float> x = {1, nan, 9, nan, 3}, dx(5);
  Tape<float> tape;
  const auto y = max(tape.leaf({x.data(), 5, 1}, layout, {dx.data(), 5, 1}));
  CHECK(std::isnan(y.value()(0, 0)));
  tape.backward(y);
  CHECK(dx == std::vector<float>{0, 1, 0, 0, 0});
  CHECK(std::isnan(mean(tape.leaf({x.data(), 5, 1}, layout)).value()(0, 0)));
}

TEST_CASE("pooling: negative numbers are maxima too") {
  const PackedLayout layout(std::vector<std::size_t>{2, 0});
  constexpr float inf = std::numeric_limits<float>::infinity();
  std::vector<float> x = {-3, -inf, -2, -inf};
  Tape<float> tape;
  CHECK(copy_of(max(tape.leaf({x.data(), 2, 2}, layout)).value()) == std::vector<float>{-2, -inf, 0, 0});
}

TEST_CASE("pooling: batches without any token") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0, 0});
  Tape<float> tape;
  const auto x = tape.leaf({nullptr, 0, 2}, layout);
  for (const auto& y : {last(x), mean(x), max(x)}) CHECK(copy_of(y.value()) == std::vector<float>(6));
}

TEST_CASE("pooling: the same bits for any number of threads") {
  std::vector<std::size_t> lengths(60);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = i * 37 % 50;
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 100);
  check_threads([&] {
    Tape<float> tape;
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto v = x.on(tape, layout);
    const auto y = concat(last(v), max(v), mean(v), adaptive_mean(v, 4));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    result.insert(result.end(), x.gradients.begin(), x.gradients.end());
    return result;
  });
}

TEST_CASE("pooling: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 9);
  check_no_allocation<float>([&](Tape<float>& tape) {
    const auto v = x.on(tape, layout);
    tape.backward(probe<float>(concat(last(v), max(v), mean(v), adaptive_mean(v, 4))));
  });
}

namespace {

/// last() behind a dropout, which notes when it runs.
struct NotedLast {
  static constexpr std::size_t widths = 1;
  std::size_t number = 0;
  std::vector<std::size_t>* order = nullptr;
  Dropout<double> dropout{0.5};
  Var<double> operator()(const SeqVar<double>& x) const {
    order->push_back(number);
    return dropout(last(x));
  }
  template <class V> void fields(V& v) { v("dropout", dropout); }
};

}  // namespace

TEST_CASE("pooling: a concatenation runs its parts, and draws their dropouts, from left to right") {
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 20);
  std::vector<std::size_t> order, alone;
  const Concat<NotedLast, NotedLast, NotedLast> parts{
      {NotedLast{1, &order}, NotedLast{2, &order}, NotedLast{3, &order}}};
  STATIC_REQUIRE(Concat<NotedLast, NotedLast, NotedLast>::widths == 3);
  Tape<double> together, one_by_one;
  const auto all = copy_of(parts(x.on(together, layout)).value());
  CHECK(order == std::vector<std::size_t>{1, 2, 3});
  const auto own = x.on(one_by_one, layout);
  const auto first = NotedLast{1, &alone}(own), second = NotedLast{2, &alone}(own),
             third = NotedLast{3, &alone}(own);
  CHECK(all == copy_of(concat(first, second, third).value()));
  CHECK(copy_of(first.value()) != copy_of(third.value()));
}

TEST_CASE("pooling: copies, moves, assignments and swaps keep the parts of a concatenation") {
  const auto empty = []<class... Layers>(Layers...) {
    return ((std::is_empty_v<Layers> && std::is_trivially_copyable_v<Layers>)&&...);
  };
  CHECK(empty(Last{}, Mean{}, Max{}));
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 4);
  using Parts = Concat<Mean, ScaledLast>;
  check_rule_of_five(Parts{{Mean{}, ScaledLast{2}}}, Parts{{Mean{}, ScaledLast{3}}},
                     [&](Parts& parts) { return values_and_gradients(parts, x, layout); });
}
