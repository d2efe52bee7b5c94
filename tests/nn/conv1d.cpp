#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "kernels/matrix_units.hpp"
#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<Padding> paddings = {Padding::same, Padding::valid, Padding::causal};

/// What a factor of a product is rounded to.
double whole(double v) {
  return v;
}
double rounded(double v) {
  return static_cast<double>(static_cast<float>(bfloat16::flushed(static_cast<float>(v))));
}

/// One sequence [L, I] through the equation: what lies beyond its ends is zero.
template <class T>
std::vector<double> reference(const std::vector<T>& x, const Conv1d<T>& conv,
                              double (*factor)(double) = whole) {
  const auto& o = conv.options();
  const auto reach = static_cast<std::ptrdiff_t>(o.dilation * (o.kernel - 1)),
             length = static_cast<std::ptrdiff_t>(x.size() / o.input);
  const std::ptrdiff_t left = o.padding == Padding::same     ? reach / 2
                              : o.padding == Padding::causal ? reach
                                                             : 0;
  std::vector<double> y;
  const std::ptrdiff_t last = o.padding == Padding::valid ? length - reach : length;
  for (std::ptrdiff_t first = 0; first < last; first += static_cast<std::ptrdiff_t>(o.stride))
    for (std::size_t c = 0; c < o.output; ++c) {
      double sum = conv.has_bias() ? double{conv.bias.data()[c]} : 0;
      for (std::size_t k = 0; k < o.kernel; ++k) {
        const std::ptrdiff_t s = first + static_cast<std::ptrdiff_t>(k * o.dilation) - left;
        if (s < 0 || s >= length) continue;
        for (std::size_t i = 0; i < o.input; ++i)
          sum += factor(double{conv.weight.view()(c, i * o.kernel + k)}) *
                 factor(double{x[static_cast<std::size_t>(s) * o.input + i]});
      }
      y.push_back(sum);
    }
  return y;
}

/// Every sequence of the result against the equation.
template <class T>
void check_reference(const Conv1d<T>& conv, const std::vector<std::size_t>& lengths, double tolerance,
                     double (*factor)(double) = whole) {
  const auto& o = conv.options();
  INFO("kernel " << o.kernel << ", stride " << o.stride << ", dilation " << o.dilation << ", padding "
                 << static_cast<int>(o.padding));
  const PackedLayout layout(lengths);
  Input<T> x(layout.tokens(), o.input);
  Tape<T> tape;
  const auto y = conv(x.on(tape, layout));
  const auto values = copy_of(y.value());
  REQUIRE(y.layout()->sequences() == lengths.size());
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    const auto expected = reference(sequence_of(x.values, o.input, layout, index), conv, factor);
    const auto found = sequence_of(values, o.output, *y.layout(), index);
    REQUIRE(expected.size() == conv.output_length(lengths[index]) * o.output);
    REQUIRE(y.layout()->rank(index) == layout.rank(index));
    INFO("sequence " << index);
    REQUIRE(difference<T>(found, expected, tolerance) == "");
  }
}

/// Ragged, with sequences shorter than the kernel where that is allowed.
std::vector<std::size_t> lengths_for(Padding padding, std::size_t reach) {
  if (padding == Padding::valid) return {reach + 1, reach + 4, 0, reach + 2, reach + 2};
  return {3, 7, 0, 1, 7, 2, 13};
}

template <class Body> void for_each_shape(Body&& body) {
  for (const std::size_t kernel : {1U, 2U, 3U, 9U})
    for (const std::size_t stride : {1U, 2U, 3U, 5U})
      for (const std::size_t dilation : {1U, 2U, 4U})
        for (const Padding padding : paddings)
          body(Conv1dOptions{.input = 2,
                             .output = 3,
                             .kernel = kernel,
                             .stride = stride,
                             .dilation = dilation,
                             .padding = padding,
                             .bias = kernel != 2},
               lengths_for(padding, dilation * (kernel - 1)));
}

/// Sequences of very different lengths: runs of all kinds, more rows than a block, and many sequences of one
/// step.
std::vector<std::size_t> long_lengths() {
  std::vector<std::size_t> lengths = {700, 41, 650, 0, 700, 38, 300, 299, 33, 64};
  lengths.insert(lengths.end(), 40, 35);
  return lengths;
}

