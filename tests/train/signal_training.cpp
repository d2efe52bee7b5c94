#include <seqlstm/train/signal_training.hpp>

#include <seqlstm/data/simulated_waves.hpp>
#include <seqlstm/data/split.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

SignalTraining quick() {
  return {.net = {.filters = 4, .hidden = 8, .dense = 16, .offset = 0.1},
          .ensemble = 2,
          .learning_rate = 0.01,
          .epochs = 3,
          .progress = nullptr};
}

}  // namespace

TEST_CASE("signal training: several networks from seeds of their own, which answer as one") {
  const auto [train, valid] = split(simulated_waves(240, 1), {0.8, 0.2}, {.seed = 1, .stratified = true});
  const auto objective = objective_for(Task::multi_class, train.labels, 4);
  auto options = quick();
  std::vector<std::string> said;
  options.say = [&](const std::string& line) { said.push_back(line); };
  const auto trained = train_signals(train, valid, objective, options);
  CHECK(trained.net.size() == 2);
  CHECK(said == std::vector<std::string>{"network 1 of 2:", "network 2 of 2:"});
  CHECK(trained.net[0].options().channels == 3);
  CHECK(trained.net[0].options().outputs == 4);
  CHECK(trained.fitted.history.size() == 3);
  const auto once = objective.predict(trained.net[0], valid).values;
  CHECK(objective.predict(trained.net[1], valid).values != once);
  options.ensemble = 1;
  const auto alone = train_signals(train, valid, objective, options);
  CHECK(objective.predict(alone.net, valid).values == once);
  CHECK(train_signals(train, valid, objective, options).fitted.history[2].train_loss ==
        alone.fitted.history[2].train_loss);
}

TEST_CASE("signal training: numbers are learned in units of their deviation") {
  auto data = simulated_waves(200, 1);
  for (double& label : data.labels) label = 1000 + 50 * label;
  const auto [train, valid] = split(data, {0.8, 0.2}, {.seed = 1});
  const auto objective = objective_for(Task::regression, train.labels, 0);
  auto options = quick();
  options.ensemble = 1;
  const auto trained = train_signals(train, valid, objective, options);
  CHECK(trained.net[0].options().outputs == 1);
  const auto said = objective.predict(trained.net, objective.learned(valid));
  for (const double value : said.values) CHECK(std::abs(value - 1075) < 200);
}

TEST_CASE("signal training: small sets are read more often, what cannot be trained is refused") {
  const auto data = simulated_waves(200, 1);
  CHECK(SignalTraining().epochs_for(data) == 100);
  CHECK(SignalTraining().epochs_for(simulated_waves(800, 1)) == 30);
  CHECK(quick().epochs_for(data) == 3);
  auto options = quick();
  options.ensemble = 0;
  const auto objective = objective_for(Task::multi_class, data.labels, 4);
  CHECK(message_of<option_error>([&] { train_signals(data, data, objective, options); }) ==
        "ensemble is 0, expected at least 1");
  SequenceDataset letters;
  const double label[] = {0};
  letters.tokenizer = Tokenizer(dna4);
  letters.add(Record{.id = "letters", .sequence = "ACGT"}, label);
  options.ensemble = 1;
  CHECK_THAT(message_of<option_error>([&] { train_signals(letters, letters, objective, options); }),
             ContainsSubstring("channels is 0, expected at least one number at each position"));
}

TEST_CASE("signal training: a stop ends it with the networks that there are") {
  const auto data = simulated_waves(80, 1);
  auto options = quick();
  options.stop = [] { return true; };
  const auto trained = train_signals(data, data, objective_for(Task::multi_class, data.labels, 4), options);
  CHECK(trained.fitted.stopped);
  CHECK(trained.net.size() == 1);
}

TEST_CASE("signal training: a network whose training is stopped does not answer with whole ones") {
  const auto data = simulated_waves(80, 1);
  const auto objective = objective_for(Task::multi_class, data.labels, 4);
  auto options = quick();
  options.ensemble = 3;
  std::size_t begun = 0;
  options.say = [&](const std::string&) { ++begun; };
  options.stop = [&] { return begun == 2; };
  const auto trained = train_signals(data, data, objective, options);
  CHECK(begun == 2);
  CHECK(trained.net.size() == 1);
  CHECK(trained.fitted.stopped);
  CHECK(trained.fitted.history.size() == 3);
  options.ensemble = 1;
  options.stop = {};
  const auto alone = train_signals(data, data, objective, options);
  CHECK(objective.predict(trained.net, data).values == objective.predict(alone.net, data).values);
}
