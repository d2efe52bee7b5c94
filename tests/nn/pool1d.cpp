#include <seqlstm/nn/pool1d.hpp>

#include <seqlstm/nn/pooling.hpp>

#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Largest values (or means) of the windows of one sequence [L, cols], as PyTorch counts windows.
template <class T>
std::vector<double> reference(const std::vector<T>& x, std::size_t cols, const Pool1dOptions& o,
                              bool largest) {
  const std::size_t length = x.size() / cols, stride = o.stride == 0 ? o.kernel : o.stride;
  std::vector<double> y;
  for (std::size_t first = 0; first < length; first += stride) {
    const std::size_t end = std::min(length, first + o.kernel);
    if (end - first < o.kernel && !o.ceil_mode) break;
    for (std::size_t c = 0; c < cols; ++c) {
      double best = -infinity, sum = 0;
      for (std::size_t t = first; t < end; ++t) {
        best = std::max(best, double{x[t * cols + c]});
        sum += double{x[t * cols + c]};
      }
      y.push_back(largest ? best : sum / static_cast<double>(end - first));
    }
    if (end == length && first + o.kernel >= length)
      break;  // PyTorch's ceil: no window more than one past the end
  }
  return y;
}

/// Body(options, lengths that they take) for all shapes.
template <class Body> void for_each_shape(Body&& body) {
  for (const std::size_t kernel : {1U, 2U, 3U, 5U})
    for (const std::size_t stride : {0U, 1U, 2U, 3U, 7U})
      for (const bool ceil_mode : {false, true}) {
        std::vector<std::size_t> lengths = {kernel + 6, kernel,     0,         kernel + 1,
                                            3 * kernel, kernel + 6, kernel + 2};
        if (ceil_mode) lengths.insert(lengths.end(), {1, 2, 3, 4});
        body(Pool1dOptions{.kernel = kernel, .stride = stride, .ceil_mode = ceil_mode}, lengths);
      }
}

/// Sequences of very different lengths, more rows than a block.
std::vector<std::size_t> long_lengths() {
  std::vector<std::size_t> lengths = {900, 41, 650, 0, 900, 38, 300};
  lengths.insert(lengths.end(), 40, 35);
  return lengths;
}

template <class T, class Pool>
void check_reference(const Pool& pool, const std::vector<std::size_t>& lengths, bool largest,
                     double tolerance) {
  constexpr std::size_t cols = 3;
  INFO("kernel " << pool.options().kernel << ", stride " << pool.options().stride << ", ceil "
                 << pool.options().ceil_mode);
  const PackedLayout layout(lengths);
  Input<T> x(layout.tokens(), cols);
  Tape<T> tape;
  const auto y = pool(x.on(tape, layout));
  const auto values = copy_of(y.value());
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    const auto expected =
        reference(sequence_of(x.values, cols, layout, index), cols, pool.options(), largest);
    INFO("sequence " << index << " of " << lengths[index] << " tokens");
    REQUIRE(expected.size() == cols * pool.output_length(lengths[index]));
    REQUIRE(y.layout()->rank(index) == layout.rank(index));
    REQUIRE(difference<T>(sequence_of(values, cols, *y.layout(), index), expected, tolerance) == "");
  }
}

}  // namespace

TEST_CASE("pool1d: windows of every sequence of a ragged batch, for all shapes") {
  for_each_shape([](const Pool1dOptions& options, const std::vector<std::size_t>& lengths) {
    check_reference<double>(MaxPool1d(options), lengths, true, 0);
    check_reference<double>(AvgPool1d(options), lengths, false, 1e-15);
    check_reference<float>(MaxPool1d(options), lengths, true, 0);
    check_reference<float>(AvgPool1d(options), lengths, false, 1e-6);
  });
  for (const std::size_t stride : {1U, 2U, 3U, 1000U}) {
    check_reference<double>(MaxPool1d({.kernel = 3, .stride = stride}), long_lengths(), true, 0);
    check_reference<double>(AvgPool1d({.kernel = 3, .stride = stride}), long_lengths(), false, 1e-15);
    check_reference<double>(AvgPool1d({.kernel = 800, .stride = stride, .ceil_mode = true}), long_lengths(),
                            false, 1e-14);
  }
}

