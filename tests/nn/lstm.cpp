#include <seqlstm/nn/lstm.hpp>

#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/position.hpp>

#include <cmath>
#include <cstring>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace seqlstm;

namespace {

const std::vector<std::size_t> ragged = {3, 5, 0, 1, 2};

/// sum over everything of sin(k) * value: a loss that tells every element apart.
template <Scalar T> Var<T> probe(Tape<T>& tape, const std::vector<Variable<T>>& values) {
  static std::vector<Variable<T>> kept;  // backward functions may not own memory
  kept = values;
  Var<T> sum = tape.make(1, 1, true);
  double total = 0;
  std::size_t k = 0;
  for (const auto& v : kept)
    for (std::size_t i = 0; i < v.rows() * v.cols(); ++i)
      total = std::fma(std::sin(static_cast<double>(++k)), double{v.value().data()[i]}, total);
  sum.node()->value(0, 0) = static_cast<T>(total);
  tape.record(sum, [&tape](ConstMatrixView<T> d) {
    std::size_t n = 0;
    for (const auto& v : kept) {
      auto g = tape.gradient(v);
      for (std::size_t i = 0; i < g.size(); ++i)
        g.data()[i] += static_cast<T>(double{d(0, 0)} * std::sin(static_cast<double>(++n)));
    }
  });
  return sum;
}

std::vector<double> random_numbers(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<double> v(count);
  for (auto& x : v) x = random.uniform(-1, 1);
  return v;
}

struct TokenFixture {
  TokenBatch batch;
  std::vector<std::vector<Token>> sequences = {{0, 1, 2}, {3, 1, 0, 2, 2}, {}, {1}, {3, 0}};
  TokenFixture() {
    std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
    batch.assign(views);
  }
};

}  // namespace

TEST_CASE("lstm: gradients of stacked bidirectional layers over ragged rows, states included") {
  const PackedLayout layout(ragged);
  Lstm<double> lstm({.input = 3, .hidden = 5, .layers = 2, .bidirectional = true});
  auto x = random_numbers(11 * 3, 1), dx = x, h0 = random_numbers(20 * 5, 2), dh0 = h0,
       c0 = random_numbers(20 * 5, 3), dc0 = c0;
  auto values = checked_values(lstm);
  const MatrixView<double> vx(x.data(), 11, 3), vdx(dx.data(), 11, 3), vh(h0.data(), 20, 5),
      vdh(dh0.data(), 20, 5), vc(c0.data(), 20, 5), vdc(dc0.data(), 20, 5);
  values.push_back({"x", vx, vdx});
  values.push_back({"h0", vh, vdh});
  values.push_back({"c0", vc, vdc});
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto result = lstm.run(tape.leaf(vx, layout, vdx), {tape.leaf(vh, vdh), tape.leaf(vc, vdc)});
        return probe<double>(tape, {result.y, result.final.h, result.final.c});
      },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("lstm: token lookups give the gradients of dense rows") {
  TokenFixture tokens;
  Embedding<double> embedding({.vocabulary = 4, .width = 3, .padding = {}});
  Position<double> position({.length = 6, .width = 3});
  auto p = position.weight.edit();
  for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = std::sin(static_cast<double>(i));
  Lstm<double> lstm({.input = 3, .hidden = 17, .bidirectional = true});
  auto values = checked_values(lstm);
  for (auto more : {checked_values(embedding), checked_values(position)})
    values.insert(values.end(), more.begin(), more.end());
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        return probe<double>(tape, {lstm(tape, embedding(tokens.batch) + position(tokens.batch))});
      },
      values);
  INFO(report);
  CHECK(report);

  Tape<double> tape;
  const auto looked_up = lstm(tape, embedding(tokens.batch) + position(tokens.batch));
  const auto dense = lstm(dense_rows(tape, embedding(tokens.batch) + position(tokens.batch)));
  for (std::size_t i = 0; i < 11 * 34; ++i)
    REQUIRE(looked_up.value().data()[i] == Approx(dense.value().data()[i]).margin(1e-14));
}

