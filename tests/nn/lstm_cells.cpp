// An Lstm with a projection, peepholes, layer norm and all of them.
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/carried_state.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/sequential.hpp>

#include <algorithm>
#include <map>
#include <type_traits>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// All kinds of cells for so many units.
std::vector<LstmOptions> cells(LstmOptions options) {
  std::vector<LstmOptions> all;
  const std::size_t fewer = options.hidden / 2;
  for (const std::size_t projection : {std::size_t{0}, fewer})
    for (const bool peephole : {false, true})
      for (const bool layer_norm : {false, true}) {
        if (projection == 0 && !peephole && !layer_norm) continue;
        options.projection = projection;
        options.peephole = peephole;
        options.layer_norm = layer_norm;
        all.push_back(options);
      }
  return all;
}
std::string text(const LstmOptions& o) {
  return std::to_string(o.hidden) + " units, projection " + std::to_string(o.projection) +
         (o.peephole ? ", peepholes" : "") + (o.layer_norm ? ", layer norm" : "");
}

/// How far a central difference may be off: where few units vary little their normalised numbers bend much.
/// Reference vectors hold the same gradients to 1e-10.
double difference(const LstmOptions& o) {
  return o.layer_norm ? 5e-6 : 1e-7;
}

/// Weights that are no identity.
template <class T> void draw(Lstm<T>& lstm, std::uint64_t seed = 3) {
  RandomStream random(seed);
  for_each_parameter(lstm, [&](const std::string& name, Parameter<T>& p) {
    const double centre = name.starts_with("norm") && name.find("bias") == std::string::npos ? 1 : 0;
    init::uniform(p.edit(), random, centre - 0.6, centre + 0.6);
  });
}
template <class T> Lstm<T> drawn(const LstmOptions& options) {
  Lstm<T> lstm(options);
  draw(lstm);
  return lstm;
}

double sigma(double x) {
  return 1 / (1 + std::exp(-x));
}
/// weight (v - mean) / sqrt(variance + 1e-5) + bias.
template <class T>
void normalize(std::vector<double>& v, const Parameter<T>& weight, std::type_identity_t<const T*> bias) {
  double mean = 0, variance = 0;
  for (const double x : v) mean += x / static_cast<double>(v.size());
  for (const double x : v) variance += (x - mean) * (x - mean) / static_cast<double>(v.size());
  for (std::size_t k = 0; k < v.size(); ++k)
    v[k] = double{weight.data()[k]} * (v[k] - mean) / std::sqrt(variance + 1e-5) +
           (bias == nullptr ? 0 : double{bias[k]});
}
template <class T> std::vector<double> times(const Parameter<T>& w, const std::vector<double>& x) {
  std::vector<double> y(w.rows());
  for (std::size_t r = 0; r < w.rows(); ++r)
    for (std::size_t c = 0; c < w.cols(); ++c) y[r] += double{w.view()(r, c)} * x[c];
  return y;
}

/// h of every token of one layer of one direction, as in a textbook: rows of x in the order they are read.
template <class Direction>
std::vector<std::vector<double>> textbook(const Direction& w, const std::vector<std::vector<double>>& x) {
  const std::size_t n = w.hidden();
  std::vector<double> h(w.weight_hh.cols()), c(n);
  std::vector<std::vector<double>> all;
  for (const auto& token : x) {
    auto a = times(w.weight_ih, token), of_h = times(w.weight_hh, h);
    if (w.norm_ih.size() > 0) {
      normalize(a, w.norm_ih, {});
      normalize(of_h, w.norm_hh, {});
    }
    for (std::size_t k = 0; k < 4 * n; ++k)
      a[k] += of_h[k] + double{w.bias_ih.data()[k]} + double{w.bias_hh.data()[k]};
    const auto peep = [&](std::size_t k, std::size_t u) {
      return w.weight_ch.size() > 0 ? double{w.weight_ch.data()[k * n + u]} * c[u] : 0;
    };
    std::vector<double> out(n);
    for (std::size_t u = 0; u < n; ++u) {
      const double i = sigma(a[u] + peep(0, u)), f = sigma(a[n + u] + peep(2, u));
      c[u] = f * c[u] + i * std::tanh(a[2 * n + u]);
      out[u] = sigma(a[3 * n + u] + peep(1, u));
    }
    auto s = c;
    if (w.norm_c.size() > 0) normalize(s, w.norm_c, w.norm_c_bias.data());
    for (std::size_t u = 0; u < n; ++u) out[u] *= std::tanh(s[u]);
    h = w.weight_hr.size() > 0 ? times(w.weight_hr, out) : out;
    all.push_back(h);
  }
  return all;
}

