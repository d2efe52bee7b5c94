#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("sequence classifier: about as many parameters as were expected") {
  for (const auto& options :
       {SequenceClassifierOptions{}, SequenceClassifierOptions{.positions = 81, .composition = true},
        SequenceClassifierOptions{.vocabulary = 1024, .hidden = 8, .layers = 1, .outputs = 3},
        SequenceClassifierOptions{.filters = 32, .attention_heads = 4, .sites = true}}) {
    SequenceClassifier<float> net(options);
    const auto count = static_cast<double>(parameter_count(net));
    CHECK(expected_parameters(options) <= count);
    CHECK(expected_parameters(options) > 0.8 * count);
  }
}

TEST_CASE("sequence classifier: it learns, and threads may share it") {
  const auto train = tiny_data(200, 1), test = tiny_data(60, 2);
  SequenceClassifier<float> net({.hidden = 8, .layers = 1, .token_dropout = 0});
  fit(net, train, {.epochs = 12, .batch_size = 16, .seed = 1});
  const Loss loss = bce_with_logits();
  CHECK(evaluate(net, test, loss)["accuracy"] > 0.9);
  const SequenceClassifier<float>& shared = net;
  Predictor predictor(shared, loss);
  const auto all = predict(net, test, loss).values;
  for (std::size_t i = 0; i < 5; ++i) CHECK(predictor(test.sequence(i))[0] == Approx(all[i]).epsilon(1e-6));
}

TEST_CASE("sequence classifier: its groups name every parameter") {
  for (const bool composition : {false, true}) {
    SequenceClassifier<float> net({.positions = 5,
                                   .composition = composition,
                                   .filters = composition ? std::size_t{4} : std::size_t{0},
                                   .attention_heads = 2,
                                   .sites = true});
    const auto groups = net.groups();
    CHECK(groups.size() == 2);
    for_each_parameter(net, [&](const std::string& name, auto&) { CHECK_NOTHROW(groups.of(name)); });
  }
}

TEST_CASE("sequence classifier: composition and length reach the head") {
  SequenceClassifier<float> net({.hidden = 4, .layers = 1, .composition = true}),
      plain({.hidden = 4, .layers = 1});
  const auto columns = [](auto& module) {
    std::size_t cols = 0;
    for_each_parameter(module, [&](const std::string& name, const auto& p) {
      if (name == "hidden.weight") cols = p.shape().at(1);
    });
    return cols;
  };
  CHECK(columns(plain) == 6 * 4);
  CHECK(columns(net) == 6 * 4 + 32 + 1);  // the mean token vector, and the length
}

TEST_CASE(
    "sequence classifier: convolutions, attention and sites have weights only where they are asked for") {
  const auto names = [](const SequenceClassifierOptions& options) {
    SequenceClassifier<float> net(options);
    std::string all;
    for_each_parameter(net, [&](const std::string& name, auto&) { all += name + " "; });
    return all;
  };
  const std::string plain = names({.layers = 1});
  for (const char* part : {"convolution", "attention", "site"}) CHECK(plain.find(part) == std::string::npos);
  const auto rich =
      names({.layers = 1, .filters = 4, .kernels = {3, 5, 9}, .attention_heads = 2, .sites = true});
  for (const char* part : {"convolution2.weight", "attention.score.weight", "site.bias"})
    CHECK(rich.find(part) != std::string::npos);
  CHECK_THROWS_AS(SequenceClassifier<float>({.filters = 4, .kernels = {0}}), option_error);
}

TEST_CASE("sequence classifier: gradients with convolutions, attention and sites") {
  const auto data = tiny_data(3, 1);
  std::vector<std::span<const Token>> sequences;
  for (std::size_t i = 0; i < data.size(); ++i) sequences.push_back(data.sequence(i));
  SequenceBatch batch;
  batch.assign(sequences);
  batch.labels = data.labels;
  batch.position_labels.assign(batch.layout.tokens(), 0);
  batch.position_labels[batch.layout.offset(1)] = 1;
  SequenceClassifier<double> net({.embedding_dim = 3,
                                  .hidden = 2,
                                  .layers = 1,
                                  .token_dropout = 0,
                                  .head_dropout = 0,
                                  .filters = 2,
                                  .kernels = {3, 2},
                                  .attention_heads = 2,
                                  .sites = true});
  initialize(net, 1);
  std::vector<CheckedValue> values;
  for_each_parameter(net, [&](const std::string& name, Parameter<double>& p) {
    values.push_back({name, p.edit(), p.gradient(), [&p] { p.edit(); }});
  });
  const Loss loss = bce_with_logits().with_sites(0.7);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        return loss(ModelOutput<double>(net.forward(tape, batch)), batch.targets());
      },
      values, 1e-5);
  INFO(report);
  CHECK(report);
}
