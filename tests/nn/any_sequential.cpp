#include <seqlstm/nn/any_sequential.hpp>

#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

AnySequential<float> tiny_any() {
  return AnySequential<float>({embedding(6), lstm({.hidden = 10, .bidirectional = true}),
                               poolings({PoolingKind::last, PoolingKind::mean}), batch_norm(), dropout(0.2),
                               dense(1)});
}

template <class Model> std::vector<float> answers(Model& model, const SequenceBatch& batch) {
  Tape<float> tape(Mode::inference);
  const ModelOutput<float> output = model.forward(tape, batch);
  return copy_of(output.value());
}

/// Both are built alike and must have the same names, weights and answers.
template <class Model> void check_same(Model typed, AnySequential<float> any, const SequenceBatch& batch) {
  const BuildInfo info{.vocabulary = 4, .seed = 3, .channels = {{0.5F, 0}, {2, 1}}};
  typed.build(info);
  any.build(info);
  std::vector<std::string> names, expected;
  const auto into = [](std::vector<std::string>& list) {
    return [&](const std::string& name, const auto&) { list.push_back(name); };
  };
  for_each_parameter(typed, into(expected));
  for_each_buffer(typed, into(expected));
  for_each_parameter(any, into(names));
  for_each_buffer(any, into(names));
  CHECK(names == expected);
  CHECK(everything(any) == everything(typed));
  CHECK(answers(any, batch) == answers(typed, batch));
  CHECK(expected_parameters(any.recipes(), info) <= static_cast<double>(parameter_count(any)));
}

}  // namespace

TEST_CASE("any_sequential: names, first weights and bits are those of a Sequential") {
  const auto batch = few_tokens();
  check_same(tiny_model(), tiny_any(), batch);
  check_same(
      sequential(one_hot(), conv1d({.output = 5, .kernel = 3}), relu(),
                 max_pool1d({.kernel = 2, .ceil_mode = true}), gru({.hidden = 4, .layers = 2}),
                 layer_norm({.eps = 1e-3}), max(), dense(3), softmax()),
      AnySequential<float>{one_hot(), conv1d({.output = 5, .kernel = 3}), relu(),
                           max_pool1d({.kernel = 2, .ceil_mode = true}), gru({.hidden = 4, .layers = 2}),
                           layer_norm({.eps = 1e-3}), max(), dense(3), softmax()},
      batch);
  check_same(
      sequential(embedding(3), reversed(), rnn({.hidden = 4, .bidirectional = true}), dropout(0.1),
                 attention_pooling({.attention = 3, .heads = 2}), tanh(), dense(2), sigmoid()),
      AnySequential<float>{embedding(3), reversed(), rnn({.hidden = 4, .bidirectional = true}), dropout(0.1),
                           attention_pooling({.attention = 3, .heads = 2}), tanh(), dense(2), sigmoid()},
      batch);
  check_same(
      sequential(embedding(3), lstm({.hidden = 4, .bidirectional = true}),
                 merge_directions(MergeMode::product), avg_pool1d({.kernel = 2, .ceil_mode = true}), mean()),
      AnySequential<float>{embedding(3), lstm({.hidden = 4, .bidirectional = true}),
                           merge_directions(MergeMode::product), avg_pool1d({.kernel = 2, .ceil_mode = true}),
                           mean()},
      batch);
  auto scored = batch;
  const std::vector<float> numbers = random_values<float>(2 * 5, 1);
  std::vector<ConstMatrixView<float>> rows;
  for (const std::size_t length : {3U, 5U, 0U, 1U, 2U})
    rows.emplace_back(numbers.data(), length, std::size_t{2});
  scored.set_channels(rows);
  check_same(sequential(channels(), gaussian_noise(), lstm({.hidden = 4}), dense(3), crf()),
             AnySequential<float>{channels(), gaussian_noise(), lstm({.hidden = 4}), dense(3), crf()},
             scored);
}

TEST_CASE(
    "any_sequential: fit, predict and a Predictor take it, and the chain says whether it answers by "
    "position") {
  const auto data = tiny_data(40, 1);
  auto typed = sequential(embedding(6), lstm({.hidden = 10, .bidirectional = true}), last(), batch_norm(),
                          dropout(0.2), dense(1));
  AnySequential<float> any{embedding(6), lstm({.hidden = 10, .bidirectional = true}),
                           last(),       batch_norm(),
                           dropout(0.2), dense(1)};
  CHECK_FALSE(any.by_position());
  fit(typed, data, {.loss = bce_with_logits(), .epochs = 2, .seed = 5});
  fit(any, data, {.loss = bce_with_logits(), .epochs = 2, .seed = 5});
  CHECK(everything(any) == everything(typed));
  CHECK(predict(any, data).values == predict(typed, data).values);
  CHECK(predict(any, dna4.encode("ACGTT")).values == predict(typed, dna4.encode("ACGTT")).values);
  AnySequential<float> tagger{embedding(3), lstm({.hidden = 4}), dense(2)};
  CHECK(tagger.by_position());
  CHECK(AnySequential<float>{embedding(3)}.by_position());
  tagger.build({.vocabulary = 4});
  CHECK(predict(tagger, data, cross_entropy()).rows == data.tokens());
}

TEST_CASE("any_sequential: gradients in double, copies share nothing") {
  const auto batch = few_tokens();
  const std::vector<double> labels = {0, 1, 1, 0, 1};
  AnySequential<double> model{embedding(3), lstm({.hidden = 4, .bidirectional = true}), last(),
                              merge_directions(MergeMode::mean), dense(1)};
  model.build({.vocabulary = 4, .seed = 3});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return bce_with_logits(model.forward(tape, batch).rows(), labels); },
      checked_values(model));
  INFO(report);
  CHECK(report);
  auto a = tiny_any(), b = tiny_any();
  a.build({.vocabulary = 4, .seed = 1});
  b.build({.vocabulary = 4, .seed = 2});
  check_rule_of_five(a, b, [&](auto& m) { return answers(m, batch); });
}

TEST_CASE("any_sequential: layers that do not fit one another are named") {
  const auto message = [](std::vector<AnyRecipe> recipes) {
    try {
      const AnySequential<float> model(std::move(recipes));
    } catch (const option_error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(message({}) == "sequential: no layers, expected at least one");
  CHECK(message({lstm({.hidden = 3})}) ==
        "sequential: layer 0 (lstm) cannot be the first: begin a chain with embedding, one_hot or channels");
  CHECK(message({embedding(3), last(), lstm({.hidden = 3})}) ==
        "sequential: layer 2 (lstm) takes one row per token, but the steps before it were pooled already");
  CHECK(message({embedding(3), dense(2), crf(), relu()}) ==
        "sequential: layer 3 (relu) stands after crf, the last layer of a chain");
  CHECK(message({embedding(3), embedding(3)}) ==
        "sequential: layer 1 (embedding) can only be the first of a chain");
  AnySequential<float> nothing;
  CHECK_THROWS_WITH(nothing.build({.vocabulary = 4}),
                    "sequential: a chain of nothing; give it recipes, or load it from a file");
  AnySequential<float> unbuilt{embedding(3), mean()};
  Tape<float> tape;
  CHECK_THROWS_WITH(unbuilt.forward(tape, few_tokens()), ContainsSubstring("call build()"));
  AnySequential<float> odd{embedding(3), mean(), merge_directions(MergeMode::sum)};
  CHECK_THROWS_AS(odd.build({.vocabulary = 4}), shape_error);
}
