// Convolutions of tokens, which look rows up.
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/positional_embedding.hpp>

#include "support/golden.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Token vectors and a convolution of them.
struct TokenNet {
  Embedding<double> embedding{{.vocabulary = 7, .dim = 4, .dropout = 0.3}};
  PositionalEmbedding<double> position{{.length = 9, .dim = 4}};
  Conv1d<double> conv;
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("position", position);
    v("conv", conv);
  }
};

}  // namespace

TEST_CASE("conv1d: tokens that are looked up give what their dense rows give") {
  const auto batch = token_batch({{0, 1, 2}, {3, 1, 0, 2, 2, 6, 5, 5, 4}, {}, {1}, {3, 0, 3, 3}});
  const OneHot<double> one_hot(4);
  const auto few = few_tokens();
  for (const std::size_t stride : {1U, 2U, 3U})
    for (const std::size_t dilation : {1U, 2U})
      for (const bool embedded : {true, false}) {
        TokenNet net{.conv = Conv1d<double>(
                         {.input = 4, .output = 5, .kernel = 3, .stride = stride, .dilation = dilation})};
        const auto tokens = [&] {
          return embedded ? net.embedding(batch) + net.position(batch) : one_hot(few);
        };
        const auto all = [&](bool dense) {
          Tape<double> tape;
          zero_gradients(net);
          const auto y = dense ? net.conv(dense_rows(tape, tokens())) : net.conv(tape, tokens());
          tape.backward(probe<double>(y));
          std::vector<double> numbers = copy_of(y.value());
          for_each_parameter(net, [&](const std::string&, Parameter<double>& p) {
            const auto g = copy_of(p.gradient());
            numbers.insert(numbers.end(), g.begin(), g.end());
          });
          return numbers;
        };
        CHECK(difference<double>(all(false), all(true), 1e-14) == "");
        TokenNet padded = net;
        padded.embedding = Embedding<double>({.vocabulary = 7, .dim = 4, .padding = 2});
        std::swap(net, padded);
        CHECK(difference<double>(all(false), all(true), 1e-14) == "");
        std::swap(net, padded);
        const auto report = check_gradient(
            [&](Tape<double>& tape) { return probe<double>(net.conv(tape, tokens())); }, checked_values(net));
        INFO(report);
        CHECK(report);
      }
}

TEST_CASE("conv1d: lookups give the same bits for any number of threads, in f32 and bf16") {
  RandomStream random(3);
  std::vector<std::vector<Token>> ids(40);
  for (auto& sequence : ids) {
    sequence.resize(random.below(90));
    for (auto& id : sequence) id = static_cast<Token>(random.below(30));
  }
  const auto batch = token_batch(ids);
  Embedding<float> embedding({.vocabulary = 30, .dim = 24});
  for (const bool embedded : {true, false}) {
    std::vector<std::vector<float>> found;
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      Conv1d<float> conv({.input = embedded ? 24U : 30U, .output = 40, .kernel = 5, .precision = precision});
      const auto all = [&] {
        Tape<float> tape;
        zero_gradients(conv);
        zero_gradients(embedding);
        const auto y = conv(tape, embedded ? embedding(batch) : OneHot<float>(30)(batch));
        tape.backward(probe<float>(y));
        auto numbers = copy_of(y.value());
        for (const auto& more : {copy_of(conv.weight.gradient()), copy_of(conv.bias.gradient()),
                                 copy_of(embedding.weight.gradient())})
          numbers.insert(numbers.end(), more.begin(), more.end());
        return numbers;
      };
      check_threads(all);
      found.push_back(all());
    }
    REQUIRE(found[0].size() == found[1].size());
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < found[0].size(); ++i) {
      worst = std::max(worst, std::abs(double{found[0][i]} - double{found[1][i]}));
      largest = std::max(largest, std::abs(double{found[0][i]}));
    }
    CHECK(worst > 0);
    CHECK(worst < 0.01 * largest);
  }
}