TEST_CASE("pool1d: gradients, for all shapes") {
  for_each_shape([](const Pool1dOptions& options, const std::vector<std::size_t>& lengths) {
    const PackedLayout layout(lengths);
    Input<double> x(layout.tokens(), 2);
    const std::vector<CheckedValue> values = {{"x", x.view(), x.gradient()}};
    const MaxPool1d largest(options);
    const AvgPool1d mean(options);
    INFO("kernel " << options.kernel << ", stride " << options.stride << ", ceil " << options.ceil_mode);
    const auto of_max = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(largest(x.on(tape, layout))); }, values);
    INFO(of_max);
    REQUIRE(of_max);
    const auto of_both = check_gradient(
        [&](Tape<double>& tape) {  // the second to send a gradient adds to the first's
          const auto v = x.on(tape, layout);
          return probe<double>(concat(max(largest(v)), max(mean(v)), adaptive_mean(mean(v), 2)));
        },
        values);
    INFO(of_both);
    REQUIRE(of_both);
  });
}

TEST_CASE("pool1d: PyTorch's outputs and gradients", "[golden]") {
  const Golden g = Golden::load("pool1d");
  const auto lengths = g.config["lengths"].get<std::vector<std::size_t>>();
  const PackedLayout layout(lengths);
  const std::size_t cols = g.tensor("x").shape[1];
  const auto packed = [&](const std::string& name, const PackedLayout& steps) {
    std::vector<double> rows(steps.tokens() * cols);
    std::size_t next = 0;
    for (std::size_t index = 0; index < lengths.size(); ++index)
      for (std::size_t t = 0, r = steps.rank(index); t < steps.length(r); ++t)
        for (std::size_t c = 0; c < cols; ++c)
          rows[(steps.offset(t) + r) * cols + c] = g.tensor(name).data.at(next++);
    REQUIRE(next == g.tensor(name).data.size());
    return rows;
  };
  auto x = packed("x", layout);
  for (const auto& c : g.config["cases"]) {
    const auto name = c["name"].get<std::string>();
    const Pool1dOptions options{.kernel = c["kernel"].get<std::size_t>(),
                                .stride = c["stride"].get<std::size_t>(),
                                .ceil_mode = c["ceil_mode"].get<bool>()};
    const auto check = [&](const auto& pool, const std::string& kind) {
      std::vector<double> dx(x.size());
      Tape<double> tape;
      const auto y =
          pool(tape.leaf({x.data(), layout.tokens(), cols}, layout, {dx.data(), layout.tokens(), cols}));
      check_close<double>(copy_of(y.value()), packed(name + "." + kind, *y.layout()), 1e-10,
                          name + " " + kind);
      const auto probe_of = packed(name + ".probe", *y.layout());
      tape.backward(y, {probe_of.data(), y.rows(), cols});
      check_close<double>(dx, packed(name + ".d_x_" + kind, layout), 1e-10, name + " d_x " + kind);
    };
    check(MaxPool1d(options), "max");
    check(AvgPool1d(options), "avg");
  }
}

TEST_CASE("pool1d: the gradient goes to the first maximum, and a NaN is the largest") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const PackedLayout layout(std::vector<std::size_t>{9});
  std::vector<double> x = {2, 5, 5, nan, 9, nan, -infinity, -infinity, -infinity}, dx(9);
  Tape<double> tape;
  const auto y = MaxPool1d({.kernel = 3})(tape.leaf({x.data(), 9, 1}, layout, {dx.data(), 9, 1}));
  REQUIRE(y.rows() == 3);
  CHECK(y.value()(0, 0) == 5);
  CHECK(std::isnan(y.value()(1, 0)));
  CHECK(y.value()(2, 0) == -infinity);
  const std::vector<double> dy = {1, 2, 3};
  tape.backward(y, {dy.data(), 3, 1});
  CHECK(dx == std::vector<double>{0, 1, 0, 2, 0, 0, 3, 0, 0});
  const auto mean = AvgPool1d({.kernel = 3})(tape.leaf({x.data(), 9, 1}, layout));
  CHECK(mean.value()(0, 0) == 4);
  CHECK(std::isnan(mean.value()(1, 0)));
}