TEST_CASE("lstm: one-hot tokens are columns of W_ih") {
  TokenFixture tokens;
  OneHot<double> one_hot(4);
  Lstm<double> lstm({.input = 4, .hidden = 3, .layers = 2});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(tape, {lstm(tape, one_hot(tokens.batch))}); },
      checked_values(lstm));
  INFO(report);
  CHECK(report);
  Tape<double> tape;
  const auto a = lstm(tape, one_hot(tokens.batch)), b = lstm(dense_rows(tape, one_hot(tokens.batch)));
  for (std::size_t i = 0; i < 33; ++i)
    REQUIRE(a.value().data()[i] == Approx(b.value().data()[i]).margin(1e-14));
}

TEST_CASE("lstm: an empty sequence keeps its initial state, final states are those of the last token") {
  const PackedLayout layout(ragged);
  Lstm<float> lstm({.input = 2, .hidden = 3, .bidirectional = true});
  std::vector<float> x(22, 0.5F), h(30), c(30);
  for (std::size_t i = 0; i < 30; ++i) h[i] = static_cast<float>(i) / 30, c[i] = -h[i];
  for (const Mode mode : {Mode::training, Mode::inference}) {
    Tape<float> tape(mode);
    const auto result = lstm.run(tape.leaf({x.data(), 11, 2}, layout),
                                 {tape.leaf({h.data(), 10, 3}), tape.leaf({c.data(), 10, 3})});
    for (std::size_t u = 0; u < 3; ++u) {
      CHECK(result.final.h.value()(2, u) == h[6 + u]);
      CHECK(result.final.c.value()(7, u) == c[21 + u]);
      const std::size_t longest_end = layout.offset(4);
      CHECK(result.final.h.value()(1, u) == result.y.value()(longest_end, u));
      CHECK(result.final.h.value()(6, u) == result.y.value()(0, 3 + u));
    }
  }
}

TEST_CASE("lstm: a sequence's bits depend neither on its batch, nor on threads, nor on training") {
  Lstm<float> lstm({.input = 7, .hidden = 33, .layers = 2, .bidirectional = true});
  RandomStream random(5);
  std::vector<std::size_t> lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30};
  const PackedLayout layout(lengths);
  std::vector<float> x(layout.tokens() * 7);
  for (auto& v : x) v = static_cast<float>(random.uniform(-1, 1));
  const std::size_t before = threads();
  std::vector<float> reference;
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    set_threads(count);
    for (const Mode mode : {Mode::training, Mode::inference}) {
      Tape<float> tape(mode);
      const auto y = lstm(tape.leaf({x.data(), layout.tokens(), 7}, layout));
      const std::vector<float> now(y.value().data(), y.value().data() + y.value().size());
      if (reference.empty()) reference = now;
      CHECK(std::memcmp(now.data(), reference.data(), now.size() * sizeof(float)) == 0);
    }
  }
  set_threads(before);
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
    std::vector<float> rows(lengths[index] * 7);
    const std::size_t r = layout.rank(index);
    for (std::size_t t = 0; t < lengths[index]; ++t)
      std::copy_n(&x[(layout.offset(t) + r) * 7], 7, rows.begin() + static_cast<std::ptrdiff_t>(t * 7));
    Tape<float> tape(Mode::inference);
    const auto y = lstm(tape.leaf({rows.data(), lengths[index], 7}, alone));
    for (std::size_t t = 0; t < lengths[index]; ++t)
      REQUIRE(std::memcmp(y.value().row_data(t), &reference[(layout.offset(t) + r) * 66],
                          66 * sizeof(float)) == 0);
  }
}

TEST_CASE("lstm: gradients have the same bits for any number of threads") {
  TokenFixture tokens;
  const std::size_t before = threads();
  std::vector<float> reference;
  for (const std::size_t count : {1U, 2U, 3U, 8U}) {
    set_threads(count);
    Embedding<float> embedding({.vocabulary = 4, .width = 5, .padding = 0});
    Lstm<float> lstm({.input = 5, .hidden = 40, .layers = 2, .bidirectional = true});
    Tape<float> tape;
    tape.backward(probe<float>(tape, {lstm(tape, embedding(tokens.batch))}));
    std::vector<float> now;
    const auto collect = [&](const std::string&, Parameter<float>& p) {
      now.insert(now.end(), p.gradient().data(), p.gradient().data() + p.size());
    };
    for_each_parameter(embedding, collect);
    for_each_parameter(lstm, collect);
    if (reference.empty()) reference = now;
    CHECK(std::memcmp(now.data(), reference.data(), now.size() * sizeof(float)) == 0);
    for (std::size_t i = 0; i < 5; ++i) CHECK(embedding.weight.gradient()(0, i) == 0);  // padding
    CHECK(embedding.weight.gradient()(1, 0) != 0);
  }
  set_threads(before);
}