template <class T> void compare_with_textbook(const LstmOptions& options, double tolerance) {
  const std::vector<std::vector<std::size_t>> batches = {ragged_lengths, {1}, {5}, {0}, {0, 0}};
  for (const auto& lengths : batches) {
    INFO(text(options) << ", " << lengths.size() << " sequences");
    const auto lstm = drawn<T>(options);
    const PackedLayout layout(lengths);
    Input<T> x(layout.tokens(), options.input);
    Tape<T> tape(Mode::inference);
    const auto y = copy_of(lstm(x.on(tape, layout)).value());
    const std::size_t width = lstm.output(), own = options.output();
    for (std::size_t index = 0; index < lengths.size(); ++index) {
      const auto rows = sequence_of(x.values, options.input, layout, index);
      const auto found = sequence_of(y, width, layout, index);
      for (std::size_t d = 0; d < lstm.directions(); ++d) {
        std::vector<std::vector<double>> sequence;
        for (std::size_t t = 0; t < lengths[index]; ++t) {
          const T* row = &rows[t * options.input];
          sequence.emplace_back(row, row + options.input);
        }
        const bool reverse = options.reverse || d == 1;
        if (reverse) std::reverse(sequence.begin(), sequence.end());
        auto expected = textbook(lstm.weights(0, d), sequence);
        if (reverse) std::reverse(expected.begin(), expected.end());
        for (std::size_t t = 0; t < expected.size(); ++t)
          for (std::size_t u = 0; u < own; ++u)
            REQUIRE(double{found[t * width + d * own + u]} == Approx(expected[t][u]).margin(tolerance));
      }
    }
  }
}

template <class T> std::vector<T> gradients_of(Lstm<T>& lstm) {
  std::vector<T> all;
  for_each_parameter(lstm, [&](const std::string&, Parameter<T>& p) {
    const auto gradient = copy_of(p.gradient());
    all.insert(all.end(), gradient.begin(), gradient.end());
  });
  return all;
}

}  // namespace

TEST_CASE("lstm_cells: the textbook's numbers at odd sizes, without sequences and without tokens") {
  for (const std::size_t hidden : {2U, 3U, 17U, 33U})
    for (auto options : cells({.input = 3, .hidden = hidden, .bidirectional = true})) {
      compare_with_textbook<double>(options, 1e-11);
      compare_with_textbook<float>(options, 2e-5);
      options.bidirectional = false;
      options.reverse = true;
      compare_with_textbook<double>(options, 1e-11);
    }
  compare_with_textbook<double>({.input = 1, .hidden = 1, .peephole = true}, 1e-12);
}

TEST_CASE("lstm_cells: gradients of stacked bidirectional layers over ragged rows, states included") {
  const PackedLayout layout(ragged_lengths);
  for (const auto& options : cells({.input = 3, .hidden = 5, .layers = 2, .bidirectional = true})) {
    auto lstm = drawn<double>(options);
    Input<double> x(ragged_tokens, 3, 1), h0(24, options.output(), 2), c0(24, 5, 3);
    auto values = checked_values(lstm);
    values.push_back({"x", x.view(), x.gradient()});
    values.push_back({"h0", h0.view(), h0.gradient()});
    values.push_back({"c0", c0.view(), c0.gradient()});
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          const auto result = lstm.run(x.on(tape, layout), {h0.on(tape), c0.on(tape)});
          return probe<double>(result.y) + probe<double>(result.final.h) +
                 0.5 * probe<double>(result.final.c);
        },
        values, difference(options));
    INFO(text(options) << "\n" << report);
    CHECK(report);
  }
}

