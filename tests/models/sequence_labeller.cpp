#include <seqlstm/models/sequence_labeller.hpp>

#include <cmath>
#include <seqlstm/nn/init.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// A batch of 11 positions with two channels beside its tokens, and a class at each.
SequenceBatch labelled_batch() {
  SequenceBatch batch = few_tokens();
  std::vector<std::vector<float>> values;
  std::vector<ConstMatrixView<float>> rows;
  RandomStream random(4);
  for (std::size_t i = 0; i < batch.layout.sequences(); ++i) {
    values.emplace_back(batch.layout.length(batch.layout.rank(i)) * 2);
    for (float& v : values.back()) v = static_cast<float>(random.normal());
  }
  for (const auto& v : values) rows.emplace_back(v.data(), v.size() / 2, 2);
  batch.set_channels(rows);
  for (std::size_t r = 0; r < batch.layout.tokens(); ++r)
    batch.position_labels.push_back(r == 4 ? ignored_label : static_cast<double>(r % 3));
  return batch;
}
SequenceLabellerOptions plain() {
  return {.vocabulary = 4,
          .embedding_dim = 3,
          .hidden = 4,
          .layers = 2,
          .outputs = 3,
          .token_dropout = 0,
          .layer_dropout = 0,
          .head_dropout = 0};
}

}  // namespace

TEST_CASE("labeller: gradients of every part, with channels, convolutions and a CRF or without") {
  const SequenceBatch batch = labelled_batch();
  for (const bool crf : {false, true})
    for (const bool more : {false, true}) {
      auto options = plain();
      options.crf = crf;
      if (more) {
        options.channels = 2;
        options.filters = 2;
        options.kernels = {3, 5};
        options.layers = 1;
      }
      SequenceLabeller<double> net(options, more ? channel_scale(batch.channel_rows()) : ChannelScale());
      initialize(net, 2);
      const Loss loss = net.loss();
      const auto report =
          check_gradient([&](Tape<double>& tape) { return loss(net.forward(tape, batch), batch.targets()); },
                         checked_values(net), 2e-7);
      INFO(report);
      CHECK(report);
    }
}

TEST_CASE("labeller: channels alone, and the parameters that its options imply") {
  const SequenceBatch batch = labelled_batch();
  auto options = plain();
  options.vocabulary = 0;
  options.channels = 2;
  SequenceLabeller<float> net(options);
  initialize(net, 2);
  Tape<float> tape(Mode::inference);
  const auto output = net.forward(tape, batch);
  CHECK(output.by_position());
  CHECK(output.value().rows() == batch.layout.tokens());
  CHECK(output.value().cols() == 3);
  CHECK(net.states(tape, batch).cols() == 8);
  for (const auto& o : {plain(), options}) {
    SequenceLabeller<float> own(o);
    const auto count = static_cast<double>(parameter_count(own));
    CHECK(expected_parameters(o) <= count);
    CHECK(expected_parameters(o) > 0.8 * count);
  }
}

TEST_CASE("labeller: what it is trained with follows from its options") {
  auto options = plain();
  CHECK(std::string(SequenceLabeller<float>(options).loss().name()) == "cross_entropy");
  options.outputs = 1;
  CHECK(std::string(SequenceLabeller<float>(options).loss().name()) == "bce_with_logits");
  options.outputs = 3;
  options.crf = true;
  CHECK(std::string(SequenceLabeller<float>(options).loss().name()) == "crf_loss");
  options.vocabulary = 0;
  CHECK(message_of<option_error>([&] { SequenceLabeller<float> net(options); }) ==
        "sequence labeller: neither tokens nor channels to read; set vocabulary or channels");
}

TEST_CASE("labeller: the same bits for any number of threads") {
  const SequenceBatch batch = labelled_batch();
  auto options = plain();
  options.channels = 2;
  options.filters = 3;
  options.crf = true;
  SequenceLabeller<float> net(options);
  initialize(net, 2);
  check_threads([&] {
    Tape<float> tape;
    zero_gradients(net);
    tape.backward(net.loss()(net.forward(tape, batch), batch.targets()));
    std::vector<float> gradients;
    for_each_parameter(net, [&](const std::string&, Parameter<float>& p) {
      gradients.insert(gradients.end(), p.gradient().data(), p.gradient().data() + p.size());
    });
    return gradients;
  });
}

TEST_CASE("labeller: a scale of other channels is refused") {
  auto options = plain();
  options.channels = 2;
  CHECK(message_of<shape_error>([&] {
          SequenceLabeller<float> net(options, ChannelScale{{0}, {1}});
        }) == "sequence labeller: a scale of 1 channels for 2");
}

TEST_CASE("labeller: with groups a CRF gives all labels of a sequence one of them") {
  auto options = plain();
  options.crf = true;
  options.groups = {0, 1, 1};
  SequenceLabeller<double> net(options);
  initialize(net, 9);
  const SequenceBatch batch = few_tokens();
  Tape<double> tape(Mode::inference);
  const auto output = net.forward(tape, batch);
  std::vector<double> values(output.value().size());
  const MatrixView<double> rows(values.data(), output.value().rows(), 3);
  crf_marginals(output.crf_scores(), rows);
  for (std::size_t r = 0; r < batch.layout.sequences(); ++r)
    for (std::size_t t = 1; t < batch.layout.length(r); ++t)  // the probability of a group stays the same
      CHECK(std::abs(rows(batch.layout.offset(t) + r, 0) - (rows(r, 0))) < 1e-12);
  options.groups = {0, 1};
  CHECK(message_of<option_error>([&] { SequenceLabeller<double> refused(options); }) ==
        "sequence labeller: 2 groups for 3 outputs; expected a number for each");
}