TEST_CASE("lstm: a training step allocates nothing from the second on") {
  TokenFixture tokens;
  Embedding<float> embedding({.vocabulary = 4, .width = 5, .padding = {}});
  Lstm<float> lstm({.input = 5, .hidden = 20, .layers = 2, .bidirectional = true, .dropout = 0.2});
  Tape<float> tape;
  std::size_t allocations = 0;
  for (std::uint32_t step = 0; step < 5; ++step) {
    tape.reset(step);
    tape.backward(probe<float>(tape, {lstm(tape, embedding(tokens.batch))}));
    if (step == 2) allocations = tape.arena().system_allocations();
  }
  CHECK(tape.arena().system_allocations() == allocations);
}

TEST_CASE("lstm: copies, moves, assignments and swaps keep the weights") {
  TokenFixture tokens;
  OneHot<float> one_hot(4);
  const auto output = [&](Lstm<float>& lstm) {
    Tape<float> tape(Mode::inference);
    const auto y = lstm(tape, one_hot(tokens.batch));
    return std::vector<float>(y.value().data(), y.value().data() + y.value().size());
  };
  Lstm<float> a({.input = 4, .hidden = 6}), b({.input = 4, .hidden = 6});
  b.initialize({.seed = 7});
  const auto of_a = output(a), of_b = output(b);
  REQUIRE(of_a != of_b);
  Lstm<float> copy(a);
  CHECK(output(copy) == of_a);
  copy = b;
  CHECK(output(copy) == of_b);
  Lstm<float> moved(std::move(copy));
  CHECK(output(moved) == of_b);
  std::swap(a, b);
  CHECK(output(a) == of_b);
  CHECK(output(b) == of_a);
  a.initialize({.seed = 9});
  CHECK(output(a) != of_b);
  CHECK(output(moved) == of_b);
}

TEST_CASE("lstm: the forget gate's bias can be set, everything else keeps PyTorch's bounds") {
  Lstm<double> lstm({.input = 3, .hidden = 4, .forget_bias = 1.0});
  for_each_parameter(lstm, [](const std::string& name, Parameter<double>& p) {
    for (std::size_t i = 0; i < p.size(); ++i) {
      const bool forget = name.starts_with("bias") && i >= 4 && i < 8;
      if (forget) {
        CHECK(p.data()[i] == (name == "bias_ih_l0" ? 1.0 : 0.0));
      } else {
        CHECK(std::abs(p.data()[i]) <= 0.5);
      }
    }
  });
}

TEST_CASE("lstm: mistakes are named") {
  TokenFixture tokens;
  Tape<float> tape;
  Lstm<float> lstm({.input = 4, .hidden = 6, .name = "encoder"});
  OneHot<float> narrow(3), fits(4), wide(5);
  CHECK_THROWS_WITH(lstm(tape, wide(tokens.batch)), "lstm 'encoder': input has 5 columns, weight expects 4");
  CHECK_THROWS_WITH(lstm(tape, narrow(tokens.batch)),
                    "lstm 'encoder': input has 3 columns, weight expects 4");
  tokens.batch.ids[1] = 9;
  CHECK_THROWS_WITH(
      lstm(tape, fits(tokens.batch)),
      "record 0, position 0: token id 9 is outside the vocabulary [0, 4); encode the data with the "
      "tokenizer the model was built for");
  tokens.batch.ids[1] = 0;
  std::vector<float> state(10);
  CHECK_THROWS_WITH(
      lstm.run(tape, fits(tokens.batch), {tape.leaf({state.data(), 2, 5}), {}}),
      "lstm 'encoder': initial h is 2x5, expected 5x6 (layers * directions * sequences x hidden)");
  Position<float> position({.length = 4, .width = 4});
  CHECK_THROWS_WITH(lstm(tape, position(tokens.batch)),
                    ContainsSubstring("a sequence has 5 tokens, the table holds 4 positions"));
  CHECK_THROWS_AS(Lstm<float>({.input = 0, .hidden = 3}), option_error);
}

