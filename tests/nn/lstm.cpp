#include <seqlstm/nn/lstm.hpp>

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/positional_embedding.hpp>

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Gradients of every parameter of `lstm` and of x for probe(lstm(x)), by name.
std::map<std::string, std::vector<double>> gradients(Lstm<double>& lstm, Input<double>& x,
                                                     const PackedLayout& layout) {
  zero_gradients(lstm);
  values_and_gradients(lstm, x, layout);
  std::map<std::string, std::vector<double>> result = {{"x", x.gradients}};
  for_each_parameter(
      lstm, [&](const std::string& name, Parameter<double>& p) { result[name] = copy_of(p.gradient()); });
  return result;
}

}  // namespace

TEST_CASE("lstm: gradients of stacked bidirectional layers over ragged rows, states included") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> lstm({.input = 3, .hidden = 5, .layers = 2, .bidirectional = true});
  Input<double> x(ragged_tokens, 3, 1), h0(24, 5, 2), c0(24, 5, 3);
  auto values = checked_values(lstm);
  values.push_back({"x", x.view(), x.gradient()});
  values.push_back({"h0", h0.view(), h0.gradient()});
  values.push_back({"c0", c0.view(), c0.gradient()});
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto result = lstm.run(x.on(tape, layout), {h0.on(tape), c0.on(tape)});
        return probe<double>(result.y) + probe<double>(result.final.h) + 0.5 * probe<double>(result.final.c);
      },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("lstm: gradients with dropout between layers") {
  const PackedLayout layout(ragged_lengths);
  for (const bool bidirectional : {false, true}) {
    Lstm<double> lstm({.input = 2, .hidden = 5, .layers = 3, .bidirectional = bidirectional, .dropout = 0.5});
    Input<double> x(ragged_tokens, 2);
    auto values = checked_values(lstm);
    values.push_back({"x", x.view(), x.gradient()});
    const auto report =
        check_gradient([&](Tape<double>& tape) { return probe<double>(lstm(x.on(tape, layout))); }, values);
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("lstm: dropout acts between layers, in training, unless it is switched off") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> dropping({.input = 2, .hidden = 6, .layers = 2, .dropout = 0.5}),
      plain({.input = 2, .hidden = 6, .layers = 2});  // with the same first weights
  Input<double> x(ragged_tokens, 2);
  const auto output = [&](Lstm<double>& lstm, Mode mode) {
    Tape<double> tape(mode);
    return copy_of(lstm(x.on(tape, layout)).value());
  };
  const auto expected = output(plain, Mode::training);
  CHECK(output(dropping, Mode::training) != expected);
  CHECK(output(dropping, Mode::inference) == expected);
  dropping.training = false;
  CHECK(output(dropping, Mode::training) == expected);
  CHECK(gradients(dropping, x, layout) == gradients(plain, x, layout));
  set_training(dropping, true);
  CHECK(output(dropping, Mode::training) != expected);
}

TEST_CASE("lstm: a frozen parameter gets no gradient and changes no other's") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> lstm({.input = 3, .hidden = 5, .layers = 2, .bidirectional = true});
  Input<double> x(ragged_tokens, 3);
  const auto all = gradients(lstm, x, layout);
  REQUIRE(all.size() == 17);
  const auto check_frozen = [&](const std::set<std::string>& frozen) {
    for (const auto& name : frozen) REQUIRE(set_trainable(lstm, name, false) == 1);
    for (const auto& [name, gradient] : gradients(lstm, x, layout)) {
      INFO(name << " while " << frozen.size() << " are frozen, first " << *frozen.begin());
      CHECK((gradient == std::vector<double>(gradient.size())) == frozen.contains(name));
      CHECK((gradient == all.at(name)) != frozen.contains(name));
    }
    set_trainable(lstm, "", true);
  };
  std::set<std::string> parameters, upper;
  for (const auto& [name, gradient] : all) {
    if (name == "x") continue;
    parameters.insert(name);
    if (name.find("_l1") != std::string::npos) upper.insert(name);
    check_frozen({name});
  }
  check_frozen(upper);
  check_frozen(parameters);

  set_trainable(lstm, "", false);
  Tape<double> tape;
  CHECK_FALSE(lstm(tape.leaf(x.view(), layout)).needs_gradient());
}