/// Outputs, gradients of x for the given dy, and gradients of the parameters.
template <class T> struct Pass { std::vector<T> y, dx, weights; };
template <class T>
Pass<T> pass_of(Conv1d<T>& conv, std::vector<T> x, const PackedLayout& layout, std::vector<T> dy) {
  Tape<T> tape;
  zero_gradients(conv);
  std::vector<T> dx(x.size());
  const std::size_t width = conv.input();
  const auto y =
      conv(tape.leaf({x.data(), layout.tokens(), width}, layout, {dx.data(), layout.tokens(), width}));
  REQUIRE(dy.size() == y.rows() * y.cols());
  Pass<T> pass{copy_of(y.value()), {}, {}};
  tape.backward(y, {dy.data(), y.rows(), y.cols()});
  pass.dx = dx;
  for_each_parameter(conv, [&](const std::string&, Parameter<T>& p) {
    const auto g = copy_of(p.gradient());
    pass.weights.insert(pass.weights.end(), g.begin(), g.end());
  });
  return pass;
}

}  // namespace

TEST_CASE("conv1d: every sequence of a ragged batch follows the equation, for all shapes") {
  for_each_shape([](const Conv1dOptions& options, const std::vector<std::size_t>& lengths) {
    check_reference(Conv1d<double>(options), lengths, 1e-14);
    check_reference(Conv1d<float>(options), lengths, 1e-6);
  });
}

TEST_CASE("conv1d: gradients of x, weight and bias, for all shapes") {
  for_each_shape([](const Conv1dOptions& options, const std::vector<std::size_t>& lengths) {
    Conv1d<double> conv(options);
    const PackedLayout layout(lengths);
    Input<double> x(layout.tokens(), options.input);
    auto values = checked_values(conv);
    REQUIRE(values.size() == (options.bias ? 2 : 1));
    values.push_back({"x", x.view(), x.gradient()});
    const auto report =
        check_gradient([&](Tape<double>& tape) { return probe<double>(conv(x.on(tape, layout))); }, values);
    INFO("kernel " << options.kernel << ", stride " << options.stride << ", dilation " << options.dilation
                   << ", padding " << static_cast<int>(options.padding) << "\n"
                   << report);
    REQUIRE(report);
  });
}

TEST_CASE("conv1d: long batches of all kinds of runs follow the equation") {
  for (const Padding padding : paddings)
    for (const std::size_t stride : {1U, 2U, 7U, 1000U})
      for (const std::size_t kernel : {4U, 9U}) {
        const Conv1dOptions options{
            .input = 5, .output = 19, .kernel = kernel, .stride = stride, .dilation = 3, .padding = padding};
        check_reference(Conv1d<double>(options), long_lengths(), 1e-14);
        check_reference(Conv1d<double>(options), {900}, 1e-14);
        check_reference(Conv1d<double>(options), {900, 400, 28}, 1e-14);
        check_reference(Conv1d<float>(options), long_lengths(), 2e-6);
      }
}

TEST_CASE("conv1d: gradients of long batches are those of each sequence alone") {
  for (const std::size_t stride : {1U, 3U})
    for (const Padding padding : paddings) {
      Conv1d<double> conv({.input = 4, .output = 6, .kernel = 5, .stride = stride, .padding = padding});
      const auto lengths = long_lengths();
      const PackedLayout layout(lengths);
      std::size_t steps = 0;
      for (const std::size_t n : lengths) steps += conv.output_length(n);
      const auto x = random_values<double>(layout.tokens() * 4, 3), dy = random_values<double>(steps * 6, 4);
      const auto together = pass_of(conv, x, layout, dy);
      PackedLayout windows;
      windows.assign_shorter(layout, [&](std::size_t n) { return conv.output_length(n); });
      std::vector<double> weights(together.weights.size());
      for (std::size_t index = 0; index < lengths.size(); ++index) {
        const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
        const auto one =
            pass_of(conv, sequence_of(x, 4, layout, index), alone, sequence_of(dy, 6, windows, index));
        REQUIRE(same_bits(one.y, sequence_of(together.y, 6, windows, index)));
        REQUIRE(same_bits(one.dx, sequence_of(together.dx, 4, layout, index)));
        for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += one.weights[i];
      }
      CHECK(difference<double>(together.weights, weights, 1e-13) == "");
    }
}

