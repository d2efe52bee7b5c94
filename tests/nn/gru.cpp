#include <seqlstm/nn/gru.hpp>

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/positional_embedding.hpp>

#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/reference.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// h of every token of one direction by the equations, packed as y is.
template <class T>
std::vector<double> by_equation(const Gru<T>& gru, const Input<T>& x, const PackedLayout& layout,
                                std::size_t direction, const std::vector<double>& h0) {
  const auto& w = gru.weights(0, direction);
  const auto as_double = [](const Parameter<T>& p, std::size_t rows, std::size_t cols) {
    reference::Matrix m(rows, cols);
    for (std::size_t k = 0; k < m.data.size(); ++k) m.data[k] = double{p.data()[k]};
    return m;
  };
  const std::size_t hidden = gru.options().hidden, input = gru.options().input, rows = 3 * hidden;
  const reference::LstmWeights weights = {as_double(w.weight_ih, rows, input),
                                          as_double(w.weight_hh, rows, hidden), as_double(w.bias_ih, 1, rows),
                                          as_double(w.bias_hh, 1, rows)};
  std::vector<double> y(layout.tokens() * hidden);
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    const std::size_t length = layout.length(r);
    const auto token = [&](std::size_t step) {
      return layout.offset(direction == 0 ? step : length - 1 - step) + r;
    };
    reference::Matrix in(length, input), first(1, hidden);
    for (std::size_t step = 0; step < length; ++step)
      for (std::size_t i = 0; i < input; ++i) in(step, i) = double{x.values[token(step) * input + i]};
    std::copy_n(&h0[layout.order(r) * hidden], hidden, first.data.begin());
    reference::GruSequence sequence;
    sequence.reset_after = gru.options().reset_after;
    sequence.forward(weights, in, first);
    for (std::size_t step = 0; step < length; ++step)
      for (std::size_t u = 0; u < hidden; ++u) y[token(step) * hidden + u] = sequence.y(step, u);
  }
  return y;
}

