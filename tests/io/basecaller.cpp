#include <seqlstm/io/basecaller.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<float> wave(std::size_t samples) {
  std::vector<float> signal(samples);
  for (std::size_t t = 0; t < samples; ++t) signal[t] = 90 + 10 * std::sin(static_cast<float>(t));
  return signal;
}

}  // namespace

TEST_CASE("base caller file: it comes back and reads as before") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("pore.model");
  for (const BaseCode code : {BaseCode::ctc, BaseCode::crf}) {
    Basecaller<float> net({.stride = 3, .filters = 4, .kernel = 3, .hidden = 5, .layers = 2, .code = code});
    initialize(net, 3);
    SequenceDataset data;
    const auto standardised = standardised_signal(wave(50));
    data.add("a", signal_frames(standardised, 3));
    io::save_basecaller(path, net, io::StoredInput(data, 0));
    auto again = io::load_basecaller(path);
    SequenceDataset added;
    again.add(added, "a", wave(50));
    CHECK(added.channels == data.channels);
    const auto before = predict(net, data, net.loss()), after = predict(again.net, added, again.net.loss());
    CHECK(after.values == before.values);
    CHECK(after.decoded == before.decoded);
    CHECK(again.net.options().code == code);
    CHECK(message_of<option_error>([&] { again.add(added, "b", wave(2)); }) ==
          "the signal has 2 samples, but the network reads frames of 3");
    auto broken = wave(9);
    broken[4] = std::nanf("");
    CHECK_THROWS_AS(again.add(added, "b", broken), numeric_error);
    CHECK(added.size() == 1);
  }
}

TEST_CASE("base caller file: a model of another kind is refused") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("pore.model");
  Basecaller<float> net({.stride = 2, .filters = 2, .kernel = 1, .hidden = 2, .layers = 1});
  initialize(net, 3);
  io::StoredInput probe;
  probe.channels = {0, 1, 2, 3};
  probe.channel_count = 2;
  io::save_model(path, net, {"other", {{"net", net.options()}}, Tokenizer(dna4).to_config(), {}}, probe);
  CHECK_THROWS_WITH(io::load_basecaller(path), ContainsSubstring("a model of kind 'other'"));
  io::save_model(path, net, {"basecalling", {{"net", {{"code", "x"}}}}, Tokenizer(dna4).to_config(), {}},
                 probe);
  CHECK_THROWS_WITH(io::load_basecaller(path), ContainsSubstring("'code' is 'x', expected ctc or crf"));
}
