#include <seqlstm/nn/recipes.hpp>

#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/nn/sequential.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Five sequences of 11 tokens with two channels beside them.
SequenceBatch tokens_and_channels() {
  static const std::vector<float> numbers = random_values<float>(22, 3);
  SequenceBatch batch = few_tokens();
  std::vector<ConstMatrixView<float>> rows;
  std::size_t first = 0;
  for (std::size_t i = 0; i < batch.layout.sequences(); ++i) {
    const std::size_t length = batch.layout.length(batch.layout.rank(i));
    rows.emplace_back(numbers.data() + 2 * first, length, 2);
    first += length;
  }
  batch.set_channels(rows);
  return batch;
}
template <class Model> std::vector<std::string> parameters_of(Model& model) {
  std::vector<std::string> names;
  for_each_parameter(model, [&](const std::string& name, const auto&) { names.push_back(name); });
  return names;
}

}  // namespace

TEST_CASE("recipes: widths follow through convolutions, poolings over steps and attention") {
  auto model = sequential<double>(embedding(3), conv1d({.output = 4, .kernel = 3}), layer_norm(), relu(),
                                  max_pool1d({.kernel = 2, .ceil_mode = true}),
                                  lstm({.hidden = 2, .bidirectional = true}),
                                  avg_pool1d({.kernel = 2, .ceil_mode = true}),
                                  attention_pooling({.attention = 3, .heads = 2}), dense(5));
  model.build({.vocabulary = 4, .seed = 1});
  CHECK(model.layer<1>().input() == 3);
  CHECK(model.layer<2>().weight.cols() == 4);
  CHECK(model.layer<5>().options().input == 4);
  CHECK(model.layer<7>().input() == 4);
  CHECK(model.layer<8>().input() == 8);
  const auto batch = few_tokens();
  Tape<double> tape(Mode::inference);
  const auto y = model.forward(tape, batch);
  CHECK(y.rows() == 5);
  CHECK(y.cols() == 5);
  const auto names = parameters_of(model);
  CHECK(std::count(names.begin(), names.end(), "1.weight") == 1);
  CHECK(std::count(names.begin(), names.end(), "7.hidden.weight") == 1);
  const auto report = check_gradient([&](Tape<double>& t) { return probe<double>(model.forward(t, batch)); },
                                     checked_values(model));
  INFO(report);
  CHECK(report);
}

TEST_CASE("recipes: channels alone, and beside tokens") {
  const auto batch = tokens_and_channels();
  const auto scale = channel_scale(batch.channel_rows());
  auto alone = sequential(channels(), lstm({.hidden = 3}), last(), dense(1));
  alone.build({.seed = 1, .channels = scale});
  CHECK(alone.layer<1>().options().input == 2);
  auto both = sequential(concat(embedding(5), channels()), lstm({.hidden = 3}), last(), dense(1));
  both.build({.vocabulary = 4, .seed = 1, .channels = scale});
  CHECK(both.layer<1>().options().input == 7);
  Tape<float> tape(Mode::inference);
  const auto x = both.layer<0>()(tape, batch);
  const auto tokens = dense_rows(tape, both.layer<0>().token(batch));
  const auto numbers = ChannelInput<float>(scale)(tape, batch);
  for (std::size_t r = 0; r < x.rows(); ++r) {
    CHECK(x.value()(r, 4) == tokens.value()(r, 4));
    CHECK(x.value()(r, 6) == numbers.value()(r, 1));
  }
  CHECK(message_of<option_error>([&] { alone.build({.vocabulary = 4}); }) ==
        "channels(): the data has no real numbers at its positions; begin with embedding()");
}

TEST_CASE("recipes: noise keeps the width, and is added in training alone") {
  const auto batch = tokens_and_channels();
  auto model = sequential(channels(), gaussian_noise({.stddev = 0.5}), lstm({.hidden = 3}), last(), dense(1));
  model.build({.seed = 1, .channels = channel_scale(batch.channel_rows())});
  CHECK(model.layer<1>().options().stddev == 0.5);
  CHECK(model.layer<2>().options().input == 2);
  Tape<float> resting(Mode::inference), training(Mode::training);
  CHECK(model.forward(resting, batch).value()(0, 0) != model.forward(training, batch).value()(0, 0));
}

TEST_CASE("recipes: a crf has a label for each column before it") {
  auto model = sequential(embedding(3), lstm({.hidden = 2}), dense(4), crf({.forbidden = {{0, 3}}}));
  model.build({.vocabulary = 4, .seed = 1});
  CHECK(model.layer<3>().labels() == 4);
  CHECK_FALSE(model.layer<3>().may_follow(0, 3));
  const auto names = parameters_of(model);
  CHECK(std::count(names.begin(), names.end(), "3.transitions") == 1);
  Tape<float> tape(Mode::inference);
  const auto batch = few_tokens();
  const ModelOutput<float> output = model.forward(tape, batch);
  CHECK(output.has_crf());
  CHECK(output.by_position());
}
