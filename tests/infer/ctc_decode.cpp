#include <seqlstm/infer/ctc_decode.hpp>

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <set>

#include "support/ctc.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

using Labels = reference::Labels;

ConstMatrixView<double> view_of(const reference::Matrix& m) {
  return {m.data.data(), m.rows, m.cols};
}
/// Logits whose likeliest class is `path[t]`.
reference::Matrix peaks(const std::vector<std::size_t>& path, std::size_t classes) {
  reference::Matrix logits(path.size(), classes);
  for (std::size_t t = 0; t < path.size(); ++t) logits(t, path[t]) = 1;
  return logits;
}
reference::Matrix logarithms(std::size_t rows, std::size_t cols, const std::vector<double>& probabilities) {
  reference::Matrix m(rows, cols);
  for (std::size_t i = 0; i < probabilities.size(); ++i) m.data[i] = std::log(probabilities[i]);
  return m;
}
reference::Matrix random_logits(std::size_t rows, std::size_t cols, std::uint64_t seed, double range = 3) {
  auto m = reference::random_matrix(rows, cols, seed);
  for (double& v : m.data) v *= range;
  return m;
}

/// A batch of random logits, and those of each record.
template <class T> struct Batch {
  PackedLayout layout{std::vector<std::size_t>{20, 0, 33, 1, 20}};
  Input<T> x{74, 5};

  Batch() {
    for (T& v : x.values) v *= T(4);
  }
  [[nodiscard]] std::vector<T> record(std::size_t i) const { return sequence_of(x.values, 5, layout, i); }
  SeqVar<T> on(Tape<T>& tape) { return tape.leaf(x.view(), layout); }
};

}  // namespace

TEST_CASE("ctc decode: the best path without repeats and blanks") {
  const auto read = [](const std::vector<std::size_t>& path, std::size_t blank) {
    return ctc_greedy(view_of(peaks(path, 4)), blank);
  };
  CHECK(read({1, 1, 0, 1, 2, 2, 3, 0, 0, 3}, 0) == Labels{1, 1, 2, 3, 3});
  CHECK(read({1, 1, 0, 1, 2, 2, 3, 0, 0, 3}, 3) == Labels{1, 0, 1, 2, 0});
  CHECK(read({0, 0, 0}, 0).empty());
  CHECK(read({}, 0).empty());
  CHECK(read({2}, 0) == Labels{2});
}

TEST_CASE("ctc decode: of equal classes the best path takes the first, logits and probabilities alike") {
  const std::vector<float> equal = {0.25F, 0.25F, 0.25F, 0.25F, 0, 0.5F, 0, 0.5F};
  CHECK(ctc_greedy(ConstMatrixView<float>(equal.data(), 2, 4), 3) == Labels{0, 1});
  const auto logits = random_logits(30, 4, 5);
  const auto log_p = reference::log_softmax(logits);
  auto p = log_p;
  for (double& v : p.data) v = std::exp(v);
  CHECK(ctc_greedy(view_of(p)) == ctc_greedy(view_of(logits)));
  CHECK(ctc_greedy(view_of(log_p)) == ctc_greedy(view_of(logits)));
}

TEST_CASE("ctc decode: a wide beam finds every labelling with the probability of all its paths") {
  for (std::size_t frames = 1; frames <= 6; ++frames)
    for (const std::size_t blank : {0U, 2U}) {
      const auto logits = random_logits(frames, 3, 10 * frames + blank, 2);
      const auto answers = reference::ctc_by_paths(reference::log_softmax(logits), static_cast<Token>(blank));
      const auto readings = ctc_beam_search(view_of(logits), {.beam_width = 1000, .blank = blank});
      REQUIRE(readings.size() == answers.size());
      std::set<Labels> seen;
      for (std::size_t k = 0; k < readings.size(); ++k) {
        REQUIRE(seen.insert(readings[k].labels).second);
        REQUIRE(readings[k].log_probability ==
                Approx(answers.at(readings[k].labels).log_probability).margin(1e-13));
        if (k > 0) REQUIRE(readings[k].log_probability <= readings[k - 1].log_probability);
      }
      double best = -inf;
      for (const auto& [labels, answer] : answers) best = std::max(best, answer.log_probability);
      CHECK(readings.front().log_probability == Approx(best).margin(1e-13));
    }
}

