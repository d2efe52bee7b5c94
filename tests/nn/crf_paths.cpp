// A conditional random field against all of its paths.
#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/detail/crf_sums.hpp>

#include "support/crf.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Likelihoods, probabilities, best paths and all gradients against the enumeration.
void check_against_enumeration(CrfCase& batch, double tolerance) {
  const std::size_t labels = batch.crf.labels();
  Tape<double> tape;
  std::fill(batch.x.gradients.begin(), batch.x.gradients.end(), 0.0);
  zero_gradients(batch.crf);
  tape.backward(batch.loss(tape));
  const double loss = batch.loss(tape).value()(0, 0);
  std::vector<double> log_p(ragged_lengths.size(), 7), marginals(ragged_tokens * labels);
  std::vector<std::int32_t> best(ragged_tokens);
  crf_log_likelihood<double>(batch.on(tape), batch.labels, log_p);
  crf_marginals<double>(batch.on(tape), {marginals.data(), ragged_tokens, labels});
  viterbi<double>(batch.on(tape), best);

  const auto positions = static_cast<double>(
      std::count_if(batch.labels.begin(), batch.labels.end(), [](double v) { return !std::isnan(v); }));
  const double share = positions > 0 ? 1 / positions : 0;
  double sum = 0;
  std::vector<double> start(labels), end(labels), transitions(labels * labels);
  const auto close = [&](double found, double expected) {
    REQUIRE(found == Approx(expected).epsilon(tolerance).margin(tolerance));
  };
  for (std::size_t index = 0; index < ragged_lengths.size(); ++index) {
    INFO("sequence " << index);
    if (ragged_lengths[index] == 0) {
      CHECK(log_p[index] == 0);
      continue;
    }
    const auto rows = batch.emissions(index), known = batch.labels_of(index);
    const std::vector<double> nothing(known.size(), unknown);
    const AllPaths all(batch.crf, rows);
    const double expected = all.log_sum(known) - all.log_sum(nothing);
    close(log_p[index], expected);
    sum -= expected;
    const auto difference = [&](auto&& is) {
      return all.probability(nothing, is) - all.probability(known, is);
    };
    for (std::size_t t = 0; t < known.size(); ++t) {
      const std::size_t token = batch.token(index, t);
      CHECK(static_cast<std::size_t>(best[token]) == all.best()[t]);
      for (std::size_t j = 0; j < labels; ++j) {
        const auto here = [&](const LabelPath& path) { return path[t] == j; };
        close(marginals[token * labels + j], all.probability(nothing, here));
        close(batch.x.gradient()(token, j), share * difference(here));
        for (std::size_t i = 0; t > 0 && i < labels; ++i)
          transitions[i * labels + j] +=
              difference([&](const LabelPath& path) { return path[t - 1] == i && path[t] == j; });
      }
    }
    for (std::size_t j = 0; j < labels; ++j) {
      start[j] += difference([&](const LabelPath& path) { return path.front() == j; });
      end[j] += difference([&](const LabelPath& path) { return path.back() == j; });
    }
  }
  close(loss, share * sum);
  for (std::size_t i = 0; i < labels; ++i) {
    close(batch.crf.start_transitions.gradient()(0, i), share * start[i]);
    close(batch.crf.end_transitions.gradient()(0, i), share * end[i]);
    for (std::size_t j = 0; j < labels; ++j) {
      close(batch.crf.transitions.gradient()(i, j), share * transitions[i * labels + j]);
      if (!batch.crf.may_follow(i, j)) CHECK(batch.crf.transitions.gradient()(i, j) == 0);
    }
  }
}

}  // namespace

TEST_CASE("crf: likelihoods, gradients, probabilities and best paths are those of all paths enumerated") {
  for (std::size_t labels = 1; labels <= 4; ++labels)
    for (const auto& options : crf_options_of(labels))
      for (const Known known : {Known::all, Known::some, Known::none}) {
        INFO(labels << " labels, " << options.forbidden.size() << " forbidden, known: " << int(known));
        CrfCase batch(options, known, 2);
        check_against_enumeration(batch, 1e-13);
      }
}

TEST_CASE("crf: scores of a thousand lose nothing, where products of scaled numbers would too") {
  for (const double size : {40.0, 200.0, 1000.0})
    for (const auto& options : crf_options_of(3))
      for (const Known known : {Known::all, Known::some})
        for (std::uint64_t seed = 1; seed < 8; ++seed) {
          INFO(size << ", " << options.forbidden.size() << " forbidden, seed " << seed);
          CrfCase batch(options, known, size, seed);
          check_against_enumeration(batch, 1e-11);
        }
}

