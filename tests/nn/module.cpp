#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/module.hpp>

#include <array>
#include <atomic>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <seqlstm/nn/tied_decoder.hpp>
#include <thread>

#include "support/catch.hpp"
#include "support/tokens.hpp"

using namespace seqlstm;

namespace {

struct Head {
  Dense<float> first{3, 2};
  BatchNorm<float> norm{2};
  Dropout<float> dropout{0.5};
  template <class V> void fields(V& v) {
    v("first", first);
    v("norm", norm);
    v("dropout", dropout);
  }
};
struct Net {
  Dense<float> body{4, 3};
  Head head;
  template <class V> void fields(V& v) {
    v("body", body);
    v("head", head);
  }
};

}  // namespace

TEST_CASE("module: parameters and buffers have dotted names in the order of fields") {
  Net net;
  std::vector<std::string> names;
  for_each_parameter(net, [&](const std::string& name, const auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"body.weight", "body.bias", "head.first.weight", "head.first.bias",
                                          "head.norm.weight", "head.norm.bias"});
  names.clear();
  for_each_buffer(net, [&](const std::string& name, const auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"head.norm.running_mean", "head.norm.running_var",
                                          "head.norm.num_batches_tracked"});
  CHECK(parameter_count(net) == 12 + 3 + 6 + 2 + 2 + 2);
}

TEST_CASE("module: groups freeze by whole names, modes reach every layer that has one") {
  Net net;
  CHECK(set_trainable(net, "head.first", false) == 2);
  CHECK(set_trainable(net, "head.fir", false) == 0);
  CHECK_FALSE(net.head.first.weight.trainable);
  CHECK(net.head.norm.weight.trainable);
  CHECK(set_trainable(net, "", true) == 6);
  CHECK(net.head.first.weight.trainable);
  set_training(net, false);
  CHECK_FALSE(net.head.norm.training);
  CHECK_FALSE(net.head.dropout.training);
  set_training(net, true);
  CHECK(net.head.norm.training);
}

TEST_CASE("module: zero_gradients clears, edit changes the version") {
  Net net;
  net.body.weight.gradient()(1, 1) = 5;
  zero_gradients(net);
  CHECK(net.body.weight.gradient()(1, 1) == 0);
  const auto version = net.body.weight.version();
  net.body.weight.edit();
  CHECK(net.body.weight.version() != version);
}

namespace {

/// Every layer that keeps copies of its weights.
struct Reader {
  Embedding<float> embedding{{.vocabulary = 5, .dim = 6}};
  Lstm<float> lstm{{.input = 6, .hidden = 20, .layers = 2, .bidirectional = true, .dropout = 0.5}};
  Rnn<float> rnn{{.input = 40, .hidden = 6, .layers = 2, .dropout = 0.5}};
  TiedDecoder<float> decoder{5};
  Dense<float> head{5, 3};
  Lstm<float> one_way{{.input = 6, .hidden = 20}};  // for steps
  void prepare() const { decoder.prepare(embedding); }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("rnn", rnn);
    v("decoder", decoder);
    v("head", head);
    v("one_way", one_way);
  }
  std::vector<float> answer(const SequenceBatch& batch) {
    Tape<float> tape(Mode::inference);
    const auto y = head(decoder(rnn(lstm(tape, embedding(batch))), embedding));
    return {y.value().data(), y.value().data() + y.value().size()};
  }
  /// The same letters one by one, in streams of this thread.
  std::vector<float> steps(std::span<const Token> ids) {
    auto streams = one_way.initial_state(1);
    for (const Token id : ids) one_way.step(embedding.at(id), streams);
    const auto h = streams.h(0);
    return {h.data(), h.data() + h.cols()};
  }
};

}  // namespace

TEST_CASE("module: threads that ask one new network at once get the bits of one thread") {
  const auto batch = testing::token_batch(std::vector<std::vector<Token>>{{0, 1, 2, 3, 4}, {}, {4, 1}});
  const std::vector<Token> ids = {3, 0, 4, 4, 1};
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const bool prepared : {false, true}) {
      Reader alone;
      initialize(alone, 3);
      set_precision(alone, precision);
      const auto expected = alone.answer(batch), expected_steps = alone.steps(ids);
      for (int round = 0; round < 20; ++round) {
        Reader shared;
        initialize(shared, 3);
        set_precision(shared, precision);
        if (prepared) prepare(shared);
        std::array<std::vector<float>, 4> answers, steps;
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < answers.size(); ++i)
          threads.emplace_back([&, i] {
            answers[i] = shared.answer(batch);
            steps[i] = shared.steps(ids);
          });
        for (auto& thread : threads) thread.join();
        for (const auto& answer : answers) REQUIRE(answer == expected);
        for (const auto& step : steps) REQUIRE(step == expected_steps);
      }
    }
}

TEST_CASE("module: what is kept of weights is made once for all who ask, and anew after a throw") {
  detail::Cached<int, 2> cached;
  std::atomic<int> made = 0;
  const auto make = [&](int& value) { value = ++made; };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { cached.get({1, 2}, make); });
  for (auto& thread : threads) thread.join();
  CHECK(made == 1);
  CHECK_THROWS(cached.get({1, 3}, [](int&) { throw option_error("no"); }));
  CHECK(cached.get({1, 3}, make) == 2);
  auto copy = cached;
  CHECK(copy.get({1, 3}, make) == 3);  // of its own
  copy = cached;
  CHECK(copy.get({1, 3}, make) == 3);
  auto moved = std::move(copy);
  CHECK(moved.get({1, 3}, make) == 3);
  CHECK_THROWS(moved.get({1, 4}, [](int& value) {
    value = -1;
    throw option_error("half made");
  }));
  CHECK(moved.get({1, 3}, make) == 4);
}