TEST_CASE("ctc decode: labels whose best path is not the best of all") {
  // Each frame: blank 0.6, label 0.4. The best path is blank, blank with 0.36; the label has 0.64 in three.
  const auto log_p = logarithms(2, 2, {0.6, 0.4, 0.6, 0.4});
  CHECK(ctc_greedy(view_of(log_p)).empty());
  const auto readings = ctc_beam_search(view_of(log_p));
  REQUIRE(readings.size() == 2);
  CHECK(readings[0].labels == Labels{1});
  CHECK(readings[0].log_probability == Approx(std::log(0.64)).epsilon(1e-14));
  CHECK(readings[1].labels.empty());
  CHECK(readings[1].log_probability == Approx(std::log(0.36)).epsilon(1e-14));
}

TEST_CASE("ctc decode: narrow beams lose paths but count none twice") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto logits = random_logits(7, 3, seed, 1 + static_cast<double>(seed % 7));
    const auto answers = reference::ctc_by_paths(reference::log_softmax(logits), 0);
    for (const std::size_t width : {1U, 2U, 3U, 5U}) {
      const auto readings = ctc_beam_search(view_of(logits), {.beam_width = width});
      REQUIRE(readings.size() <= width);
      for (const auto& reading : readings)
        REQUIRE(reading.log_probability <= answers.at(reading.labels).log_probability + 1e-12);
    }
  }
}

TEST_CASE("ctc decode: a beginning that left the beam and comes back meets its own labels there") {
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    for (std::size_t width = 10; width <= 20; ++width) {  // it is rare in narrower ones
      const auto logits = random_logits(40, 3, seed, 2 + static_cast<double>(seed % 8));
      std::set<Labels> seen;
      for (const auto& reading : ctc_beam_search(view_of(logits), {.beam_width = width}))
        REQUIRE(seen.insert(reading.labels).second);
    }
}

TEST_CASE("ctc decode: where one path has all the probability, beam and best path agree") {
  std::vector<std::size_t> path;
  RandomStream random(3);
  for (std::size_t t = 0; t < 5000; ++t) path.push_back(random.below(5));
  auto logits = peaks(path, 5);
  for (double& v : logits.data) v *= 30;
  const auto readings = ctc_beam_search(view_of(logits), {.beam_width = 4});
  CHECK(readings.front().labels == ctc_greedy(view_of(logits)));
  CHECK(readings.front().log_probability == Approx(0).margin(1e-8));
}

TEST_CASE("ctc decode: equally likely beginnings are kept in a fixed order") {
  const reference::Matrix flat(3, 4);
  const auto readings = ctc_beam_search(view_of(flat), {.beam_width = 3});
  REQUIRE(readings.size() == 3);
  CHECK(readings[0].labels == Labels{1});
  CHECK(readings[1].labels == Labels{2});
  CHECK(readings[2].labels == Labels{1, 2});
}

TEST_CASE("ctc decode: classes below the threshold begin no label, but for the likeliest") {
  const auto log_p = logarithms(2, 3, {0.5, 0.46, 0.04, 0.5, 0.04, 0.46});
  std::set<Labels> found;
  for (const auto& reading : ctc_beam_search(view_of(log_p), {.beam_width = 100, .prune = 0.05}))
    found.insert(reading.labels);
  CHECK(found == std::set<Labels>{{}, {1}, {2}, {1, 2}});
  const auto sure = logarithms(1, 3, {0.2, 0.5, 0.3});
  CHECK(ctc_beam_search(view_of(sure), {.prune = 1}).front().labels == Labels{1});
}

TEST_CASE("ctc decode: what an extension adds is in the order and in the probability") {
  const auto logits = random_logits(5, 3, 4, 1);
  const auto log_p = reference::log_softmax(logits);
  const auto added = [](Token before, Token next) {
    return before < 0 ? -0.25 : 0.5 * static_cast<double>(before) - 1.0 * static_cast<double>(next);
  };
  const auto readings = ctc_beam_search(view_of(logits), {.beam_width = 1000, .extension = added});
  const auto answers = reference::ctc_by_paths(log_p, 0);
  REQUIRE(readings.size() == answers.size());
  for (const auto& reading : readings) {
    double expected = answers.at(reading.labels).log_probability;
    for (std::size_t k = 0; k < reading.labels.size(); ++k)
      expected += added(k == 0 ? -1 : reading.labels[k - 1], reading.labels[k]);
    REQUIRE(reading.log_probability == Approx(expected).margin(1e-13));
  }
  const auto forbids = [](Token, Token next) { return next == 2 ? -inf : 0.0; };
  for (const auto& reading : ctc_beam_search(view_of(logits), {.beam_width = 1000, .extension = forbids}))
    CHECK(std::count(reading.labels.begin(), reading.labels.end(), 2) == 0);
}