TEST_CASE("crf: sums of scaled numbers and of logarithms are the same") {
  constexpr std::size_t labels = 7, length = 50;
  const PackedLayout layout(std::vector<std::size_t>{length, 20, 1});
  const std::vector<std::size_t> rows = {0, 1, 2};
  const auto x = random_values<double>(layout.tokens() * labels, 3), scores = random_values<double>(63, 4);
  Arena arena;
  auto factors = seqlstm::detail::crf_factors(arena, labels);
  std::copy_n(scores.data(), 49, factors.transitions.data());
  std::copy_n(scores.data() + 49, 7, factors.start.data());
  std::copy_n(scores.data() + 56, 7, factors.end.data());
  factors.transitions(2, 3) = factors.start(0, 1) = factors.end(0, 5) = -infinity;
  fill_crf_factors(factors);
  const auto results = [&](double of_label_0, bool& scaled) {
    auto run = seqlstm::detail::crf_run(arena, labels, layout.tokens(), 3, length);
    seqlstm::detail::lay_out_run(run, layout, rows);
    std::copy(x.begin(), x.end(), run.values.data());
    run.values(30, 0) += of_label_0;
    for (std::size_t token = 0; token < layout.tokens(); ++token) run.observed[token] = token == 17 ? 4 : -1;
    const auto counts = arena.zero_matrix<double>(labels + 2, labels);
    crf_forward(factors, run);
    std::vector<double> all(run.log_sum, run.log_sum + 3);
    scaled = run.scaled[0] && run.scaled[1] && run.scaled[2];
    crf_backward(factors, run, -1,
                 {counts.row_range(0, labels), counts.row_range(labels, 1), counts.row_range(labels + 1, 1)});
    for (const auto& more : {copy_of(run.values), copy_of(counts)})
      all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  for (const double of_label_0 : {0.0, 200.0}) {
    bool scaled = false;
    factors.finite = true;
    const auto fast = results(of_label_0, scaled);
    CHECK(scaled);
    factors.finite = false;
    const auto slow = results(of_label_0, scaled);
    CHECK_FALSE(scaled);
    for (std::size_t i = 0; i < fast.size(); ++i)
      REQUIRE(fast[i] == Approx(slow[i]).epsilon(1e-12).margin(1e-13));
  }
  // From label 0 alone to label 3 alone, which nothing but label 2 comes before: e^-400 of the sum goes on.
  factors.finite = true;
  for (std::size_t i = 0; i < labels; ++i) factors.transitions(0, i) = i == 3 ? -infinity : 0;
  for (std::size_t i = 1; i < labels; ++i) factors.transitions(i, 3) = i == 2 ? 0 : -infinity;
  fill_crf_factors(factors);
  bool scaled = true;
  const auto lost = results(400, scaled);
  CHECK_FALSE(scaled);
  for (const double v : lost) REQUIRE(std::isfinite(v));
}

TEST_CASE("crf: gradients of everything over ragged rows, labels known and not") {
  for (const auto& options : crf_options_of(4))
    for (const Known known : {Known::all, Known::some}) {
      CrfCase batch(options, known, 1.5);
      auto values = checked_values(batch.crf);
      CHECK(values.size() == 3);
      values.push_back({"x", batch.x.view(), batch.x.gradient()});
      const auto report = check_gradient([&](Tape<double>& tape) { return batch.loss(tape); }, values);
      INFO(report);
      CHECK(report);
    }
}

TEST_CASE("crf: equal scores give the smaller label at the last position where paths differ") {
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    CrfCase batch(crf_options_of(3)[seed % 2], Known::none, 1, seed);
    for (auto* p : {&batch.crf.start_transitions, &batch.crf.end_transitions, &batch.crf.transitions})
      for (std::size_t r = 0; r < p->rows(); ++r)
        for (auto& v : p->edit().row(r)) v = std::round(v);
    for (auto& v : batch.x.values) v = std::round(v);
    std::vector<std::int32_t> best(ragged_tokens);
    Tape<double> tape(Mode::inference);
    viterbi<double>(batch.on(tape), best);
    for (std::size_t index = 0; index < ragged_lengths.size(); ++index) {
      if (ragged_lengths[index] == 0) continue;
      const auto rows = batch.emissions(index);
      const LabelPath expected = AllPaths(batch.crf, rows).best();
      for (std::size_t t = 0; t < expected.size(); ++t)
        REQUIRE(static_cast<std::size_t>(best[batch.token(index, t)]) == expected[t]);
    }
  }
}

TEST_CASE("crf: an emission of -infinity is a label that cannot be") {
  CrfCase batch({.labels = 3}, Known::none, 2);
  for (const std::size_t index : {0U, 1U}) batch.x.view()(batch.token(index, 1), 2) = -infinity;
  check_against_enumeration(batch, 1e-13);
}