TEST_CASE("pool1d: the same bits for any number of threads, a row's whatever its batch") {
  const auto lengths = long_lengths();
  const PackedLayout layout(lengths);
  const MaxPool1d largest({.kernel = 3, .stride = 2});
  const AvgPool1d mean({.kernel = 5, .stride = 2});
  Input<float> x(layout.tokens(), 33);
  const auto both = [&](const SeqVar<float>& v) { return std::pair{largest(v), mean(v)}; };
  check_threads([&] {
    Tape<float> tape;
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto [a, b] = both(x.on(tape, layout));
    tape.backward(probe<float>(concat(probe<float>(a), probe<float>(b))));
    auto result = copy_of(a.value());
    for (const auto& more : {copy_of(b.value()), x.gradients})
      result.insert(result.end(), more.begin(), more.end());
    return result;
  });
  Tape<float> tape(Mode::inference);
  const auto [a, b] = both(x.on(tape, layout));
  for (const std::size_t index : {0U, 1U, 3U, 20U}) {
    auto rows = sequence_of(x.values, 33, layout, index);
    const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
    Tape<float> own(Mode::inference);
    const auto [c, d] = both(own.leaf({rows.data(), lengths[index], 33}, alone));
    CHECK(same_bits(copy_of(c.value()), sequence_of(copy_of(a.value()), 33, *a.layout(), index)));
    CHECK(same_bits(copy_of(d.value()), sequence_of(copy_of(b.value()), 33, *b.layout(), index)));
  }
}

TEST_CASE("pool1d: batches without any token, and inputs that need no gradient") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0}), ragged(ragged_lengths);
  Input<float> x(ragged_tokens, 2);
  const auto check = [&](const auto& pool) {
    Tape<float> tape;
    const auto y = pool(tape.leaf({nullptr, 0, 2}, layout));
    CHECK(y.rows() == 0);
    CHECK(y.layout()->sequences() == 2);
    CHECK(copy_of(max(y).value()) == std::vector<float>(4));
    CHECK_FALSE(pool(tape.leaf(x.view(), ragged)).needs_gradient());
    CHECK(pool(x.on(tape, ragged)).needs_gradient());
    CHECK(pool(x.on(tape, ragged)).reverse_from() == 2);
  };
  check(MaxPool1d({.kernel = 3, .ceil_mode = true}));
  check(AvgPool1d({.kernel = 3, .ceil_mode = true}));
}

TEST_CASE("pool1d: steps after the second allocate nothing") {
  const PackedLayout layout(long_lengths());
  Input<float> x(layout.tokens(), 9);
  const MaxPool1d largest({.kernel = 3, .stride = 2});
  const AvgPool1d mean({.kernel = 2});
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(mean(largest(x.on(tape, layout))))); });
}

TEST_CASE("pool1d: copies, moves, assignments and swaps keep the windows") {
  const PackedLayout layout(std::vector<std::size_t>{7, 9});
  Input<float> x(16, 2);
  const auto result = [&](auto& pool) { return values_and_gradients(pool, x, layout); };
  check_rule_of_five(MaxPool1d({.kernel = 3}), MaxPool1d({.kernel = 2}), result);
  check_rule_of_five(AvgPool1d({.kernel = 3}), AvgPool1d({.kernel = 2}), result);
}

TEST_CASE("pool1d: mistakes are named") {
  PackedLayout layout;
  layout.assign(std::vector<std::size_t>{9, 2, 0, 12}, std::vector<std::uint64_t>{100, 101, 102, 103});
  Input<float> x(23, 1);
  Tape<float> tape;
  CHECK_THROWS_WITH(MaxPool1d(Pool1dOptions{.name = "down"}),
                    "max_pool1d 'down': the kernel is 0, expected at least one token");
  MaxPool1d pool({.kernel = 3});
  CHECK(pool.options().stride == 3);
  set_names(pool);
  pool.name = "down";
  CHECK_THROWS_AS(pool(x.on(tape, layout)), shape_error);
  CHECK_THROWS_WITH(
      pool(x.on(tape, layout)),
      "max_pool1d 'down': record 101 has 2 steps, a kernel of 3 needs as many; leave shorter records out "
      "or set ceil_mode");
  CHECK_THROWS_WITH(
      AvgPool1d({.kernel = 3})(x.on(tape, layout)),
      "avg_pool1d: record 101 has 2 steps, a kernel of 3 needs as many; leave shorter records out or set "
      "ceil_mode");
}
