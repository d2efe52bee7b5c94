// bfloat16 factors through the layers: against the same network in f32.
#include <seqlstm/nn/all.hpp>
#include <seqlstm/optim/all.hpp>

#include "kernels/matrix_units.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A layer of that cell. A Gru drops no weights.
template <class Layer>
Layer layer(std::size_t input, std::size_t hidden, std::size_t layers, bool bidirectional,
            double weight_drop = 0) {
  if constexpr (std::is_same_v<Layer, Lstm<float>>) {
    return Layer({.input = input,
                  .hidden = hidden,
                  .layers = layers,
                  .bidirectional = bidirectional,
                  .weight_drop = weight_drop});
  } else {
    return Layer({.input = input, .hidden = hidden, .layers = layers, .bidirectional = bidirectional});
  }
}

/// Embedded tokens, two layers of both directions with dropped weights, a dense head on every token.
template <class Layer> struct Net {
  Embedding<float> embedding{{.vocabulary = 11, .dim = 24, .padding = 0}};
  Layer recurrent;
  Dense<float> head;

  explicit Net(std::size_t hidden = 40, double weight_drop = 0)
      : recurrent(layer<Layer>(24, hidden, 2, true, weight_drop)), head(2 * hidden, 7) {
    initialize(*this, 5);
  }
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return head(recurrent(tape, embedding(batch)));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("recurrent", recurrent);
    v("head", head);
  }
};

/// Every kind of rows that are looked up.
template <class Layer> struct Inputs {
  OneHot<float> one_hot{11};
  Embedding<float> embedding{{.vocabulary = 11, .dim = 11, .padding = 0}};
  PositionalEmbedding<float> position{{.length = 12, .dim = 11}};
  Layer recurrent = layer<Layer>(11, 40, 1, true);
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("position", position);
    v("recurrent", recurrent);
  }
};

std::vector<std::vector<Token>> sequences(std::size_t count) {
  RandomStream random(9);
  std::vector<std::vector<Token>> all(count);
  for (std::size_t b = 0; b < count; ++b) {
    all[b].resize(b % 7 == 3 ? 0 : 1 + random.below(12));
    for (auto& id : all[b]) id = static_cast<Token>(1 + random.below(10));
  }
  return all;
}
SequenceBatch batch_of(const std::vector<std::vector<Token>>& ids) {
  SequenceBatch batch;
  batch.assign(std::vector<std::span<const Token>>(ids.begin(), ids.end()));
  return batch;
}

/// Output and all gradients of one training step.
template <class Layer> std::vector<float> step(Net<Layer>& net, const SequenceBatch& batch) {
  Tape<float> tape(Mode::training);
  zero_gradients(net);
  const auto y = net.forward(tape, batch);
  auto numbers = copy_of(y.value());
  tape.backward(probe(y));
  for_each_parameter(net, [&](const std::string&, Parameter<float>& p) {
    const auto g = copy_of(p.gradient());
    numbers.insert(numbers.end(), g.begin(), g.end());
  });
  return numbers;
}