TEST_CASE("lstm: gradients of what is not frozen, below and beside what is, with dropout and lookups") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3});
  Lstm<double> lstm({.input = 3, .hidden = 4, .layers = 2, .bidirectional = true, .dropout = 0.4});
  for (const char* name : {"weight_hh_l0", "bias_ih_l0_reverse", "weight_ih_l1", "weight_hh_l1_reverse"})
    REQUIRE(set_trainable(lstm, name, false) == 1);
  const auto check = [&] {
    std::vector<CheckedValue> values;
    const auto collect = [&](const std::string& name, Parameter<double>& p) {
      if (p.trainable) values.push_back({name, p.edit(), p.gradient(), [&p] { p.edit(); }});
    };
    for_each_parameter(lstm, collect);
    for_each_parameter(embedding, collect);
    zero_gradients(lstm);
    zero_gradients(embedding);
    const auto report = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(lstm(tape, embedding(batch))); }, values);
    INFO(report);
    CHECK(report);
    const auto zero = [](const std::string& name, Parameter<double>& p) {
      INFO(name);
      CHECK((copy_of(p.gradient()) == std::vector<double>(p.size())) == !p.trainable);
    };
    for_each_parameter(lstm, zero);
    for_each_parameter(embedding, zero);
  };
  check();
  embedding.weight.trainable = false;
  check();
  embedding.weight.trainable = true;
  set_trainable(lstm, "", false);
  check();
}

TEST_CASE("lstm: token lookups give the gradients of dense rows") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .padding = {}});
  PositionalEmbedding<double> position({.length = 6, .dim = 3});
  auto p = position.weight.edit();
  for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = std::sin(static_cast<double>(i));
  Lstm<double> lstm({.input = 3, .hidden = 17, .bidirectional = true});
  auto values = checked_values(lstm);
  for (auto more : {checked_values(embedding), checked_values(position)})
    values.insert(values.end(), more.begin(), more.end());
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(lstm(tape, embedding(batch) + position(batch))); },
      values);
  INFO(report);
  CHECK(report);

  Tape<double> tape;
  const auto looked_up = lstm(tape, embedding(batch) + position(batch));
  const auto dense = lstm(dense_rows(tape, embedding(batch) + position(batch)));
  for (std::size_t i = 0; i < 11 * 34; ++i)
    REQUIRE(looked_up.value().data()[i] == Approx(dense.value().data()[i]).margin(1e-14));
}

TEST_CASE("lstm: one-hot tokens are columns of W_ih") {
  const auto batch = few_tokens();
  OneHot<double> one_hot(4);
  Lstm<double> lstm({.input = 4, .hidden = 3, .layers = 2});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(lstm(tape, one_hot(batch))); }, checked_values(lstm));
  INFO(report);
  CHECK(report);
  Tape<double> tape;
  const auto a = lstm(tape, one_hot(batch)), b = lstm(dense_rows(tape, one_hot(batch)));
  for (std::size_t i = 0; i < 33; ++i)
    REQUIRE(a.value().data()[i] == Approx(b.value().data()[i]).margin(1e-14));
}

TEST_CASE("lstm: an empty sequence keeps its initial state, final states are those of the last token") {
  const PackedLayout layout(ragged_lengths);  // sequence 2 is empty, sequence 1 the first of the longest
  Lstm<float> lstm({.input = 2, .hidden = 3, .bidirectional = true});
  Input<float> x(ragged_tokens, 2), h(12, 3, 2), c(12, 3, 3);
  for (const Mode mode : {Mode::training, Mode::inference}) {
    Tape<float> tape(mode);
    const auto result = lstm.run(x.on(tape, layout), {h.on(tape), c.on(tape)});
    for (std::size_t u = 0; u < 3; ++u) {
      CHECK(result.final.h.value()(2, u) == h.view()(2, u));
      CHECK(result.final.c.value()(6 + 2, u) == c.view()(6 + 2, u));
      const std::size_t longest_end = layout.offset(4);
      CHECK(result.final.h.value()(1, u) == result.y.value()(longest_end, u));
      CHECK(result.final.h.value()(6 + 1, u) == result.y.value()(0, 3 + u));
    }
  }
}

TEST_CASE("lstm: a sequence's bits depend neither on its batch, nor on threads, nor on training") {
  Lstm<float> lstm({.input = 7, .hidden = 33, .layers = 2, .bidirectional = true});
  const std::vector<std::size_t> lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30};
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 7);
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
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
    auto rows = sequence_of(x.values, 7, layout, index);
    Tape<float> tape(Mode::inference);
    const auto y = lstm(tape.leaf({rows.data(), lengths[index], 7}, alone));
    CHECK(same_bits(copy_of(y.value()), sequence_of(together, 66, layout, index)));
  }
}