TEST_CASE("conv1d: the same bits for any number of threads, a row's whatever its batch, on all units") {
  const auto lengths = long_lengths();
  const PackedLayout layout(lengths);
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const std::size_t stride : {1U, 2U}) {
      Conv1d<float> conv(
          {.input = 33, .output = 20, .kernel = 3, .stride = stride, .dilation = 2, .precision = precision});
      PackedLayout steps;
      steps.assign_shorter(layout, [&](std::size_t n) { return conv.output_length(n); });
      const auto x = random_values<float>(layout.tokens() * 33, 3),
                 dy = random_values<float>(steps.tokens() * 20, 4);
      std::vector<std::vector<float>> units;
      const auto check = [&] {
        check_threads([&] {
          const auto pass = pass_of(conv, x, layout, dy);
          auto all = pass.y;
          all.insert(all.end(), pass.dx.begin(), pass.dx.end());
          all.insert(all.end(), pass.weights.begin(), pass.weights.end());
          units.push_back(all);
          return all;
        });
        const auto together = pass_of(conv, x, layout, dy);
        for (const std::size_t index : {0U, 1U, 3U, 7U, 49U}) {
          const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
          const auto one =
              pass_of(conv, sequence_of(x, 33, layout, index), alone, sequence_of(dy, 20, steps, index));
          CHECK(same_bits(one.y, sequence_of(together.y, 20, steps, index)));
          CHECK(same_bits(one.dx, sequence_of(together.dx, 33, layout, index)));
        }
      };
      if (precision == Precision::bf16) {
        for_each_matrix_unit(check);
      } else {
        check();
      }
      for (const auto& bits : units) CHECK(same_bits(units.front(), bits));
    }
}

TEST_CASE("conv1d: bf16 rounds the factors and nothing else, gradients are close to those of f32") {
  for (const std::size_t stride : {1U, 2U}) {
    Conv1d<float> conv(
        {.input = 37, .output = 21, .kernel = 5, .stride = stride, .precision = Precision::bf16});
    check_reference(conv, lengths_for(Padding::same, 4), 2e-6, rounded);
    check_reference(conv, long_lengths(), 2e-6, rounded);
    const PackedLayout layout(long_lengths());
    PackedLayout steps;
    steps.assign_shorter(layout, [&](std::size_t n) { return conv.output_length(n); });
    const auto x = random_values<float>(layout.tokens() * 37, 3),
               dy = random_values<float>(steps.tokens() * 21, 4);
    const auto half = pass_of(conv, x, layout, dy);
    conv.set_precision(Precision::f32);
    CHECK(conv.precision() == Precision::f32);
    const auto exact = pass_of(conv, x, layout, dy);
    const auto cosine = [](const std::vector<float>& a, const std::vector<float>& b) {
      double ab = 0, aa = 0, bb = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        ab += double{a[i]} * double{b[i]};
        aa += double{a[i]} * double{a[i]};
        bb += double{b[i]} * double{b[i]};
      }
      return ab / std::sqrt(aa * bb);
    };
    CHECK(half.y != exact.y);
    CHECK(cosine(half.y, exact.y) > 0.9999);
    CHECK(cosine(half.dx, exact.dx) > 0.9999);
    CHECK(cosine(half.weights, exact.weights) > 0.9999);
  }
}

TEST_CASE("conv1d: a causal stream gives the bits of whole sequences") {
  constexpr std::size_t streams = 3, length = 40;
  const PackedLayout layout(std::vector<std::size_t>(streams, length));
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const std::size_t kernel : {1U, 2U, 5U})
      for (const bool bias : {true, false}) {
        const Conv1d<float> conv({.input = 7,
                                  .output = 18,
                                  .kernel = kernel,
                                  .dilation = 3,
                                  .padding = Padding::causal,
                                  .bias = bias,
                                  .precision = precision});
        Input<float> x(layout.tokens(), 7);
        const FlushDenormals flush;
        Tape<float> tape(Mode::inference);
        const auto whole_sequences = copy_of(conv(x.on(tape, layout)).value());
        auto state = conv.initial_state(streams);
        CHECK(state.streams() == streams);
        std::vector<float> found;
        for (std::size_t t = 0; t < length; ++t) {
          auto copy = state;  // goes its own way
          const auto rows = x.view().row_range(t * streams, streams);
          const auto y = copy_of(conv.step(rows, t % 2 == 0 ? state : copy));
          if (t % 2 == 1) state = copy;
          found.insert(found.end(), y.begin(), y.end());
        }
        CHECK(same_bits(found, whole_sequences));
      }
}