TEST_CASE("ctc decode: batches give every record's labels in the caller's order") {
  Batch<float> batch;
  Tape<float> tape(Mode::inference);
  const auto best = ctc_greedy(batch.on(tape));
  const auto beams = ctc_beam_search(batch.on(tape), {.beam_width = 6});
  REQUIRE(best.size() == 5);
  REQUIRE(beams.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto own = batch.record(i);
    const ConstMatrixView<float> frames(own.data(), own.size() / 5, 5);
    CHECK(best[i] == ctc_greedy(frames));
    const auto alone = ctc_beam_search(frames, {.beam_width = 6});
    REQUIRE(beams[i].size() == alone.size());
    for (std::size_t k = 0; k < alone.size(); ++k) {
      CHECK(beams[i][k].labels == alone[k].labels);
      CHECK(beams[i][k].log_probability == alone[k].log_probability);
    }
  }
  CHECK(best[1].empty());
  REQUIRE(beams[1].size() == 1);
  CHECK(beams[1][0].labels.empty());
  CHECK(beams[1][0].log_probability == 0);
}

TEST_CASE("ctc decode: the same for any number of threads") {
  const PackedLayout layout(std::vector<std::size_t>(40, 50));
  Input<float> x(2000, 5);
  check_threads([&] {
    Tape<float> tape(Mode::inference);
    std::vector<double> all;
    for (const auto& readings : ctc_beam_search(tape.leaf(x.view(), layout)))
      for (const auto& reading : readings) {
        all.insert(all.end(), reading.labels.begin(), reading.labels.end());
        all.push_back(reading.log_probability);
      }
    for (const auto& labels : ctc_greedy(tape.leaf(x.view(), layout)))
      all.insert(all.end(), labels.begin(), labels.end());
    return all;
  });
}

TEST_CASE("ctc decode: impossible classes, and logits that are no distribution") {
  auto logits = random_logits(6, 4, 9);
  for (std::size_t t = 0; t < 6; ++t) logits(t, 0) = -inf;  // no blanks
  const auto answers = reference::ctc_by_paths(reference::log_softmax(logits), 0);
  const auto readings = ctc_beam_search(view_of(logits), {.beam_width = 10000});
  for (const auto& reading : readings)
    REQUIRE(reading.log_probability == Approx(answers.at(reading.labels).log_probability).margin(1e-13));
  const auto forbids = [](Token, Token) { return -inf; };
  CHECK_THROWS_WITH(
      ctc_beam_search(view_of(logits), {.extension = forbids}),
      "ctc_beam_search: at frame 0 every path has a probability of 0; allow more in `extension`, "
      "or more classes");
  logits(2, 1) = not_a_number;
  CHECK_THROWS_AS(ctc_beam_search(view_of(logits)), numeric_error);
  CHECK_THROWS_WITH(ctc_beam_search(view_of(logits)), ContainsSubstring("logits of frame 2"));
  CHECK_THROWS_WITH(
      ctc_greedy(view_of(logits)),
      "ctc_greedy: frame 2 has a NaN; the model's weights are damaged, or its training diverged");
  logits(2, 1) = inf;
  CHECK_THROWS_AS(ctc_beam_search(view_of(logits)), numeric_error);
  for (std::size_t c = 0; c < 4; ++c) logits(2, c) = -inf;
  CHECK_THROWS_AS(ctc_beam_search(view_of(logits)), numeric_error);
}

TEST_CASE("ctc decode: mistakes are named") {
  const reference::Matrix flat(2, 3);
  CHECK_THROWS_AS(ctc_greedy(view_of(flat), 3), option_error);
  CHECK_THROWS_WITH(ctc_greedy(view_of(flat), 3),
                    "ctc_greedy: the blank is class 3, the logits have 3 columns");
  CHECK_THROWS_WITH(ctc_beam_search(view_of(flat), {.blank = 3}),
                    "ctc_beam_search: the blank is class 3, the logits have 3 columns");
  CHECK_THROWS_WITH(ctc_beam_search(view_of(flat), {.beam_width = 0}),
                    "ctc_beam_search: the beam's width is 0, expected at least 1");
  CHECK_THROWS_WITH(ctc_beam_search(view_of(flat), {.prune = 1.5}),
                    "ctc_beam_search: prune is 1.5, expected a probability from 0 to 1");
  CHECK_THROWS_AS(ctc_beam_search(view_of(flat), {.prune = not_a_number}), option_error);
}