TEST_CASE("lstm_cells: gradients with tokens, dropout, dropped weights, and in the reverse direction") {
  const auto batch = few_tokens();
  for (const auto& options :
       cells({.input = 3, .hidden = 4, .layers = 2, .reverse = true, .dropout = 0.3, .weight_drop = 0.4})) {
    auto lstm = drawn<double>(options);
    Embedding<double> embedding({.vocabulary = 4, .dim = 3, .dropout = 0.2});
    Input<double> h0(10, options.output(), 2), c0(10, 4, 3);
    auto values = checked_values(lstm);
    for (auto& value : checked_values(embedding)) values.push_back(value);
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          return probe<double>(lstm.run(tape, embedding(batch), {h0.on(tape), c0.on(tape)}).y);
        },
        values, difference(options));
    INFO(text(options) << "\n" << report);
    CHECK(report);
  }
}

TEST_CASE("lstm_cells: a sequence's bits depend neither on its batch, nor on threads, nor on training") {
  const std::vector<std::size_t> lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30};
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 7);
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const auto& options :
         cells({.input = 7, .hidden = 33, .layers = 2, .bidirectional = true, .precision = precision})) {
      INFO(text(options));
      auto lstm = drawn<float>(options);
      const auto output = [&](Mode mode) {
        Tape<float> tape(mode);
        return copy_of(lstm(x.on(tape, layout)).value());
      };
      const auto together = output(Mode::inference);
      check_threads([&] {
        const auto y = output(Mode::training);
        CHECK(same_bits(y, together));
        CHECK(same_bits(output(Mode::inference), together));
        return y;
      });
      const std::size_t width = lstm.output();
      for (std::size_t index = 0; index < lengths.size(); ++index) {
        const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
        auto rows = sequence_of(x.values, 7, layout, index);
        Tape<float> tape(Mode::inference);
        const auto y = lstm(tape.leaf({rows.data(), lengths[index], 7}, alone));
        CHECK(same_bits(copy_of(y.value()), sequence_of(together, width, layout, index)));
      }
    }
}

TEST_CASE("lstm_cells: gradients have the same bits for any number of threads") {
  const PackedLayout layout(std::vector<std::size_t>{60, 12, 30, 25, 2, 15, 0, 10});
  Input<float> x(layout.tokens(), 9);
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const auto& options : cells(
             {.input = 9, .hidden = 40, .bidirectional = true, .weight_drop = 0.2, .precision = precision})) {
      INFO(text(options));
      auto lstm = drawn<float>(options);
      check_threads([&] {
        zero_gradients(lstm);
        auto all = values_and_gradients(lstm, x, layout);
        const auto weights = gradients_of(lstm);
        all.insert(all.end(), weights.begin(), weights.end());
        return all;
      });
    }
}

TEST_CASE("lstm_cells: gradients in bf16 point where those in f32 do") {
  const PackedLayout layout(std::vector<std::size_t>{20, 12, 13, 5, 2, 15, 0, 10});
  Input<float> x(layout.tokens(), 24);
  for (const auto& options : cells({.input = 24, .hidden = 40, .layers = 2, .bidirectional = true})) {
    INFO(text(options));
    // A norm magnifies the rounding of small numbers: with first weights h would be one.
    auto lstm = options.layer_norm ? drawn<float>(options) : Lstm<float>(options);
    const double expected = options.layer_norm ? 0.98 : 0.995;
    const auto of_precision = [&](Precision precision) {
      lstm.set_precision(precision);
      zero_gradients(lstm);
      values_and_gradients(lstm, x, layout);
      return gradients_of(lstm);
    };
    const auto a = of_precision(Precision::f32), b = of_precision(Precision::bf16);
    CHECK(a != b);
    std::size_t first = 0;
    for_each_parameter(lstm, [&](const std::string& name, Parameter<float>& p) {
      double ab = 0, aa = 0, bb = 0;
      for (std::size_t k = first; k < first + p.size(); ++k) {
        ab += double{a[k]} * double{b[k]};
        aa += double{a[k]} * double{a[k]};
        bb += double{b[k]} * double{b[k]};
      }
      INFO(name);
      CHECK(ab / std::sqrt(aa * bb) > expected);
      first += p.size();
    });
  }
}