template <class T>
void check_equation(std::size_t input, std::size_t hidden, const std::vector<std::size_t>& lengths,
                    bool reset_after) {
  INFO("I " << input << ", H " << hidden << ", " << lengths.size() << " sequences, reset_after "
            << reset_after);
  const PackedLayout layout(lengths);
  Gru<T> gru({.input = input, .hidden = hidden, .bidirectional = true, .reset_after = reset_after});
  Input<T> x(layout.tokens(), input, 1), h0(2 * lengths.size(), hidden, 2);
  Tape<T> tape(Mode::inference);
  const auto result = gru.run(x.on(tape, layout), h0.on(tape));
  for (std::size_t d = 0; d < 2; ++d) {
    const std::vector<double> first(
        h0.values.begin() + static_cast<std::ptrdiff_t>(d * lengths.size() * hidden), h0.values.end());
    const auto expected = by_equation(gru, x, layout, d, first);
    const auto y = copy_of(result.y.value().columns(d * hidden, hidden));
    check_close<T>(std::span<const T>(y), expected, std::is_same_v<T, float> ? 2e-6 : 1e-14, "y");
    for (std::size_t s = 0; s < lengths.size(); ++s)
      for (std::size_t u = 0; u < hidden; ++u) {
        const std::size_t row = layout.rank(s), last = d == 1 ? row : layout.offset(lengths[s] - 1) + row;
        const T end =
            lengths[s] == 0 ? h0.view()(d * lengths.size() + s, u) : result.y.value()(last, d * hidden + u);
        REQUIRE(result.final.value()(d * lengths.size() + s, u) == end);
      }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("gru: the states of every token and the final ones are the equations'", "", float,
                   double) {
  for (const bool reset_after : {true, false})
    for (const std::size_t hidden : {1U, 5U, 16U, 33U})
      for (const std::size_t input : {1U, 3U, 16U})
        for (const auto& lengths : {ragged_lengths, {7}, {1}, {0}, {1, 1, 1}})
          check_equation<TestType>(input, hidden, lengths, reset_after);
}

TEST_CASE("gru: gradients of stacked bidirectional layers over ragged rows, states included") {
  const PackedLayout layout(ragged_lengths);
  for (const bool reset_after : {true, false}) {
    Gru<double> gru(
        {.input = 3, .hidden = 5, .layers = 2, .bidirectional = true, .reset_after = reset_after});
    Input<double> x(ragged_tokens, 3, 1), h0(24, 5, 2);
    auto values = checked_values(gru);
    values.push_back({"x", x.view(), x.gradient()});
    values.push_back({"h0", h0.view(), h0.gradient()});
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          const auto result = gru.run(x.on(tape, layout), h0.on(tape));
          return probe<double>(result.y) + probe<double>(result.final);
        },
        values);
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("gru: gradients with dropout between layers") {
  const PackedLayout layout(ragged_lengths);
  Gru<double> gru({.input = 2, .hidden = 9, .layers = 3, .dropout = 0.5});
  Input<double> x(ragged_tokens, 2);
  auto values = checked_values(gru);
  values.push_back({"x", x.view(), x.gradient()});
  const auto report =
      check_gradient([&](Tape<double>& tape) { return probe<double>(gru(x.on(tape, layout))); }, values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("gru: dropout acts between layers, in training, unless it is switched off") {
  const PackedLayout layout(ragged_lengths);
  Gru<double> dropping({.input = 2, .hidden = 6, .layers = 2, .dropout = 0.5}),
      plain({.input = 2, .hidden = 6, .layers = 2});  // with the same first weights
  Input<double> x(ragged_tokens, 2);
  const auto output = [&](Gru<double>& gru, Mode mode) {
    Tape<double> tape(mode);
    return copy_of(gru(x.on(tape, layout)).value());
  };
  const auto expected = output(plain, Mode::training);
  CHECK(output(dropping, Mode::training) != expected);
  CHECK(output(dropping, Mode::inference) == expected);
  dropping.training = false;
  CHECK(output(dropping, Mode::training) == expected);
}

TEST_CASE("gru: token lookups give the gradients of dense rows") {
  const auto batch = few_tokens();
  for (const bool reset_after : {true, false}) {
    Embedding<double> embedding({.vocabulary = 4, .dim = 3, .padding = {}});
    PositionalEmbedding<double> position({.length = 6, .dim = 3});
    auto p = position.weight.edit();
    for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = std::sin(static_cast<double>(i));
    Gru<double> gru({.input = 3, .hidden = 17, .bidirectional = true, .reset_after = reset_after});
    auto values = checked_values(gru);
    for (auto more : {checked_values(embedding), checked_values(position)})
      values.insert(values.end(), more.begin(), more.end());
    const auto report = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(gru(tape, embedding(batch) + position(batch))); },
        values);
    INFO(report);
    CHECK(report);
    Tape<double> tape;
    const auto looked_up = gru(tape, embedding(batch) + position(batch));
    const auto dense = gru(dense_rows(tape, embedding(batch) + position(batch)));
    for (std::size_t i = 0; i < 11 * 34; ++i)
      REQUIRE(looked_up.value().data()[i] == Approx(dense.value().data()[i]).margin(1e-14));
  }
}

TEST_CASE("gru: one-hot tokens are columns of W_ih") {
  const auto batch = few_tokens();
  OneHot<double> one_hot(4);
  Gru<double> gru({.input = 4, .hidden = 3, .layers = 2});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(gru(tape, one_hot(batch))); }, checked_values(gru));
  INFO(report);
  CHECK(report);
  Tape<double> tape;
  const auto a = gru(tape, one_hot(batch)), b = gru(dense_rows(tape, one_hot(batch)));
  for (std::size_t i = 0; i < 33; ++i)
    REQUIRE(a.value().data()[i] == Approx(b.value().data()[i]).margin(1e-14));
}