TEST_CASE("lstm: as many threads take part in the steps as there is work for") {
  const std::size_t threads_before = threads();
  set_threads(2);
  struct Part {
    std::thread::id thread;
    bool of_team;
  };
  /// A layer of so many units, read by so many sequences of 100 tokens.
  const auto parts = [](std::size_t units, std::size_t directions, std::size_t sequences) {
    const PackedLayout layout(std::vector<std::size_t>(sequences, 100));
    const std::size_t panels = units / 16, bytes = 4 * units * (units + 32) * sizeof(float);
    std::vector<Part> result;
    std::mutex mutex;
    detail::RecurrentParts{&layout, panels, directions, bytes, sizeof(float)}.for_each(
        [&](std::size_t, const kernels::LstmPart& part) {
          const std::lock_guard lock(mutex);
          result.push_back({std::this_thread::get_id(), part.team != nullptr});
        });
    return result;
  };
  const auto threads_of = [](const std::vector<Part>& all) {
    std::set<std::thread::id> ids;
    for (const Part& part : all) ids.insert(part.thread);
    return ids.size();
  };
  const std::size_t least = std::exchange(detail::least_work_of_threads(), worth_a_thread);
  const auto narrow = parts(64, 1, 1), both_ways = parts(64, 2, 1), wide = parts(256, 1, 1),
             many = parts(64, 1, 64);
  detail::least_work_of_threads() = least;
  set_threads(threads_before);
  CHECK(narrow.size() == 1);  // the caller alone
  CHECK(narrow[0].thread == std::this_thread::get_id());
  CHECK(both_ways.size() == 2);  // a direction each
  CHECK(threads_of(both_ways) == 2);
  CHECK(!both_ways[0].of_team);
  CHECK(wide.size() == 2);  // a team that shares the units
  CHECK(wide[0].of_team);
  CHECK(many.size() == 2);  // half of the rows each
  CHECK(threads_of(many) == 2);
  CHECK(!many[0].of_team);
}

TEST_CASE("lstm: long ragged sequences have the same bits for any number of threads") {
  // More tokens than are projected at once, so few in a step that they are; panels enough for two threads.
  for (const std::size_t hidden : {20U, 130U}) {
    Lstm<float> lstm({.input = 9, .hidden = hidden, .layers = 1, .bidirectional = true});
    const PackedLayout layout(std::vector<std::size_t>{600, 120, 300, 250, 20, 150, 0, 100});
    Input<float> x(layout.tokens(), 9);
    check_threads([&] {
      Tape<float> tape(Mode::inference);
      return copy_of(lstm(x.on(tape, layout)).value());
    });
  }
}

TEST_CASE("lstm: gradients have the same bits for any number of threads") {
  const auto batch = few_tokens();
  for (const std::size_t hidden : {40U, 520U}) {  // so wide that threads share panels, not rows
    CAPTURE(hidden);
    Embedding<float> embedding({.vocabulary = 4, .dim = 5, .padding = 0});
    Lstm<float> lstm({.input = 5, .hidden = hidden, .layers = 2, .bidirectional = true});
    check_threads([&] {
      zero_gradients(embedding);
      zero_gradients(lstm);
      Tape<float> tape;
      tape.backward(probe<float>(lstm(tape, embedding(batch))));
      std::vector<float> result;
      const auto collect = [&](const std::string&, Parameter<float>& p) {
        const auto gradient = copy_of(p.gradient());
        result.insert(result.end(), gradient.begin(), gradient.end());
      };
      for_each_parameter(embedding, collect);
      for_each_parameter(lstm, collect);
      return result;
    });
    for (std::size_t i = 0; i < 5; ++i) CHECK(embedding.weight.gradient()(0, i) == 0);  // padding
    CHECK(embedding.weight.gradient()(1, 0) != 0);
  }
}

TEST_CASE("lstm: a training step allocates nothing from the second on") {
  const auto batch = few_tokens();
  Embedding<float> embedding({.vocabulary = 4, .dim = 5, .padding = {}});
  Lstm<float> lstm({.input = 5, .hidden = 20, .layers = 2, .bidirectional = true, .dropout = 0.2});
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(lstm(tape, embedding(batch)))); });
}

