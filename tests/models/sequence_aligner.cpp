#include <seqlstm/models/sequence_aligner.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/alignment_loss.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/optim/optimizer.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const SequenceAlignerOptions small = {.filters = 5, .kernel = 3, .hidden = 4, .states = 6};
const std::vector<SequencePair> some_pairs = {{0, 1}, {2, 3}};
/// The second sequences have the letters of the first ones in order, and others.
const std::vector<std::vector<Token>> letters = {
    {0, 1, 2, 3}, {3, 3, 0, 1, 2, 3}, {2, 2, 0}, {2, 2, 1, 0, 3}};
const std::vector<std::int32_t> some_targets = {2, 3, 4, 5, 0, 1, 3};

SequenceBatch batch_of(const std::vector<std::vector<Token>>& sequences) {
  std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
  SequenceBatch batch;
  batch.assign(views);
  return batch;
}

template <class T> Var<T> loss_of(const SequenceAligner<T>& net, Tape<T>& tape, const SequenceBatch& batch) {
  const auto scores = net.forward(tape, batch, some_pairs);
  return alignment_loss<T>(scores.pairs, scores.gap, some_targets);
}

}  // namespace

TEST_CASE("sequence_aligner: gradients of all parameters") {
  SequenceAligner<double> net(small);
  initialize(net, 2);
  const auto batch = batch_of(letters);
  const auto values = checked_values(net);
  CHECK(values.size() == 14);
  const auto report =
      check_gradient([&](Tape<double>& tape) { return loss_of(net, tape, batch); }, values, 1e-6);
  INFO(report);
  CHECK(report);
}

TEST_CASE("sequence_aligner: learns which positions belong together") {
  SequenceAligner<float> net(small);
  initialize(net, 3);
  const auto batch = batch_of(letters);
  Optimizer<float> optimizer(adam({.lr = 0.02}));
  Tape<float> tape;
  const auto step = [&] {
    tape.reset();
    zero_gradients(net);
    const auto loss = loss_of(net, tape, batch);
    tape.backward(loss);
    optimizer.step(net);
    return loss.value()(0, 0);
  };
  const float first = step();
  for (int k = 0; k < 300; ++k) step();
  CHECK(first > 1);
  CHECK(step() < 0.2F);
}

TEST_CASE("sequence_aligner: a pair's scores do not depend on the batch around it") {
  SequenceAligner<float> net(small);
  const auto all = batch_of(letters), two = batch_of({letters[2], letters[3]});
  Tape<float> tape(Mode::inference), other(Mode::inference);
  const std::vector<SequencePair> first = {{0, 1}};
  CHECK(same_bits(copy_of(net.forward(tape, all, some_pairs).pairs.of(1)),
                  copy_of(net.forward(other, two, first).pairs.of(0))));
}

TEST_CASE("sequence_aligner: options, and mistakes") {
  const SequenceAligner<float> net(small);
  CHECK(net.options().states == 6);
  CHECK_THROWS_AS(SequenceAligner<float>({.vocabulary = 0}), option_error);
  CHECK_THROWS_AS(SequenceAligner<float>({.kernel = 0}), option_error);
  const auto batch = batch_of({{0, 7}, {1}});
  Tape<float> tape;
  const std::vector<SequencePair> first = {{0, 1}};
  CHECK_THROWS_AS(net.forward(tape, batch, first), token_error);
}