TEST_CASE("lstm_cells: steps give the bits of whole sequences") {
  constexpr std::size_t steps = 5;
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const std::size_t streams : {1U, 3U})
      for (const auto& options : cells({.input = 7, .hidden = 19, .layers = 2, .precision = precision})) {
        INFO(text(options));
        const auto lstm = drawn<float>(options);
        std::vector<std::vector<Token>> ids(streams, std::vector<Token>(steps));
        for (std::size_t s = 0; s < streams; ++s)
          for (std::size_t t = 0; t < steps; ++t) ids[s][t] = static_cast<Token>((3 * s + 2 * t) % 7);
        const auto batch = token_batch(ids);
        const OneHot<float> one_hot(7);
        const Embedding<float> embedding({.vocabulary = 7, .dim = 7, .padding = 0});
        const auto check = [&](const auto& embed) {
          Tape<float> tape(Mode::inference);
          const auto whole = lstm.run(tape, embed(batch));
          auto state = lstm.initial_state(streams), dense = state;
          const auto rows = dense_rows(tape, embed(batch));
          for (std::size_t t = 0; t < steps; ++t) {
            std::vector<Token> now;
            for (const auto& sequence : ids) now.push_back(sequence[t]);
            const auto expected = copy_of(whole.y.value().row_range(t * streams, streams));
            CHECK(same_bits(copy_of(lstm.step(embed.at(now), state)), expected));
            CHECK(
                same_bits(copy_of(lstm.step(rows.value().row_range(t * streams, streams), dense)), expected));
          }
          for (std::size_t l = 0; l < 2; ++l) {
            const auto own = [&](const Var<float>& v) {
              return copy_of(v.value().row_range(l * streams, streams));
            };
            CHECK(same_bits(copy_of(state.h(l)), own(whole.final.h)));
            CHECK(same_bits(copy_of(state.c(l)), own(whole.final.c)));
          }
        };
        check(one_hot);
        check(embedding);
      }
}

TEST_CASE("lstm_cells: a state that is carried from window to window gives the bits of one sequence") {
  for (const auto& options : cells({.input = 3, .hidden = 6, .layers = 2})) {
    INFO(text(options));
    const auto lstm = drawn<float>(options);
    Input<float> x(8, 3);
    const auto window = [](std::size_t length) { return PackedLayout(std::vector<std::size_t>{length}); };
    const PackedLayout whole = window(8), half = window(4);
    Tape<float> tape(Mode::inference);
    const auto expected = copy_of(lstm(x.on(tape, whole)).value());
    CarriedState<float> carried(1, {options});
    std::vector<float> found;
    for (const std::size_t first : {0U, 4U}) {
      const auto y = carried.run(0, lstm, tape, tape.leaf(x.view().row_range(first, 4), half));
      const auto values = copy_of(y.value());
      found.insert(found.end(), values.begin(), values.end());
    }
    CHECK(same_bits(found, expected));
  }
}

TEST_CASE("lstm_cells: an empty sequence keeps its initial state") {
  const PackedLayout layout(ragged_lengths);  // sequence 2 is empty
  for (const auto& options : cells({.input = 2, .hidden = 4, .bidirectional = true})) {
    const auto lstm = drawn<float>(options);
    Input<float> x(ragged_tokens, 2), h(12, options.output(), 2), c(12, 4, 3);
    for (const Mode mode : {Mode::training, Mode::inference}) {
      Tape<float> tape(mode);
      const auto result = lstm.run(x.on(tape, layout), {h.on(tape), c.on(tape)});
      for (std::size_t u = 0; u < options.output(); ++u) {
        CHECK(result.final.h.value()(2, u) == h.view()(2, u));
        CHECK(result.final.h.value()(6 + 1, u) == result.y.value()(0, options.output() + u));
      }
      CHECK(result.final.c.value()(6 + 2, 3) == c.view()(6 + 2, 3));
    }
  }
}

