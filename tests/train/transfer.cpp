#include <seqlstm/train/transfer.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("transfer: tokens of two vocabularies match by their letters") {
  const Tokenizer four(dna4, {.k = 2, .stride = 1}), five(dna5, {.k = 2, .stride = 1}),
      padded(dna4, {.k = 2, .stride = 1, .padding = true});
  const auto matches = matching_tokens(four, five);
  REQUIRE(matches.size() == 25);
  for (Token id = 0; id < 25; ++id) {
    const std::string text = five.text(id);
    INFO(text);
    if (text.find('N') != std::string::npos) {
      CHECK(matches[static_cast<std::size_t>(id)] == -1);
    } else {
      CHECK(four.text(matches[static_cast<std::size_t>(id)]) == text);
    }
  }
  const auto shifted = matching_tokens(four, padded);
  CHECK(shifted[0] == -1);
  CHECK(shifted[1] == 0);
  CHECK(matching_tokens(padded, padded)[0] == 0);
}

TEST_CASE("transfer: vocabularies that cannot match are refused") {
  const Tokenizer two(dna4, {.k = 2}), three(dna4, {.k = 3}), strided(dna4, {.k = 2, .stride = 2});
  CHECK_THROWS_WITH(
      matching_tokens(three, two),
      "vocabulary: the encoder reads 3-mers every 1 letters, the data is cut into 2-mers every 1 "
      "letters; cut it as the encoder was trained");
  CHECK_THROWS_AS(matching_tokens(strided, two), option_error);
  const Alphabet digits("digits", "0123456789");
  CHECK_THROWS_WITH(matching_tokens(Tokenizer(digits), Tokenizer(aa20)),
                    ContainsSubstring("no token in common"));
  CHECK_THROWS_WITH(matching_tokens(Tokenizer(dna4), Tokenizer(aa20)),
                    ContainsSubstring("reads letters of dna4, the data's are of aa20"));
}

TEST_CASE("transfer: vectors of known tokens are copied, the others get the mean") {
  const std::vector<double> from = {1, 10, 3, 30};
  std::vector<double> to(6);
  const std::vector<Token> matches = {1, -1, 0};
  copy_matching_rows<double>({from.data(), 2, 2}, matches, {to.data(), 3, 2});
  CHECK(to == std::vector<double>{3, 30, 2, 20, 1, 10});
  CHECK_THROWS_AS(copy_matching_rows<double>({from.data(), 1, 4}, matches, {to.data(), 3, 2}), shape_error);
}

namespace {

TinyModel built() {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  return model;
}
/// Of the tiny model: embedding, lstm, pooling, norm, dropout, dense.
const ParameterGroups groups = {{"0"}, {"1"}, {"3", "5"}};

std::vector<bool> trainable(TinyModel& model) {
  std::vector<bool> found;
  for_each_parameter(model, [&](const std::string&, auto& p) { found.push_back(p.trainable); });
  return found;
}

}  // namespace

TEST_CASE("transfer: groups are frozen from the bottom, and learn more slowly there") {
  auto model = built();
  CHECK(groups.size() == 3);
  CHECK(groups.of("1.weight_ih_l0") == 1);
  CHECK_THROWS_WITH(groups.of("10.weight"), ContainsSubstring("parameter '10.weight' is in no group"));
  groups.train_from(1, model);
  const auto some = trainable(model);
  CHECK_FALSE(some[0]);
  CHECK(some[1]);
  CHECK(some.back());
  groups.train_from(0, model);
  CHECK(trainable(model)[0]);
  const auto factors = lr_scales(groups, {.rate = 2, .momentum = 1.25});
  CHECK(factors("0.weight").lr == 0.25);
  CHECK(factors("1.bias_hh_l0").lr == 0.5);
  CHECK(factors("1.bias_hh_l0").momentum == 0.8);
  CHECK(factors("5.bias").lr == 1);
  CHECK(factors("5.bias").momentum == 1);
  CHECK(lr_scales(groups)("0.weight").momentum == 1);
  CHECK_THROWS_AS(lr_scales(groups, {.rate = 0.5}), option_error);
  CHECK_THROWS_AS(lr_scales(groups, {.momentum = 0.5}), option_error);
}