TEST_CASE("lstm: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  Lstm<float> a({.input = 4, .hidden = 6, .layers = 2, .bidirectional = true, .dropout = 0.3}), b = a;
  b.initialize({.seed = 7});
  Input<float> x(ragged_tokens, 4);
  const auto result = [&](Lstm<float>& lstm) { return values_and_gradients(lstm, x, layout); };
  check_rule_of_five(a, b, result);
  // Of other sizes and options too: what is assigned to forgets all of its own.
  const Lstm<float> narrow({.input = 4, .hidden = 3, .layers = 3, .dropout = 0.5, .name = "narrow"});
  check_rule_of_five(a, narrow, result);
  Lstm<float> assigned = a;
  assigned = narrow;
  CHECK(assigned.name == "narrow");
  CHECK(assigned.options().hidden == 3);
  CHECK(assigned.output() == 3);
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
  auto batch = few_tokens();
  Tape<float> tape;
  Lstm<float> lstm({.input = 4, .hidden = 6, .name = "encoder"});
  OneHot<float> narrow(3), fits(4), wide(5);
  CHECK_THROWS_WITH(lstm(tape, wide(batch)), "lstm 'encoder': input has 5 columns, weight expects 4");
  CHECK_THROWS_WITH(lstm(tape, narrow(batch)), "lstm 'encoder': input has 3 columns, weight expects 4");
  batch.ids[1] = 9;
  CHECK_THROWS_WITH(
      lstm(tape, fits(batch)),
      "record 0, position 0: token id 9 is outside the vocabulary [0, 4); encode the data with the "
      "tokenizer the model was built for");
  batch.ids[1] = 0;
  std::vector<float> state(10);
  CHECK_THROWS_WITH(
      lstm.run(tape, fits(batch), {tape.leaf({state.data(), 2, 5}), {}}),
      "lstm 'encoder': initial h is 2x5, expected 5x6 (layers * directions * sequences x hidden)");
  PositionalEmbedding<float> position({.length = 4, .dim = 4});
  CHECK_THROWS_WITH(
      lstm(tape, position(batch)),
      "positional embedding: a sequence has 5 tokens, the table holds 4 positions; build it with a larger "
      "length");
  CHECK_THROWS_WITH(Lstm<float>({.input = 0, .hidden = 3}),
                    "lstm: input, hidden and layers must be at least 1, got 0, 3, 1");
  CHECK_THROWS_WITH(Lstm<float>({.input = 4, .hidden = 3, .dropout = 0.5}),
                    "lstm: dropout is 0.5, but it acts between layers and there is one; ask for at least 2 "
                    "layers, or for dropout 0 and a Dropout after this layer");
}

namespace {

/// Bytes that `step` takes of a tape's arena. One block, because the end of a full block counts as used.
template <class T, class Step> std::size_t bytes_of(Mode mode, Step&& step) {
  Tape<T> tape(mode);
  tape.reserve(std::size_t{1} << 24U);
  const std::size_t before = tape.arena().system_allocations();
  step(tape);
  REQUIRE(tape.arena().system_allocations() == before);
  return tape.arena().bytes_used();
}

/// Bytes more that a batch of 32 more sequences, or of 32 sequences with 5 more tokens each, takes.
struct Growth {
  double per_sequence, per_token;
};

template <class T, class Step> Growth growth(Mode mode, std::size_t input, Step&& step) {
  const auto bytes = [&](std::size_t sequences, std::size_t length) {
    const PackedLayout layout(std::vector<std::size_t>(sequences, length));
    std::vector<T> x(layout.tokens() * input);
    return static_cast<double>(bytes_of<T>(mode, [&](Tape<T>& tape) {
      step(tape, tape.leaf({x.data(), layout.tokens(), input}, layout));
    }));
  };
  const double base = bytes(32, 3), longer = bytes(32, 8), more = bytes(64, 3);
  const double per_token = (longer - base) / (32 * 5);
  return {(more - base) / 32 - 3 * per_token, per_token};
}

template <class T> void check_memory(std::size_t hidden, std::size_t layers, bool bidirectional) {
  INFO(hidden << " units, " << layers << " layers, bidirectional " << bidirectional);
  Lstm<T> lstm({.input = 5, .hidden = hidden, .layers = layers, .bidirectional = bidirectional});
  const std::size_t lanes = detail::Kernels<T>::lanes();
  const auto padded = static_cast<double>((hidden + lanes - 1) / lanes * lanes);
  const double directions = static_cast<double>(layers * lstm.directions()) * sizeof(T), y = double(hidden);

  const auto forward = [&](Tape<T>&, const SeqVar<T>& x) { lstm(x); };
  const auto training = growth<T>(Mode::training, 5, forward);
  CHECK(training.per_token == directions * (4 * padded + padded + y));
  const auto inference = growth<T>(Mode::inference, 5, forward);
  CHECK(inference.per_token == directions * y);
  // Besides h and c at the beginning the final ones, which are results.
  CHECK(inference.per_sequence == directions * (2 * padded + 2 * y));
  CHECK(training.per_sequence == inference.per_sequence);

  const auto both_ways = growth<T>(
      Mode::training, 5, [&](Tape<T>& tape, const SeqVar<T>& x) { tape.backward(probe<T>(lstm(x))); });
  // dy, and where every direction's previous state and every layer's x stand.
  const double pointers = static_cast<double>(layers * (lstm.directions() + 1) * sizeof(void*));
  CHECK(both_ways.per_token == training.per_token + directions * y + pointers);
}

}  // namespace