TEST_CASE("gru: a frozen parameter gets no gradient, the others keep theirs") {
  const PackedLayout layout(ragged_lengths);
  Gru<double> gru({.input = 3, .hidden = 5, .layers = 2, .bidirectional = true});
  Input<double> x(ragged_tokens, 3);
  const auto gradients = [&] {
    zero_gradients(gru);
    values_and_gradients(gru, x, layout);
    std::vector<std::pair<std::string, std::vector<double>>> all;
    for_each_parameter(gru, [&](const std::string& name, Parameter<double>& p) {
      all.emplace_back(name, copy_of(p.gradient()));
    });
    return all;
  };
  const auto all = gradients();
  REQUIRE(all.size() == 16);
  for (const auto& frozen : all) {
    REQUIRE(set_trainable(gru, frozen.first, false) == 1);
    const auto some = gradients();
    for (std::size_t k = 0; k < all.size(); ++k) {
      INFO(all[k].first << " while " << frozen.first << " is frozen");
      const bool is_frozen = all[k].first == frozen.first;
      CHECK((some[k].second == std::vector<double>(all[k].second.size())) == is_frozen);
      CHECK((some[k].second == all[k].second) != is_frozen);
    }
    set_trainable(gru, "", true);
  }
}

TEST_CASE("gru: a sequence's bits depend neither on its batch, nor on threads, nor on training") {
  const std::vector<std::size_t> lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30};
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 7);
  for (const bool reset_after : {true, false}) {
    Gru<float> gru(
        {.input = 7, .hidden = 33, .layers = 2, .bidirectional = true, .reset_after = reset_after});
    const auto output = [&](Mode mode) {
      Tape<float> tape(mode);
      return copy_of(gru(x.on(tape, layout)).value());
    };
    const auto together = output(Mode::inference);
    check_threads([&] {
      const auto y = output(Mode::training);
      CHECK(same_bits(y, together));
      CHECK(same_bits(output(Mode::inference), together));
      return y;
    });
    for (std::size_t index = 0; index < lengths.size(); ++index) {
      const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
      auto rows = sequence_of(x.values, 7, layout, index);
      Tape<float> tape(Mode::inference);
      const auto y = gru(tape.leaf({rows.data(), lengths[index], 7}, alone));
      CHECK(same_bits(copy_of(y.value()), sequence_of(together, 66, layout, index)));
    }
  }
}

TEST_CASE("gru: long ragged sequences have the same bits for any number of threads") {
  for (const std::size_t hidden : {20U, 130U}) {
    Gru<float> gru({.input = 9, .hidden = hidden, .bidirectional = true});
    const PackedLayout layout(std::vector<std::size_t>{600, 120, 300, 250, 20, 150, 0, 100});
    Input<float> x(layout.tokens(), 9);
    check_threads([&] {
      Tape<float> tape(Mode::inference);
      return copy_of(gru(x.on(tape, layout)).value());
    });
  }
}

TEST_CASE("gru: gradients have the same bits for any number of threads") {
  const auto batch = few_tokens();
  for (const bool reset_after : {true, false})
    for (const std::size_t hidden : {40U, 520U}) {  // so wide that threads share panels, not rows
      CAPTURE(hidden, reset_after);
      Embedding<float> embedding({.vocabulary = 4, .dim = 5, .padding = 0});
      Gru<float> gru(
          {.input = 5, .hidden = hidden, .layers = 2, .bidirectional = true, .reset_after = reset_after});
      check_threads([&] {
        zero_gradients(embedding);
        zero_gradients(gru);
        Tape<float> tape;
        tape.backward(probe<float>(gru(tape, embedding(batch))));
        std::vector<float> result;
        const auto collect = [&](const std::string&, Parameter<float>& p) {
          const auto gradient = copy_of(p.gradient());
          result.insert(result.end(), gradient.begin(), gradient.end());
        };
        for_each_parameter(embedding, collect);
        for_each_parameter(gru, collect);
        return result;
      });
      for (std::size_t i = 0; i < 5; ++i) CHECK(embedding.weight.gradient()(0, i) == 0);  // padding
      CHECK(embedding.weight.gradient()(1, 0) != 0);
    }
}