TEST_CASE("conv1d: PyTorch's outputs and gradients", "[golden]") {
  const auto check = [](const Golden& g, auto number, double tolerance) {
    using T = decltype(number);
    const auto lengths = g.config["lengths"].get<std::vector<std::size_t>>();
    const PackedLayout layout(lengths);
    const auto packed = [&](const std::string& name, const PackedLayout& steps, std::size_t width) {
      std::vector<T> rows(steps.tokens() * width);
      std::size_t next = 0;
      for (std::size_t index = 0; index < lengths.size(); ++index)
        for (std::size_t t = 0, r = steps.rank(index); t < steps.length(r); ++t)
          for (std::size_t c = 0; c < width; ++c)
            rows[(steps.offset(t) + r) * width + c] = static_cast<T>(g.tensor(name).data.at(next++));
      REQUIRE(next == g.tensor(name).data.size());
      return rows;
    };
    const auto in_order = [&](const std::vector<T>& rows, const PackedLayout& steps, std::size_t width) {
      std::vector<T> all;
      for (std::size_t index = 0; index < lengths.size(); ++index) {
        const auto one = sequence_of(rows, width, steps, index);
        all.insert(all.end(), one.begin(), one.end());
      }
      return all;
    };
    const std::size_t input = g.tensor("x").shape[1];
    for (const auto& c : g.config["cases"]) {
      const auto name = c["name"].get<std::string>(), padding = c["padding"].get<std::string>();
      const auto& weight = g.tensor(name + ".weight");
      Conv1d<T> conv({.input = input,
                      .output = weight.shape[0],
                      .kernel = c["kernel"].get<std::size_t>(),
                      .stride = c["stride"].get<std::size_t>(),
                      .dilation = c["dilation"].get<std::size_t>(),
                      .padding = padding == "same"    ? Padding::same
                                 : padding == "valid" ? Padding::valid
                                                      : Padding::causal,
                      .bias = g.tensors.count(name + ".bias") > 0});
      for_each_parameter(conv, [&](const std::string& key, Parameter<T>& p) {
        const auto& values = g.tensor(name + "." + key);
        REQUIRE(values.shape == p.shape());
        std::transform(values.data.begin(), values.data.end(), p.edit().data(),
                       [](double v) { return static_cast<T>(v); });
      });
      PackedLayout steps;
      steps.assign_shorter(layout, [&](std::size_t n) { return conv.output_length(n); });
      const auto pass =
          pass_of(conv, packed("x", layout, input), layout, packed(name + ".probe", steps, conv.output()));
      const auto close = [&](const std::vector<T>& found, const std::string& what) {
        check_close<T>(found, g.tensor(name + "." + what).data, tolerance, name + " " + what);
      };
      close(in_order(pass.y, steps, conv.output()), "y");
      close(in_order(pass.dx, layout, input), "d_x");
      close(copy_of(conv.weight.gradient()), "d_weight");
      if (conv.has_bias()) close(copy_of(conv.bias.gradient()), "d_bias");
    }
  };
  for (const char* name : {"conv1d", "conv1d_valid"}) {
    check(Golden::load(name), double{}, 1e-10);
    check(Golden::load(name), float{}, 1e-5);
  }
}

TEST_CASE("conv1d: a layout of its own only where lengths change, and no reverse columns") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 2);
  Tape<float> tape;
  const auto layout_of = [&](Conv1dOptions options) {
    options.input = 2;
    options.output = 3;
    const auto y = Conv1d<float>(options)(x.on(tape, layout));
    CHECK(y.reverse_from() == y.cols());
    CHECK(y.cols() == 3);
    return y.layout();
  };
  CHECK(layout_of({.kernel = 3}) == &layout);
  CHECK(layout_of({.kernel = 3, .padding = Padding::causal}) == &layout);
  CHECK(layout_of({.kernel = 1, .padding = Padding::valid}) == &layout);
  CHECK(layout_of({.kernel = 3, .stride = 2}) != &layout);
  CHECK(layout_of({.kernel = 3, .stride = 2})->tokens() == 2 + 3 + 0 + 1 + 3 + 1);
}