TEST_CASE("lstm: memory grows by what the documentation says, per token and per sequence") {
  for (const std::size_t hidden : {1U, 8U, 16U, 33U}) {
    check_memory<float>(hidden, 1, false);
    check_memory<float>(hidden, 2, true);
    check_memory<double>(hidden, 3, false);
  }
}

TEST_CASE("lstm: a layer below which nothing is trained keeps no gates, with the same bits") {
  const PackedLayout layout(
      std::vector<std::size_t>(16, 10));  // of fewer sequences inputs are multiplied at once
  Lstm<double> lstm({.input = 3, .hidden = 32});
  Input<double> x(160, 3, 1);
  const auto run = [&](std::size_t& bytes, bool trains) {
    Tape<double> tape;
    const auto y = lstm(tape, tape.leaf(x.view(), layout));
    bytes = tape.arena().bytes_used();
    CHECK(y.needs_gradient() == trains);
    return copy_of(y.value());
  };
  std::size_t trained = 0, frozen = 0;
  const auto expected = run(trained, true);
  set_trainable(lstm, "", false);
  CHECK(run(frozen, false) == expected);
  CHECK(frozen < trained / 2);
}

TEST_CASE("lstm: a looked-up token takes the memory of a dense one and one index for each table") {
  Embedding<float> embedding({.vocabulary = 2, .dim = 5});
  Lstm<float> lstm({.input = 5, .hidden = 16, .bidirectional = true});
  const auto bytes = [&](std::size_t sequences) {
    const auto batch = ones_of_lengths(std::vector<std::size_t>(sequences, 4));
    return bytes_of<float>(Mode::training, [&](Tape<float>& tape) { lstm(tape, embedding(batch)); });
  };
  const std::size_t gates_and_states = 2 * (4 * 16 + 16 + 16) * sizeof(float);
  const std::size_t states = 2 * (2 * 16 + 2 * 16) * sizeof(float);  // of a sequence
  CHECK(bytes(64) - bytes(32) == 32 * (4 * (gates_and_states + sizeof(std::int32_t)) + states));
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
                .bidirectional = g.config["bidirectional"].get<bool>(),
                .projection = g.config.value("projection", std::size_t{0}),
                .peephole = g.config.value("peephole", false),
                .layer_norm = g.config.value("layer_norm", false)});
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
  const std::size_t states = c0.size() / hidden, columns = h0.size() / states;
  std::vector<T> dx(x.size()), dh0(h0.size()), dc0(c0.size());
  Tape<T> tape;
  const auto result = lstm.run(tape.leaf({x.data(), tokens, input}, layout, {dx.data(), tokens, input}),
                               {tape.leaf({h0.data(), states, columns}, {dh0.data(), states, columns}),
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

TEST_CASE("lstm: PyTorch's outputs and gradients with a projection", "[golden]") {
  for (const char* name : {"lstm_projected", "lstm_projected_bi_stacked_packed"}) {
    check_golden<double>(name, 1e-10);
    check_golden<float>(name, 1e-5);
  }
}

TEST_CASE("lstm: peepholes and layer norm as PyTorch's operations have them", "[golden]") {
  for (const char* name : {"lstm_peephole", "lstm_layer_norm", "lstm_all_cells"}) {
    check_golden<double>(name, 1e-10);
    check_golden<float>(name, 1e-5);
  }
}