TEST_CASE("gru: a training step allocates nothing from the second on") {
  const auto batch = few_tokens();
  for (const bool reset_after : {true, false}) {
    Embedding<float> embedding({.vocabulary = 4, .dim = 5, .padding = {}});
    Gru<float> gru({.input = 5,
                    .hidden = 20,
                    .layers = 2,
                    .bidirectional = true,
                    .dropout = 0.2,
                    .reset_after = reset_after});
    check_no_allocation<float>(
        [&](Tape<float>& tape) { tape.backward(probe<float>(gru(tape, embedding(batch)))); });
  }
}

TEST_CASE("gru: training keeps four numbers a unit for every token, inference none") {
  Gru<float> gru({.input = 5, .hidden = 33});
  const std::size_t lanes = detail::Kernels<float>::lanes(), padded = (33 + lanes - 1) / lanes * lanes;
  const auto bytes = [&](Mode mode, std::size_t length) {
    const PackedLayout layout(std::vector<std::size_t>(32, length));
    std::vector<float> x(layout.tokens() * 5);
    Tape<float> tape(mode);
    tape.reserve(std::size_t{1} << 24U);
    gru(tape.leaf({x.data(), layout.tokens(), 5}, layout));
    return tape.arena().bytes_used();
  };
  CHECK(bytes(Mode::training, 8) - bytes(Mode::training, 4) == 4 * 32 * (4 * padded + 33) * sizeof(float));
  CHECK(bytes(Mode::inference, 8) - bytes(Mode::inference, 4) == 4 * 32 * 33 * sizeof(float));
}

TEST_CASE("gru: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  Gru<float> a({.input = 4, .hidden = 6, .layers = 2, .bidirectional = true, .dropout = 0.3}), b = a;
  b.initialize({.seed = 7});
  Input<float> x(ragged_tokens, 4);
  check_rule_of_five(a, b, [&](Gru<float>& gru) { return values_and_gradients(gru, x, layout); });
}

TEST_CASE("gru: PyTorch's names, shapes and bounds") {
  Gru<double> gru({.input = 3, .hidden = 4, .layers = 2, .bidirectional = true});
  std::vector<std::string> names;
  for_each_parameter(gru, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name);
    for (const double v : copy_of(p.view())) CHECK(std::abs(v) <= 0.5);
    if (name == "weight_ih_l0_reverse") CHECK(p.shape() == std::vector<std::size_t>{12, 3});
    if (name == "weight_hh_l0") CHECK(p.shape() == std::vector<std::size_t>{12, 4});
    if (name == "weight_ih_l1") CHECK(p.shape() == std::vector<std::size_t>{12, 8});
    if (name == "bias_hh_l1_reverse") CHECK(p.shape() == std::vector<std::size_t>{12});
  });
  CHECK(names.size() == 16);
  CHECK(names[4] == "weight_ih_l0_reverse");
}

TEST_CASE("gru: mistakes are named") {
  const auto batch = few_tokens();
  Tape<float> tape;
  Gru<float> gru({.input = 4, .hidden = 6, .name = "encoder"});
  OneHot<float> fits(4), wide(5);
  CHECK_THROWS_WITH(gru(tape, wide(batch)), "gru 'encoder': input has 5 columns, weight expects 4");
  std::vector<float> state(10);
  CHECK_THROWS_WITH(
      gru.run(tape, fits(batch), tape.leaf({state.data(), 2, 5})),
      "gru 'encoder': initial h is 2x5, expected 5x6 (layers * directions * sequences x hidden)");
  CHECK_THROWS_WITH(Gru<float>({.input = 0, .hidden = 3}),
                    "gru: input, hidden and layers must be at least 1, got 0, 3, 1");
  CHECK_THROWS_WITH(Gru<float>({.input = 4, .hidden = 3, .reset_after = false, .precision = Precision::int8}),
                    "gru: precision is int8, which a Gru without reset_after does not have; ask for f32");
  CHECK_THROWS_WITH(Gru<float>({.input = 4, .hidden = 3, .reset_after = false, .precision = Precision::bf16}),
                    "gru: precision is bf16, which a Gru without reset_after does not have; ask for f32");
  CHECK_THROWS_WITH(Gru<double>({.input = 4, .hidden = 3, .precision = Precision::bf16}),
                    "gru: bf16 is for networks of floats; this one is of doubles");
  CHECK_THROWS_WITH(Gru<float>({.input = 4, .hidden = 3, .dropout = 0.5}),
                    "gru: dropout is 0.5, but it acts between layers and there is one; ask for at least 2 "
                    "layers, or for dropout 0 and a Dropout after this layer");
}