TEST_CASE("conv1d: frozen parameters and inputs that need no gradient get none") {
  const PackedLayout layout(ragged_lengths);
  Conv1d<float> conv({.input = 2, .output = 3, .kernel = 3});
  Input<float> x(ragged_tokens, 2);
  conv.weight.trainable = false;
  Tape<float> tape;
  tape.backward(probe<float>(conv(x.on(tape, layout))));
  CHECK(copy_of(conv.weight.gradient()) == std::vector<float>(18));
  CHECK(copy_of(conv.bias.gradient()) != std::vector<float>(3));
  CHECK(x.gradients != std::vector<float>(x.gradients.size()));
  conv.bias.trainable = false;
  CHECK(conv(x.on(tape, layout)).needs_gradient());
  CHECK_FALSE(conv(tape.leaf(x.view(), layout)).needs_gradient());
  const auto batch = ones_of_lengths({3, 1});
  CHECK_FALSE(conv(tape, OneHot<float>(2)(batch)).needs_gradient());
  Embedding<float> embedding({.vocabulary = 2, .dim = 2});
  CHECK(conv(tape, embedding(batch)).needs_gradient());
  tape.reset();
  tape.backward(probe<float>(conv(tape, embedding(batch))));
  CHECK(copy_of(conv.weight.gradient()) == std::vector<float>(18));
  CHECK(copy_of(embedding.weight.gradient()) != std::vector<float>(4));
}

TEST_CASE("conv1d: a NaN reaches the windows that read it and no other sequence") {
  const PackedLayout layout(std::vector<std::size_t>{6, 6});
  Conv1d<float> conv({.input = 1, .output = 1, .kernel = 3});
  Input<float> x(12, 1);
  x.values[2 * 2] = std::numeric_limits<float>::quiet_NaN();  // step 2 of the first sequence
  Tape<float> tape;
  const auto y = conv(x.on(tape, layout));
  for (std::size_t t = 0; t < 6; ++t) {
    CHECK(std::isnan(y.value()(2 * t, 0)) == (t >= 1 && t <= 3));
    CHECK_FALSE(std::isnan(y.value()(2 * t + 1, 0)));
  }
  tape.backward(probe<float>(y));
  for (const float g : copy_of(conv.weight.gradient())) CHECK(std::isnan(g));
  CHECK_FALSE(std::isnan(conv.bias.gradient()(0, 0)));
}

TEST_CASE("conv1d: batches without any token, and layers that are pooled behind it") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  for (const Padding padding : paddings) {
    Conv1d<float> conv({.input = 2, .output = 3, .kernel = 3, .stride = 2, .padding = padding});
    Tape<float> tape;
    const auto y = conv(tape.leaf({nullptr, 0, 2}, layout));
    CHECK(y.rows() == 0);
    CHECK(y.layout()->sequences() == 2);
    CHECK(copy_of(max(y).value()) == std::vector<float>(6));
    tape.backward(probe<float>(max(y)));
    CHECK(copy_of(conv.weight.gradient()) == std::vector<float>(18));
  }
}

TEST_CASE("conv1d: steps after the second allocate nothing") {
  const PackedLayout layout(long_lengths());
  const auto batch = ones_of_lengths(ragged_lengths);
  Embedding<float> embedding({.vocabulary = 3, .dim = 5});
  Conv1d<float> conv({.input = 5, .output = 20, .kernel = 9, .stride = 2}),
      next({.input = 20, .output = 4, .kernel = 3});
  Input<float> x(layout.tokens(), 5);
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(next(conv(x.on(tape, layout))))); });
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(next(conv(tape, embedding(batch))))); });
}

TEST_CASE("conv1d: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  Conv1d<float> a({.input = 2, .output = 3, .kernel = 3}), b({.input = 2, .output = 3, .kernel = 3});
  b.initialize({.seed = 7});
  Input<float> x(ragged_tokens, 2);
  check_rule_of_five(a, b, [&](Conv1d<float>& conv) { return values_and_gradients(conv, x, layout); });
}