TEST_CASE("transfer: stages train from the top, epochs count through") {
  const auto train = tiny_data(120, 1), valid = tiny_data(60, 2);
  auto model = built();
  const auto weights_of = [&](std::string_view prefix) {
    std::vector<double> values;
    for_each_parameter(model, [&](const std::string& name, const auto& p) {
      if (name.starts_with(prefix)) values.insert(values.end(), p.data(), p.data() + p.size());
    });
    return values;
  };
  const auto embedding = weights_of("0."), lstm = weights_of("1."), dense = weights_of("5.");
  std::vector<std::size_t> epochs;
  std::vector<bool> lstm_moved, embedding_moved;
  FitOptions options;
  options.batch_size = 20;
  options.restore_best = false;
  options.callbacks = {[&](const EpochReport& report) {
    epochs.push_back(report.epoch);
    lstm_moved.push_back(weights_of("1.") != lstm);
    embedding_moved.push_back(weights_of("0.") != embedding);
    return true;
  }};
  const auto result =
      fit_in_stages(model, groups, {{2, 1, 1e-2}, {1, 2, 1e-2}, {0, 1, 1e-2}}, train, valid, options);
  CHECK(epochs == std::vector<std::size_t>{1, 2, 3, 4});
  CHECK(lstm_moved == std::vector<bool>{false, true, true, true});
  CHECK(embedding_moved == std::vector<bool>{false, false, false, true});
  CHECK(weights_of("5.") != dense);
  REQUIRE(result.history.size() == 4);
  CHECK(result.history[3].epoch == 4);
  CHECK(result.best_epoch == 4);
  CHECK_THROWS_AS(fit_in_stages(model, groups, {}, train, valid, options), option_error);

  // With smaller momenta below, the lower groups end elsewhere.
  const auto lstm_after = [&](const GroupDecay& decay) {
    auto copy = built();
    FitOptions brief;
    brief.batch_size = 20;
    brief.restore_best = false;
    fit_in_stages(copy, groups, {{1, 1, 1e-2}}, train, valid, brief, decay);
    std::vector<double> values;
    for_each_parameter(copy, [&](const std::string& name, const auto& p) {
      if (name.starts_with("1.")) values.insert(values.end(), p.data(), p.data() + p.size());
    });
    return values;
  };
  CHECK(lstm_after({}) != lstm_after({.momentum = 2}));

  // Updates count through, and what ends the training ends all stages.
  std::vector<std::uint64_t> steps;
  options.callbacks.clear();
  options.max_updates = 8;  // 6 an epoch
  options.on_step = [&](const StepReport& report) {
    steps.push_back(report.step);
    return true;
  };
  fit_in_stages(model, groups, {{2, 1, 1e-2}, {1, 1, 1e-2}, {0, 1, 1e-2}}, train, valid, options);
  CHECK(steps == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8});
  std::size_t called = 0;
  options.max_updates = 0;
  options.callbacks = {[&](const EpochReport&) { return ++called < 2; }};
  CHECK(fit_in_stages(model, groups, {{2, 1, 1e-2}, {1, 3, 1e-2}, {0, 1, 1e-2}}, train, valid, options)
            .history.size() == 2);
}

TEST_CASE("transfer: a stage without a best epoch leaves the weights of the stage before") {
  const auto train = tiny_data(120, 1), valid = tiny_data(60, 2);
  FitOptions options;
  options.batch_size = 20;  // 6 updates an epoch
  auto first = built();
  fit_in_stages(first, groups, {{2, 2, 1e-2}}, train, valid, options);
  std::uint64_t steps = 0;
  options.on_step = [&](const StepReport& step) {
    steps = step.step;
    return true;
  };
  options.stop = [&] { return steps == 15; };
  auto stopped = built();
  const std::vector<UnfreezeStage> stages = {{2, 2, 1e-2}, {0, 5, 1e-2}};
  const auto result = fit_in_stages(stopped, groups, stages, train, valid, options);
  CHECK(result.stopped);
  CHECK(result.updates == 15);
  CHECK(result.history.size() == 2);
  CHECK(result.best_epoch >= 1);
  CHECK(everything(stopped) == everything(first));

  options.stop = {};
  options.on_step = [](const StepReport& step) -> bool {
    if (step.step == 15) throw std::runtime_error("the disk is full");
    return true;
  };
  auto failed = built();
  CHECK_THROWS_WITH(fit_in_stages(failed, groups, stages, train, valid, options), "the disk is full");
  CHECK(everything(failed) == everything(first));
}

TEST_CASE("transfer: stages are fitted as the caller says") {
  const auto train = tiny_data(60, 1), valid = tiny_data(60, 2);
  auto usual = built(), own = built();
  FitOptions options;
  options.batch_size = 20;
  const std::vector<UnfreezeStage> stages = {{2, 1, 1e-2}, {0, 2, 1e-2}};
  const auto expected = fit_in_stages(usual, groups, stages, train, valid, options);
  std::size_t calls = 0;
  const auto result =
      fit_in_stages(own, groups, stages, train, valid, options, {}, [&](const FitOptions& stage) {
        ++calls;
        return fit(own, train, valid, stage);
      });
  CHECK(calls == 2);
  CHECK(result.best_epoch == expected.best_epoch);
  CHECK(result.updates == expected.updates);
  CHECK(result.history.size() == 3);
  CHECK(everything(own) == everything(usual));
}