namespace {

/// Runs a reference case through Gru and compares every tensor it lists.
template <class T> void check_golden(const std::string& name, double tolerance) {
  const Golden g = Golden::load(name);
  const auto lengths = g.config["lengths"].get<std::vector<std::size_t>>();
  const auto input = g.config["input"].get<std::size_t>(), hidden = g.config["hidden"].get<std::size_t>();
  Gru<T> gru({.input = input,
              .hidden = hidden,
              .layers = g.config["layers"].get<std::size_t>(),
              .bidirectional = g.config["bidirectional"].get<bool>()});
  const auto plain = [&](const std::string& key) {
    const auto& data = g.tensor(key).data;
    return std::vector<T>(data.begin(), data.end());
  };
  for_each_parameter(gru, [&](const std::string& key, Parameter<T>& p) {
    REQUIRE(g.tensor(key).shape == p.shape());
    const auto values = plain(key);
    std::copy(values.begin(), values.end(), p.edit().data());
  });
  const PackedLayout layout(lengths);
  const std::size_t batch = lengths.size(), output = gru.output(), tokens = layout.tokens();

  /// Calls body(packed row, row of [time, batch]) for every token.
  const auto for_each_token = [&](auto&& body) {
    for (std::size_t r = 0; r < batch; ++r)
      for (std::size_t t = 0; t < layout.length(r); ++t)
        body(layout.offset(t) + r, t * batch + layout.order(r));
  };
  const auto pack = [&](const std::string& key, std::size_t width) {
    std::vector<T> packed(tokens * width);
    const auto source = plain(key);
    for_each_token([&](std::size_t to, std::size_t from) {
      std::copy_n(&source[from * width], width, &packed[to * width]);
    });
    return packed;
  };
  const auto unpack = [&](ConstMatrixView<T> packed) {
    std::vector<T> padded(g.config["time"].get<std::size_t>() * batch * packed.cols());
    for_each_token([&](std::size_t from, std::size_t to) {
      std::copy_n(packed.row_data(from), packed.cols(), &padded[to * packed.cols()]);
    });
    return padded;
  };
  const auto check = [&](std::span<const T> found, const std::string& key) {
    check_close<T>(found, g.tensor(key).data, tolerance, name + " " + key);
  };
  const auto span_of = [](ConstMatrixView<T> v) { return std::span<const T>(v.data(), v.size()); };

  auto x = pack("x", input), probe_y = pack("probe_y", output), h0 = plain("h0"), probe_h = plain("probe_hn");
  const std::size_t states = h0.size() / hidden;
  std::vector<T> dx(x.size()), dh0(h0.size());
  Tape<T> tape;
  const auto result = gru.run(tape.leaf({x.data(), tokens, input}, layout, {dx.data(), tokens, input}),
                              tape.leaf({h0.data(), states, hidden}, {dh0.data(), states, hidden}));
  check(unpack(result.y.value()), "y");
  check(span_of(result.final.value()), "hn");
  std::copy(probe_h.begin(), probe_h.end(), tape.gradient(result.final).data());
  tape.backward(result.y, {probe_y.data(), tokens, output});
  check(unpack({dx.data(), tokens, input}), "d_x");
  check(dh0, "d_h0");
  for_each_parameter(
      gru, [&](const std::string& key, Parameter<T>& p) { check(span_of(p.gradient()), "d_" + key); });
}

}  // namespace

TEST_CASE("gru: PyTorch's outputs and gradients", "[golden]") {
  for (const char* name : {"gru_uni", "gru_bi_stacked_packed"}) {
    check_golden<double>(name, 1e-10);
    check_golden<float>(name, 1e-5);
  }
}