TEST_CASE("lstm_cells: a frozen parameter gets no gradient and changes no other's") {
  const PackedLayout layout(ragged_lengths);
  auto lstm = drawn<double>({.input = 3,
                             .hidden = 5,
                             .bidirectional = true,
                             .projection = 3,
                             .peephole = true,
                             .layer_norm = true});
  Input<double> x(ragged_tokens, 3);
  const auto gradients = [&] {
    std::vector<std::pair<std::string, std::vector<double>>> all;
    zero_gradients(lstm);
    values_and_gradients(lstm, x, layout);
    for_each_parameter(lstm, [&](const std::string& name, Parameter<double>& p) {
      all.emplace_back(name, copy_of(p.gradient()));
    });
    return all;
  };
  const auto all = gradients();
  REQUIRE(all.size() == 20);
  for (const auto& frozen : all) {
    for_each_parameter(
        lstm, [&](const std::string& name, Parameter<double>& p) { p.trainable = name != frozen.first; });
    const auto some = gradients();
    for (std::size_t k = 0; k < all.size(); ++k) {
      INFO(all[k].first << " while " << frozen.first << " is frozen");
      const bool is_frozen = all[k].first == frozen.first;
      CHECK((some[k].second == std::vector<double>(all[k].second.size())) == is_frozen);
      CHECK((some[k].second == all[k].second) != is_frozen);
    }
  }
  set_trainable(lstm, "", false);
  Tape<double> tape;
  CHECK_FALSE(lstm(tape.leaf(x.view(), layout)).needs_gradient());
}

TEST_CASE("lstm_cells: a training step allocates nothing from the second on") {
  const auto batch = few_tokens();
  for (const auto& options :
       cells({.input = 5, .hidden = 20, .layers = 2, .bidirectional = true, .weight_drop = 0.2})) {
    Embedding<float> embedding({.vocabulary = 4, .dim = 5, .padding = {}});
    const auto lstm = drawn<float>(options);
    check_no_allocation<float>(
        [&](Tape<float>& tape) { tape.backward(probe<float>(lstm(tape, embedding(batch)))); });
  }
}

TEST_CASE("lstm_cells: memory grows by what the documentation says, per token and per sequence") {
  for (const auto& options : cells({.input = 5, .hidden = 32, .bidirectional = true})) {
    INFO(text(options));
    const auto lstm = drawn<float>(options);
    const auto bytes = [&](Mode mode, std::size_t sequences, std::size_t length) {
      const PackedLayout layout(std::vector<std::size_t>(sequences, length));
      std::vector<float> x(layout.tokens() * 5);
      Tape<float> tape(mode);
      tape.reserve(std::size_t{1} << 24U);
      lstm(tape.leaf({x.data(), layout.tokens(), 5}, layout));
      return tape.arena().bytes_used();
    };
    const std::size_t own = options.output();
    const std::size_t kept = 32 * (options.projection > 0 ? 6 : 5) + (options.layer_norm ? 8 * 32 + 4 : 0);
    const auto per_token = [&](Mode mode) { return bytes(mode, 32, 8) - bytes(mode, 32, 4); };
    CHECK(per_token(Mode::training) == 2 * 32 * 4 * sizeof(float) * (own + kept));
    CHECK(per_token(Mode::inference) == 2 * 32 * 4 * sizeof(float) * own);
    const std::size_t tokens = 2 * 32 * 4 * sizeof(float) * own;
    CHECK(bytes(Mode::inference, 64, 4) - bytes(Mode::inference, 32, 4) ==
          tokens + 2 * 32 * sizeof(float) * (11 * 32 + 2 * own + 2));
  }
}