namespace {

/// Runs a reference case through Lstm and compares every tensor it lists.
template <class T> void check_golden(const std::string& name, double tolerance) {
  const Golden g = Golden::load(name);
  const auto lengths = g.config["lengths"].get<std::vector<std::size_t>>();
  const auto input = g.config["input"].get<std::size_t>(), hidden = g.config["hidden"].get<std::size_t>();
  Lstm<T> lstm({.input = input,
                .hidden = hidden,
                .layers = g.config["layers"].get<std::size_t>(),
                .bidirectional = g.config["bidirectional"].get<bool>()});
  for_each_parameter(lstm, [&](const std::string& key, Parameter<T>& p) {
    const auto& reference = g.tensor(key);
    REQUIRE(reference.shape == p.shape());
    auto values = p.edit();
    for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] = static_cast<T>(reference.data[i]);
  });
  const PackedLayout layout(lengths);
  const std::size_t batch = lengths.size(), output = lstm.output(), tokens = layout.tokens();

  const auto pack = [&](const std::string& key, std::size_t width) {
    std::vector<T> packed(tokens * width);
    const auto& source = g.tensor(key).data;
    for (std::size_t r = 0; r < batch; ++r)
      for (std::size_t t = 0; t < layout.length(r); ++t)
        for (std::size_t i = 0; i < width; ++i)
          packed[(layout.offset(t) + r) * width + i] =
              static_cast<T>(source[(t * batch + layout.order(r)) * width + i]);
    return packed;
  };
  const auto unpack = [&](ConstMatrixView<T> packed) {
    const auto steps = g.config["time"].get<std::size_t>();
    std::vector<T> padded(steps * batch * packed.cols());
    for (std::size_t r = 0; r < batch; ++r)
      for (std::size_t t = 0; t < layout.length(r); ++t)
        for (std::size_t i = 0; i < packed.cols(); ++i)
          padded[(t * batch + layout.order(r)) * packed.cols() + i] = packed(layout.offset(t) + r, i);
    return padded;
  };
  const auto plain = [&](const std::string& key) {
    const auto& data = g.tensor(key).data;
    return std::vector<T>(data.begin(), data.end());
  };
  const auto span_of = [](ConstMatrixView<T> v) { return std::span<const T>(v.data(), v.size()); };

  auto x = pack("x", input), probe_y = pack("probe_y", output), h0 = plain("h0"), c0 = plain("c0"),
       probe_h = plain("probe_hn"), probe_c = plain("probe_cn");
  const std::size_t states = h0.size() / hidden;
  std::vector<T> dx(x.size()), dh0(h0.size()), dc0(c0.size());
  Tape<T> tape;
  const auto result = lstm.run(tape.leaf({x.data(), tokens, input}, layout, {dx.data(), tokens, input}),
                               {tape.leaf({h0.data(), states, hidden}, {dh0.data(), states, hidden}),
                                tape.leaf({c0.data(), states, hidden}, {dc0.data(), states, hidden})});
  check_close<T>(unpack(result.y.value()), g.tensor("y").data, tolerance, name + " y");
  check_close<T>(span_of(result.final.h.value()), g.tensor("hn").data, tolerance, name + " hn");
  check_close<T>(span_of(result.final.c.value()), g.tensor("cn").data, tolerance, name + " cn");

  const auto add = [&](const Variable<T>& v, const std::vector<T>& gradient) {
    std::copy(gradient.begin(), gradient.end(), tape.gradient(v).data());
  };
  add(result.final.h, probe_h);
  add(result.final.c, probe_c);
  tape.backward(result.y, {probe_y.data(), tokens, output});
  check_close<T>(unpack({dx.data(), tokens, input}), g.tensor("d_x").data, tolerance, name + " d_x");
  check_close<T>(std::span<const T>(dh0), g.tensor("d_h0").data, tolerance, name + " d_h0");
  check_close<T>(std::span<const T>(dc0), g.tensor("d_c0").data, tolerance, name + " d_c0");
  for_each_parameter(lstm, [&](const std::string& key, Parameter<T>& p) {
    check_close<T>(span_of(p.gradient()), g.tensor("d_" + key).data, tolerance, name + " d_" + key);
  });
}

}  // namespace

TEST_CASE("lstm: PyTorch's outputs and gradients", "[golden]") {
  for (const char* name :
       {"lstm_uni", "lstm_bi_stacked", "lstm_uni_packed", "lstm_bi_stacked_packed", "lstm_wide"}) {
    check_golden<double>(name, 1e-10);
    check_golden<float>(name, 1e-5);
  }
}
