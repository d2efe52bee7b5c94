#include <seqlstm/io/signal_classifier.hpp>

#include <seqlstm/data/simulated_waves.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

SignalClassifierOptions few_units() {
  return {.channels = 3, .filters = 2, .hidden = 3, .heads = 1, .dense = 4, .outputs = 4};
}
/// Networks with the scale of the data.
SignalNet drawn(std::size_t members, const SequenceDataset& data) {
  std::vector<SignalClassifier<float>> nets;
  for (std::size_t m = 0; m < members; ++m) {
    nets.emplace_back(few_units(), channel_scale(data.channel_rows()));
    initialize(nets.back(), m + 1);
  }
  return SignalNet(std::move(nets));
}

}  // namespace

TEST_CASE("signal classifier file: networks come back with the scale of channels, objective and names") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("model");
  const auto data = simulated_waves(8, 1);
  const auto objective = objective_for(Task::multi_class, data.labels, 4);
  for (const std::size_t members : {1U, 2U}) {
    SignalNet net = drawn(members, data);
    io::save_signal_classifier(path, net, {.objective = objective, .label_names = data.label_names},
                               io::StoredInput(data, 0));
    const auto again = io::load_signal_classifier(path);
    CHECK(again.net.size() == members);
    CHECK(again.channels() == 3);
    CHECK(again.info.label_names == data.label_names);
    CHECK(again.objective.task == Task::multi_class);
    CHECK(again.predict(data).values == objective.predict(net, data).values);
  }
  SequenceDataset two;
  const std::vector<float> rows = {1, 2, 3, 4};
  two.add("two", {rows.data(), 2, 2});
  CHECK(message_of<option_error>([&] { static_cast<void>(io::load_signal_classifier(path).predict(two)); }) ==
        path + " reads 3 channels, the records have 2; give it signals of the kind it learned");
}

TEST_CASE("signal classifier file: one of another kind, task or size is refused") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("model");
  const auto data = simulated_waves(8, 1);
  SignalNet net = drawn(1, data);
  const io::StoredInput probe(data, 0);
  const auto four = objective_for(Task::multi_class, data.labels, 4);
  io::save_signal_classifier(path, net, {"other", four, data.label_names}, probe);
  CHECK_NOTHROW(io::load_signal_classifier(path));
  CHECK_THROWS_WITH(io::SavedSignalClassifier(path, "signal_classification"),
                    ContainsSubstring("a model of kind 'other', expected 'signal_classification'"));
  const auto refused = [&](const io::SignalClassifierParts& parts) {
    return message_of<format_error>([&] { io::save_signal_classifier(path, net, parts, probe); });
  };
  CHECK(refused({.objective = {.task = Task::binary}, .label_names = {"a", "b"}}) ==
        "the network has 4 outputs, its task needs 1");
  CHECK(refused({.objective = four, .label_names = {"a", "b"}}) == "2 names for 4 classes");
  const auto saved = [&](const nlohmann::json& options) {
    io::save_model(path, net, {"x", options, Tokenizer().to_config(), data.label_names}, probe);
  };
  saved(nlohmann::json::object());
  CHECK_THROWS_WITH(io::load_signal_classifier(path), ContainsSubstring("'plan' is missing"));
  saved({{"plan", four}, {"ensemble", 1}});
  CHECK_THROWS_WITH(io::load_signal_classifier(path), ContainsSubstring("'net' is missing"));
  auto huge = few_units();
  huge.hidden = 60000;
  saved({{"plan", four}, {"ensemble", 1}, {"net", huge}});
  CHECK_THROWS_AS(io::load_signal_classifier(path), format_error);
  saved({{"plan", four}, {"ensemble", 3}, {"net", few_units()}});
  CHECK_THROWS_AS(io::load_signal_classifier(path), format_error);
}