TEST_CASE("lstm_cells: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 4);
  for (const auto& options : cells({.input = 4, .hidden = 6, .layers = 2, .bidirectional = true})) {
    Lstm<float> a(options), b(options);
    draw(b, 7);
    check_rule_of_five(a, b, [&](Lstm<float>& lstm) { return values_and_gradients(lstm, x, layout); });
  }
}

TEST_CASE("lstm_cells: names, shapes, first values and the number of parameters") {
  for (const auto& each : cells({.input = 3, .hidden = 6, .layers = 2, .bidirectional = true})) {
    Lstm<float> lstm(each);
    CHECK(expected_parameters(each) == static_cast<double>(parameter_count(lstm)));
  }
  const LstmOptions options = {.input = 3,
                               .hidden = 4,
                               .layers = 2,
                               .bidirectional = true,
                               .forget_bias = 1.0,
                               .projection = 2,
                               .peephole = true,
                               .layer_norm = true};
  Lstm<double> lstm(options);
  std::map<std::string, std::vector<std::size_t>> shapes;
  for_each_parameter(lstm, [&](const std::string& name, Parameter<double>& p) {
    shapes[name] = p.shape();
    const bool norm = name.starts_with("norm"), bias = name.find("bias") != std::string::npos;
    for (std::size_t k = 0; k < p.size(); ++k) {
      if (norm) CHECK(p.data()[k] == (bias ? 0 : 1));
      if (!norm && !bias) CHECK(std::abs(p.data()[k]) <= 0.5);
    }
  });
  CHECK(shapes.size() == 40);
  using Shape = std::vector<std::size_t>;
  CHECK(shapes["weight_hh_l0"] == Shape{16, 2});
  CHECK(shapes["weight_ih_l1_reverse"] == Shape{16, 4});
  CHECK(shapes["weight_hr_l0_reverse"] == Shape{2, 4});
  CHECK(shapes["weight_ch_l1"] == Shape{12});
  CHECK(shapes["norm_ih_l0"] == Shape{16});
  CHECK(shapes["norm_hh_l1"] == Shape{16});
  CHECK(shapes["norm_c_l0"] == Shape{4});
  CHECK(shapes["norm_c_bias_l0"] == Shape{4});
}

TEST_CASE("lstm_cells: a recipe's width is that of the projection") {
  auto model = sequential<float>(embedding(3), lstm({.hidden = 6, .bidirectional = true, .projection = 2}),
                                 last(), dense(1));
  model.build({.vocabulary = 5});
  CHECK(model.layer<1>().output() == 4);
  CHECK(model.layer<3>().weight.cols() == 4);
}

TEST_CASE("lstm_cells: mistakes are named") {
  CHECK_THROWS_WITH(
      Lstm<float>({.input = 4, .hidden = 3, .projection = 3, .name = "encoder"}),
      "lstm 'encoder': projection is 3 of 3 hidden units; it makes them fewer, so ask for less, "
      "or for 0 to have none");
  for (const unsigned bits : {36U, 60U})  // before anything of that size is made
    CHECK_THROWS_AS(Lstm<float>({.input = 2, .hidden = 4, .layers = 2, .projection = std::size_t{1} << bits}),
                    option_error);
  Lstm<float> lstm({.input = 2, .hidden = 4, .projection = 3}), wide({.input = 2, .hidden = 4});
  const PackedLayout layout(std::vector<std::size_t>{2});
  Input<float> x(2, 2), h(1, 4);
  Tape<float> tape;
  CHECK_THROWS_WITH(lstm.run(x.on(tape, layout), {h.on(tape), {}}),
                    "lstm: initial h is 1x4, expected 1x3 (layers * directions * sequences x projection)");
  auto streams = wide.initial_state(2);
  CHECK_THROWS_WITH(lstm.step(x.view(), streams),
                    "lstm: the streams are of another network; make them with initial_state");
}
