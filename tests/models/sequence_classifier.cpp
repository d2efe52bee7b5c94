#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("sequence classifier: about as many parameters as were expected") {
  for (const auto& options :
       {SequenceClassifierOptions{}, SequenceClassifierOptions{.positions = 81, .composition = true},
        SequenceClassifierOptions{.vocabulary = 1024, .hidden = 8, .layers = 1, .outputs = 3}}) {
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
    SequenceClassifier<float> net({.positions = 5, .composition = composition});
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
