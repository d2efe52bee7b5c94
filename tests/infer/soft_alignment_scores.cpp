#include <seqlstm/infer/soft_alignment_scores.hpp>

#include <cmath>
#include <seqlstm/nn/soft_alignment.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Lengths around a vector, one column more than padding, and an empty sequence.
const std::vector<std::size_t> lengths = {3, 64, 0, 1, 65, 17};

StateSequences some_states(std::size_t width, float scale = 1) {
  StateSequences states;
  states.width = width;
  for (const std::size_t length : lengths) states.offsets.push_back(states.offsets.back() + length);
  states.values = random_values<float>(states.offsets.back() * width, 6);
  for (float& value : states.values) value *= scale;
  return states;
}

std::vector<double> scores_of(const StateSequences& states) {
  std::vector<double> scores(states.size() * states.size(), 7);
  soft_alignment_scores(states, {scores.data(), states.size(), states.size()});
  return scores;
}

/// The same by the operations of a tape, in double.
double by_tape(const StateSequences& states, std::size_t a, std::size_t b) {
  std::vector<std::vector<double>> values;
  std::vector<PackedLayout> layouts;
  for (const std::size_t s : {a, b}) {
    const auto of = copy_of(states.of(s));
    values.emplace_back(of.begin(), of.end());
    layouts.emplace_back(std::vector<std::size_t>{states.of(s).rows()});
  }
  Tape<double> tape;
  const auto leaf = [&](std::size_t k) {
    return tape.leaf({values[k].data(), layouts[k].tokens(), states.width}, layouts[k]);
  };
  const std::vector<SequencePair> pair = {{0, 0}};
  return soft_symmetric_alignment(pair_distances<double>(leaf(0), leaf(1), pair)).value()(0, 0);
}

ProteinAligner<float> some_aligner() {
  return ProteinAligner<float>(
      {.vocabulary = 21, .embedding_dim = 4, .hidden = 5, .layers = 1, .states = 6, .stride = 2});
}

SequenceDataset some_data() {
  const std::vector<Record> records = {
      {.id = "a", .sequence = "MKVLA"}, {.id = "b", .sequence = ""}, {.id = "c", .sequence = "WY"}};
  return encode(records, Tokenizer(aa21));
}

}  // namespace

TEST_CASE("soft_alignment_scores: those of the tape's operations") {
  for (const float scale : {1.0F, 30.0F}) {  // at 30 the sums of columns underflow
    const auto states = some_states(5, scale);
    const auto scores = scores_of(states);
    for (std::size_t a = 0; a < states.size(); ++a)
      for (std::size_t b = 0; b < states.size(); ++b) {
        INFO(a << ", " << b << ", scale " << scale);
        CHECK(scores[a * states.size() + b] == Approx(by_tape(states, a, b)).epsilon(1e-4));
        CHECK(scores[a * states.size() + b] == scores[b * states.size() + a]);
      }
  }
}

TEST_CASE("soft_alignment_scores: the same bits for any number of threads") {
  const auto states = some_states(64);
  check_threads([&] { return scores_of(states); });
}

TEST_CASE("soft_alignment_scores: states of an aligner, by window and by letter") {
  const auto aligner = some_aligner();
  const auto data = some_data();
  const auto windows = state_sequences(aligner, data),
             positions = state_sequences(aligner, data, StateKind::positions);
  CHECK(windows.width == 6);
  CHECK(windows.offsets == std::vector<std::size_t>{0, 3, 3, 4});
  CHECK(positions.offsets == std::vector<std::size_t>{0, 5, 5, 7});
  CHECK(windows.of(2)(0, 1) == Approx((positions.of(2)(0, 1) + positions.of(2)(1, 1)) / 2));
  CHECK(state_sequences(aligner, {}).size() == 0);
  CHECK(scores_of(state_sequences(aligner, {})).empty());
}

TEST_CASE("soft_alignment_scores: weights of two positions, and the path through them") {
  // Three states that are far apart; b has the first and the last of them.
  const std::vector<float> a = {0, 0, 9, 0, 0, 9}, b = {0, 0, 0, 9};
  std::vector<double> w(6);
  soft_alignment_weights({a.data(), 3, 2}, {b.data(), 2, 2}, {w.data(), 3, 2});
  CHECK(w[0] == Approx(1).margin(0.01));
  CHECK(w[1] < 0.01);
  CHECK(w[5] == Approx(1).margin(0.01));
  CHECK(soft_alignment_path({w.data(), 3, 2}, 0.6) == std::vector<std::int32_t>{0, -1, 1});
  const std::vector<double> crossed = {0.1, 0.9, 0.8, 0.1};
  CHECK(soft_alignment_path({crossed.data(), 2, 2}, 0.5) == std::vector<std::int32_t>{1, -1});
  CHECK(soft_alignment_path({crossed.data(), 0, 2}).empty());
  CHECK(soft_alignment_path({crossed.data(), 2, 0}) == std::vector<std::int32_t>{-1, -1});
}

TEST_CASE("soft_alignment_scores: z-scores of both sequences, the diagonal left out") {
  // Row 0 has 1, 3 besides 9; row 1 has 1, 1; row 2 has 3, 1.
  std::vector<double> scores = {9, 1, 3, 1, 9, 1, 3, 1, 9};
  standardize_scores({scores.data(), 3, 3});
  CHECK(scores[1] == -0.5);  // -1 in row 0, 0 in row 1, whose scores are all one
  CHECK(scores[2] == 1);     // 1 in both
  CHECK(scores[5] == -0.5);
  CHECK(scores[3] == scores[1]);
  CHECK(scores[0] == 7);
  // Sequence 1 resembles all; 0 is nearer to it than to 2, but 2 stands out.
  std::vector<double> hub = {0, 5, 4.75, 1, 5, 0, 5.25, 4.75, 4.75, 5.25, 0, 1, 1, 4.75, 1, 0};
  standardize_scores({hub.data(), 4, 4});
  CHECK(hub[2] > hub[1]);
  CHECK(message_of<Error>([&] {
          standardize_scores({hub.data(), 4, 3});
        }) == "standardize_scores: scores are 4x3, expected as many columns as rows");
  std::vector<double> equal(121, 0.1);  // whose mean is not quite 0.1
  standardize_scores({equal.data(), 11, 11});
  CHECK(equal == std::vector<double>(121, 0.0));
  std::vector<double> one = {5};
  standardize_scores({one.data(), 1, 1});
  CHECK(one[0] == 5);
}

TEST_CASE("soft_alignment_scores: mistakes") {
  const auto states = some_states(2);
  std::vector<double> room(36);
  CHECK(message_of<Error>([&] {
          soft_alignment_scores(states, {room.data(), 6, 5});
        }) == "soft_alignment_scores: scores are 6x5, expected 6x6");
  const std::vector<float> a(4);
  CHECK_THROWS_AS(soft_alignment_weights({a.data(), 2, 2}, {a.data(), 4, 1}, {room.data(), 2, 4}),
                  shape_error);
  CHECK_THROWS_AS(soft_alignment_weights({a.data(), 2, 2}, {a.data(), 2, 2}, {room.data(), 2, 1}),
                  shape_error);
  CHECK(message_of<Error>([&] {
          soft_alignment_path({room.data(), 2, 2}, std::nan(""));
        }) == "soft_alignment_path: least is not finite, expected a weight such as 0.1");
  SequenceDataset wrong = some_data();
  wrong.ids[0] = 30;
  CHECK_THROWS_AS(state_sequences(some_aligner(), wrong), token_error);
}
