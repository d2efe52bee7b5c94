#include <seqlstm/models/protein_aligner.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/optim/optimizer.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

const ProteinAlignerOptions small = {.vocabulary = 5,
                                     .embedding_dim = 3,
                                     .hidden = 4,
                                     .layers = 2,
                                     .dropout = 0,
                                     .states = 6,
                                     .stride = 2,
                                     .levels = 3};
const std::vector<SequencePair> some_pairs = {{0, 1}, {0, 2}, {2, 3}, {1, 1}};
const std::vector<std::size_t> some_levels = {2, 1, 0, 2};
const std::vector<std::vector<Token>> letters = {{0, 1, 2, 3, 4}, {3, 3, 0, 1, 2, 3}, {2, 2, 0}, {4}};

SequenceBatch batch_of(const std::vector<std::vector<Token>>& sequences) {
  std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
  SequenceBatch batch;
  batch.assign(views);
  return batch;
}

template <class T> Var<T> loss_of(const ProteinAligner<T>& net, Tape<T>& tape, const SequenceBatch& batch) {
  return ordinal_loss<T>(net.scale(net.forward(tape, batch, some_pairs)), some_levels);
}

}  // namespace

TEST_CASE("protein_aligner: gradients of all parameters") {
  ProteinAligner<double> net(small);
  initialize(net, 2);
  const auto batch = batch_of(letters);
  const auto report = check_gradient([&](Tape<double>& tape) { return loss_of(net, tape, batch); },
                                     checked_values(net), 1e-6);
  INFO(report);
  CHECK(report);
}

TEST_CASE("protein_aligner: learns which sequences are related") {
  ProteinAligner<float> net(small);
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
  for (int k = 0; k < 200; ++k) step();
  CHECK(step() < 0.5F * first);
}

TEST_CASE("protein_aligner: windows are means of neighbouring positions") {
  const ProteinAligner<double> net(small);
  const auto batch = batch_of({letters[0]});
  Tape<double> tape(Mode::inference);
  const auto each = net.position_states(tape, batch), windows = net.states(tape, batch);
  REQUIRE(windows.rows() == 3);
  CHECK(windows.value()(0, 4) == Approx((each.value()(0, 4) + each.value()(1, 4)) / 2));
  CHECK(windows.value()(2, 4) == Approx(each.value()(4, 4)));
}

TEST_CASE("protein_aligner: a pair's similarity does not depend on the batch around it, nor on threads") {
  ProteinAligner<float> net(small);
  const auto all = batch_of(letters), two = batch_of({letters[2], letters[3]});
  Tape<float> tape(Mode::inference), other(Mode::inference);
  const std::vector<SequencePair> first = {{0, 1}};
  CHECK(net.forward(tape, all, some_pairs).value()(2, 0) == net.forward(other, two, first).value()(0, 0));
  check_threads([&] {
    Tape<float> training;
    zero_gradients(net);
    training.backward(loss_of(net, training, all));
    std::vector<float> gradients;
    for_each_parameter(net, [&](const std::string&, const Parameter<float>& p) {
      const auto own = copy_of(p.gradient());
      gradients.insert(gradients.end(), own.begin(), own.end());
    });
    return gradients;
  });
}

TEST_CASE("protein_aligner: begins with a masked language model") {
  MaskedLanguageModel<float> masked({.vocabulary = 5, .embedding_dim = 3, .hidden = 4, .layers = 2});
  initialize(masked, 8);
  const auto options = aligner_options(masked.options(), {.states = 6, .stride = 1});
  CHECK(options.hidden == 4);
  CHECK(options.stride == 1);
  ProteinAligner<float> net(options);
  net.start_from(masked);
  std::size_t equal = 0;
  for_each_parameter(masked, [&](const std::string& name, const Parameter<float>& p) {
    for_each_parameter(net, [&](const std::string& other, const Parameter<float>& q) {
      if (name == other && copy_of(p.view()) == copy_of(q.view())) ++equal;
    });
  });
  CHECK(equal == 17);  // token vectors, and four of each of two layers and directions
  ProteinAligner<float> other({.vocabulary = 5, .embedding_dim = 3, .hidden = 8, .layers = 2});
  CHECK(message_of<Error>([&] { other.start_from(masked); }) ==
        "protein aligner: the masked model has 5 tokens, width 3, 2 layers of 4, the aligner 5 tokens, width "
        "3, "
        "2 layers of 8; make it with aligner_options()");
}

TEST_CASE("protein_aligner: options, and mistakes") {
  CHECK(ProteinAligner<float>(small).options().states == 6);
  for (const auto change :
       {+[](ProteinAlignerOptions& o) { o.states = 0; }, +[](ProteinAlignerOptions& o) { o.hidden = 0; },
        +[](ProteinAlignerOptions& o) { o.stride = 0; }, +[](ProteinAlignerOptions& o) { o.levels = 1; },
        +[](ProteinAlignerOptions& o) { o.dropout = 2; }}) {
    auto options = small;
    change(options);
    CHECK_THROWS_AS(ProteinAligner<float>(options), option_error);
  }
  const ProteinAligner<float> net(small);
  Tape<float> tape(Mode::inference);
  const auto wrong = batch_of({{0, 6}}), right = batch_of(letters);
  CHECK_THROWS_AS(net.states(tape, wrong), token_error);
  const std::vector<SequencePair> none = {{0, 4}};
  CHECK_THROWS_AS(net.forward(tape, right, none), option_error);
}

TEST_CASE("protein_aligner: copies, moves and swaps") {
  ProteinAligner<double> a(small), b(small);
  initialize(a, 1);
  initialize(b, 2);
  const auto batch = batch_of(letters);
  check_rule_of_five(a, b, [&](const ProteinAligner<double>& net) {
    Tape<double> tape(Mode::inference);
    return copy_of(net.scale(net.forward(tape, batch, some_pairs)).value());
  });
}
