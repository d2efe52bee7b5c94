#include <seqlstm/models/signal_classifier.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Six signals of two channels, one of a single position, with a class each.
SequenceBatch few_signals() {
  std::vector<std::vector<float>> values;
  RandomStream random(4);
  for (const std::size_t length : {5U, 1U, 3U, 7U, 2U, 4U}) {
    values.emplace_back(length * 2);
    for (float& v : values.back()) v = static_cast<float>(3 + random.normal());
  }
  std::vector<ConstMatrixView<float>> rows;
  for (const auto& v : values) rows.emplace_back(v.data(), v.size() / 2, 2);
  SequenceBatch batch;
  batch.assign(rows);
  batch.labels = {0, 1, 2, 0, 1, 2};
  return batch;
}
SignalClassifierOptions plain() {
  return {.channels = 2,
          .filters = 2,
          .kernels = {3, 5},
          .hidden = 3,
          .layers = 2,
          .heads = 2,
          .dense = 4,
          .outputs = 3,
          .noise = 0,
          .offset = 0,
          .channel_dropout = 0,
          .layer_dropout = 0,
          .head_dropout = 0};
}

}  // namespace

TEST_CASE("signal classifier: gradients of every part, records shorter than a kernel among them") {
  const SequenceBatch batch = few_signals();
  for (const bool more : {false, true}) {
    auto options = plain();
    if (!more) options.filters = options.heads = 0;
    SignalClassifier<double> net(options, channel_scale(batch.channel_rows()));
    initialize(net, 2);
    const Loss loss = cross_entropy();
    const auto report =
        check_gradient([&](Tape<double>& tape) { return loss(net.forward(tape, batch), batch.labels); },
                       checked_values(net), 1e-6);
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("signal classifier: shapes, and the parameters that its options imply") {
  const SequenceBatch batch = few_signals();
  auto without = plain();
  without.filters = without.heads = 0;
  for (const auto& o : {plain(), without}) {
    SignalClassifier<float> net(o, channel_scale(batch.channel_rows()));
    initialize(net, 2);
    Tape<float> tape(Mode::inference);
    const auto output = net.forward(tape, batch);
    CHECK(output.rows() == 6);
    CHECK(output.cols() == 3);
    CHECK(net.states(tape, batch).cols() == 6);
    const auto count = static_cast<double>(parameter_count(net));
    CHECK(expected_parameters(o) <= count);
    CHECK(expected_parameters(o) > 0.6 * count);
  }
}

TEST_CASE("signal classifier: the units of a channel are of no matter, its scale is kept") {
  const SequenceBatch batch = few_signals();
  SequenceBatch other = batch;
  std::vector<std::vector<float>> values;
  std::vector<ConstMatrixView<float>> rows;
  const auto all = batch.channel_rows();
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t rank = batch.layout.rank(i);
    values.emplace_back();
    for (std::size_t t = 0; t < batch.layout.length(rank); ++t)
      for (std::size_t c = 0; c < 2; ++c)
        values.back().push_back(1024 * all(batch.layout.offset(t) + rank, c));
  }
  for (const auto& v : values) rows.emplace_back(v.data(), v.size() / 2, 2);
  other.assign(rows);
  const auto said = [](const SequenceBatch& signals) {
    SignalClassifier<float> net(plain(), channel_scale(signals.channel_rows()));
    initialize(net, 2);
    Tape<float> tape(Mode::inference);
    return copy_of(net.forward(tape, signals).value());
  };
  const auto a = said(batch), b = said(other);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).margin(1e-5));
}

TEST_CASE("signal classifier: training disturbs channels, prediction does not") {
  const SequenceBatch batch = few_signals();
  for (const char* what : {"noise", "offset", "channel_dropout", "head_dropout"}) {
    INFO(what);
    auto options = plain();
    const std::string name = what;
    if (name == "noise") options.noise = 0.5;
    if (name == "offset") options.offset = 0.5;
    if (name == "channel_dropout") options.channel_dropout = 0.5;
    if (name == "head_dropout") options.head_dropout = 0.5;
    SignalClassifier<float> disturbed(options), calm(plain());
    initialize(disturbed, 2);
    initialize(calm, 2);
    Tape<float> a, b;
    CHECK(copy_of(disturbed.forward(a, batch).value()) != copy_of(calm.forward(b, batch).value()));
    Tape<float> c(Mode::inference), d(Mode::inference);
    SignalClassifier<float> x(options), y(plain());
    initialize(x, 2);
    initialize(y, 2);
    CHECK(copy_of(x.forward(c, batch).value()) == copy_of(y.forward(d, batch).value()));
  }
}

TEST_CASE("signal classifier: the same bits for any number of threads") {
  const SequenceBatch batch = few_signals();
  auto options = plain();
  options.noise = options.offset = 0.3;
  options.channel_dropout = options.head_dropout = 0.2;
  SignalClassifier<float> net(options);
  initialize(net, 2);
  check_threads([&] {
    Tape<float> tape;
    zero_gradients(net);
    tape.backward(cross_entropy()(net.forward(tape, batch), batch.labels));
    std::vector<float> gradients;
    for_each_parameter(net, [&](const std::string&, Parameter<float>& p) {
      gradients.insert(gradients.end(), p.gradient().data(), p.gradient().data() + p.size());
    });
    return gradients;
  });
}

TEST_CASE("signal classifier: options that fit nothing are refused") {
  auto options = plain();
  CHECK(message_of<shape_error>([&] {
          SignalClassifier<float> net(options, ChannelScale{{0}, {1}});
        }) == "signal classifier: a scale of 1 channels for 2");
  options.channels = 0;
  CHECK(message_of<option_error>([&] { SignalClassifier<float> net(options); }) ==
        "signal classifier: channels is 0, expected at least one number at each position");
  options = plain();
  options.noise = -1;
  CHECK_THROWS_AS(SignalClassifier<float>(options), option_error);
  options = plain();
  options.dense = 0;
  CHECK_THROWS_AS(SignalClassifier<float>(options), option_error);
}