TEST_CASE("conv1d: PyTorch's names, shapes and bounds, also in files") {
  Conv1d<double> conv({.input = 8, .output = 300, .kernel = 2}),
      other({.input = 8, .output = 300, .kernel = 2});
  std::vector<std::string> names;
  for_each_parameter(conv, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name);
    const auto values = copy_of(p.view());
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    CHECK(*low >= -0.25);
    CHECK(*low < -0.24);
    CHECK(*high < 0.25);
    CHECK(*high > 0.24);
  });
  CHECK(names == std::vector<std::string>{"weight", "bias"});
  CHECK(conv.weight.shape() == std::vector<std::size_t>{300, 8, 2});
  other.initialize({.seed = 9});
  const auto file = io::state_dict(other);
  REQUIRE(file.find("weight") != nullptr);
  CHECK(file.find("weight")->shape == std::vector<std::size_t>{300, 8, 2});
  io::load_state_dict(conv, file, "file");
  CHECK(copy_of(conv.weight.view()) == copy_of(other.weight.view()));
  Conv1d<double> wider({.input = 2, .output = 300, .kernel = 8});  // as many numbers
  CHECK_THROWS_WITH(
      io::load_state_dict(wider, file, "file"),
      "file: tensor 'weight' has shape [300, 8, 2], the model expects [300, 2, 8]; give the file of a "
      "model of this shape");
}

TEST_CASE("conv1d: mistakes are named") {
  Tape<float> tape;
  const std::vector<std::size_t> lengths = {9, 4, 0, 12};
  PackedLayout layout;
  layout.assign(lengths, std::vector<std::uint64_t>{100, 101, 102, 103});
  Input<float> x(25, 5);
  Conv1d<float> conv({.input = 4, .output = 3, .kernel = 3, .name = "motifs"});
  CHECK_THROWS_WITH(conv(x.on(tape, layout)), "conv1d 'motifs': input has 5 columns, weight expects 4");
  const auto batch = ones_of_lengths({2}), unknown = token_batch({{7}});
  CHECK_THROWS_WITH(conv(tape, OneHot<float>(5)(batch)),
                    "conv1d 'motifs': input has 5 columns, weight expects 4");
  CHECK_THROWS_AS(conv(tape, OneHot<float>(4)(unknown)), token_error);
  CHECK_THROWS_WITH(
      Conv1d<float>({.input = 4, .output = 3}),
      "conv1d: input, output, kernel, stride and dilation must be at least 1, got 4, 3, 0, 1, 1");
  CHECK_THROWS_AS(Conv1d<float>({.input = 4, .output = 3, .kernel = 2, .dilation = SIZE_MAX}), option_error);
  CHECK_THROWS_AS(Conv1d<float>({.input = 4, .output = SIZE_MAX, .kernel = 2}), option_error);
  CHECK_THROWS_WITH(Conv1d<double>({.input = 4, .output = 3, .kernel = 2, .precision = Precision::bf16}),
                    "conv1d: bf16 is for networks of floats; this one is of doubles");
  Conv1d<float> valid({.input = 5, .output = 3, .kernel = 3, .dilation = 3, .padding = Padding::valid});
  CHECK_THROWS_AS(valid(x.on(tape, layout)), shape_error);
  CHECK_THROWS_WITH(
      valid(x.on(tape, layout)),
      "conv1d: record 101 has 4 tokens, a kernel of 3 with dilation 3 needs 7; leave shorter records out "
      "or choose the padding same or causal");
  CHECK_THROWS_WITH(
      conv.initial_state(2),
      "conv1d 'motifs': streams are for causal padding and stride 1; other convolutions read tokens that "
      "are not there yet");
  Conv1d<float> causal({.input = 5, .output = 3, .kernel = 3, .padding = Padding::causal}),
      longer({.input = 5, .output = 3, .kernel = 4, .padding = Padding::causal});
  auto streams = causal.initial_state(2);
  CHECK_THROWS_WITH(causal.step(x.view().row_range(0, 3), streams),
                    "conv1d: got 3 tokens for 2 streams, expected one each");
  CHECK_THROWS_WITH(longer.step(x.view().row_range(0, 2), streams),
                    "conv1d: the streams are of another layer; make them with initial_state");
  CHECK_THROWS_WITH(causal.step(x.view().row_range(0, 2).columns(0, 4), streams),
                    "conv1d: input has 4 columns, weight expects 5");
}