double cosine(const float* a, const float* b, std::size_t count) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t k = 0; k < count; ++k) {
    ab += double{a[k]} * double{b[k]};
    aa += double{a[k]} * double{a[k]};
    bb += double{b[k]} * double{b[k]};
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace

TEMPLATE_TEST_CASE("precision: gradients in bf16 point where those in f32 do", "", Lstm<float>, Gru<float>) {
  const auto batch = batch_of(sequences(70));
  for (const double drop : {0.0, 0.3}) {
    Net<TestType> exact(40, drop), rounded(40, drop);
    set_precision(rounded, Precision::bf16);
    const auto a = step(exact, batch), b = step(rounded, batch);
    REQUIRE(a.size() == b.size());
    std::size_t first = batch.layout.tokens() * 7;
    for (std::size_t k = 0; k < first; ++k) REQUIRE(std::abs(a[k] - b[k]) < 0.01F);
    for_each_parameter(exact, [&](const std::string& name, auto& p) {
      INFO(name << ", weight_drop " << drop);
      CHECK(cosine(a.data() + first, b.data() + first, p.size()) > 0.999);
      first += p.size();
    });
  }
}

TEMPLATE_TEST_CASE("precision: unit vectors, positions and frozen parameters in bf16, against f32", "",
                   Lstm<float>, Gru<float>) {
  const auto batch = batch_of(sequences(70));
  // Which input, and which parameters stay as they are.
  const auto gradients = [&](Precision precision, int input, const std::string& frozen) {
    Inputs<TestType> net;
    initialize(net, 5);
    RandomStream random(3);
    init::uniform(net.position.weight.edit(), random, -1, 1);
    set_precision(net, precision);
    for_each_parameter(net, [&](const std::string& name, auto& p) {
      p.trainable = frozen.empty() || name.find(frozen) == std::string::npos;
    });
    zero_gradients(net);
    Tape<float> tape(Mode::training);
    const auto tokens = input == 0   ? net.one_hot(batch)
                        : input == 1 ? net.embedding(batch) + net.position(batch)
                                     : net.one_hot(batch) + net.position(batch);
    tape.backward(probe(net.recurrent(tape, tokens)));
    std::vector<std::pair<std::string, std::vector<float>>> found;
    for_each_parameter(net, [&](const std::string& name, Parameter<float>& p) {
      found.emplace_back(name, copy_of(p.gradient()));
    });
    return found;
  };
  for (const int input : {0, 1, 2})
    for (const std::string frozen : {"", "weight_ih", "embedding", "position"}) {
      const auto exact = gradients(Precision::f32, input, frozen),
                 rounded = gradients(Precision::bf16, input, frozen);
      for (std::size_t k = 0; k < exact.size(); ++k) {
        const auto& [name, a] = exact[k];
        const auto& b = rounded[k].second;
        INFO(name << ", input " << input << ", frozen: " << frozen);
        if (std::all_of(a.begin(), a.end(), [](float v) { return v == 0; })) {
          CHECK(same_bits(a, b));  // frozen, or not in use
        } else {
          CHECK(cosine(a.data(), b.data(), a.size()) > 0.999);
        }
      }
    }
}

TEMPLATE_TEST_CASE("precision: bf16 gives the same bits for any number of threads, on all units", "",
                   Lstm<float>, Gru<float>) {
  const auto batch = batch_of(sequences(70));
  const auto narrow = batch_of({{1, 2, 3}, {4, 5}, {6}, {7, 8, 9, 1}});  // too few rows: threads share units
  std::vector<std::vector<float>> found;
  for_each_matrix_unit([&] {
    check_threads([&] {
      Net<TestType> net(72, 0.2);
      set_precision(net, Precision::bf16);
      return step(net, batch);
    });
    check_threads([&] {
      Net<TestType> net(300);
      set_precision(net, Precision::bf16);
      return step(net, narrow);
    });
    Net<TestType> net(72, 0.2);
    set_precision(net, Precision::bf16);
    found.push_back(step(net, batch));
  });
  for (const auto& bits : found) CHECK(same_bits(found.front(), bits));
}

TEMPLATE_TEST_CASE(
    "precision: a sequence's bf16 result does not depend on its batch, and steps give its bits", "",
    Lstm<float>, Gru<float>) {
  const auto ids = sequences(40);
  auto recurrent = layer<TestType>(24, 33, 2, false);
  recurrent.set_precision(Precision::bf16);
  Embedding<float> embedding({.vocabulary = 11, .dim = 24, .padding = 0});
  recurrent.initialize({1});
  embedding.initialize({2});
  const auto batch = batch_of(ids);
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  const auto all = recurrent(tape, embedding(batch));
  for (const std::size_t b : {0U, 5U, 39U}) {
    const auto alone = batch_of({ids[b]});
    Tape<float> own(Mode::inference);
    const auto y = recurrent(own, embedding(alone));
    auto stream = recurrent.initial_state(1);
    for (std::size_t t = 0; t < ids[b].size(); ++t) {
      const auto here = all.value().row(batch.layout.offset(t) + batch.layout.rank(b));
      REQUIRE(std::memcmp(here.data(), y.value().row_data(t), 33 * sizeof(float)) == 0);
      const auto h = recurrent.step(embedding.at(std::span(&ids[b][t], 1)), stream);
      REQUIRE(std::memcmp(here.data(), h.row_data(0), 33 * sizeof(float)) == 0);
    }
  }
}

TEMPLATE_TEST_CASE("precision: what was trained in f32 runs in bf16 and goes back", "", Lstm<float>,
                   Gru<float>) {
  const auto batch = batch_of(sequences(20));
  Net<TestType> net;
  const auto before = step(net, batch);
  set_precision(net, Precision::bf16);
  CHECK(net.recurrent.precision() == Precision::bf16);
  CHECK(net.head.precision() == Precision::bf16);
  const auto rounded = step(net, batch);
  CHECK(!same_bits(before, rounded));
  set_precision(net, Precision::f32);
  CHECK(same_bits(before, step(net, batch)));
}

TEMPLATE_TEST_CASE("precision: three hundred steps in bf16 lose as three hundred in f32", "", Lstm<float>,
                   Gru<float>) {
  const auto ids = sequences(64);
  const auto batch = batch_of(ids);
  std::vector<Token> next(batch.layout.tokens());
  for (std::size_t k = 0; k < next.size(); ++k) next[k] = (batch.ids[k] * 3 + 1) % 7;  // a rule to be learned
  const auto train = [&](Precision precision) {
    const FlushDenormals flush;
    Net<TestType> net;
    set_precision(net, precision);
    Optimizer<float> optimizer{adam()};
    Tape<float> tape(Mode::training);
    std::vector<double> losses;
    for (int k = 0; k < 300; ++k) {
      tape.reset();
      zero_gradients(net);
      const auto loss = cross_entropy(net.forward(tape, batch), next);
      losses.push_back(double{loss.value()(0, 0)});
      tape.backward(loss);
      optimizer.step(net);
    }
    return losses;
  };
  const auto exact = train(Precision::f32), rounded = train(Precision::bf16);
  CHECK(exact.back() < 0.1 * exact.front());
  for (std::size_t first = 0; first < exact.size(); first += 50) {  // means of fifty steps
    double sum = 0, rounded_sum = 0;
    for (std::size_t k = first; k < first + 50; ++k) {
      sum += exact[k];
      rounded_sum += rounded[k];
    }
    INFO("from step " << first << " on: " << sum / 50 << " and " << rounded_sum / 50);
    CHECK(std::abs(rounded_sum - sum) <= 0.02 * sum);
  }
}

TEST_CASE("precision: bf16 is for floats") {
  CHECK_THROWS_WITH(Lstm<double>({.input = 2, .hidden = 3, .precision = Precision::bf16, .name = "a"}),
                    "lstm 'a': bf16 is for networks of floats; this one is of doubles");
  Dense<double> dense(2, 3);
  CHECK_THROWS_WITH(dense.set_precision(Precision::bf16),
                    "dense: bf16 is for networks of floats; this one is of doubles");
  TiedDecoder<double> decoder(4);
  CHECK_THROWS_AS(decoder.set_precision(Precision::bf16), option_error);
}

TEMPLATE_TEST_CASE("precision: a bf16 step allocates nothing after the first", "", Lstm<float>, Gru<float>) {
  const auto batch = batch_of(sequences(30));
  Net<TestType> net;
  set_precision(net, Precision::bf16);
  Tape<float> tape(Mode::training);
  std::size_t before = 0;
  for (int k = 0; k < 4; ++k) {
    tape.reset();
    zero_gradients(net);
    tape.backward(probe(net.forward(tape, batch)));
    if (k == 1) before = tape.arena().system_allocations();
  }
  CHECK(tape.arena().system_allocations() == before);
}
