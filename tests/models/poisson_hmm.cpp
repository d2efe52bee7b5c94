#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/models/poisson_hmm.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Counts = std::vector<float>;

ConstMatrixView<float> view(const Counts& counts, std::size_t channels) {
  return {counts.data(), counts.size() / channels, channels};
}

PoissonHmm small_model() {
  return {{0.7, 0.3}, {{{0.9, 0.1}, {0.25, 0.75}}}, {{0.4, 2.5}, {1.5, 0.2}}};
}

double poisson(double k, double rate) {
  return std::pow(rate, k) * std::exp(-rate) / std::tgamma(k + 1);
}

/// P(counts and states), as the equation of PoissonHmm has it.
double joint(const PoissonHmm& model, ConstMatrixView<float> counts, std::size_t states) {
  double p = 1;
  std::size_t before = 0;
  for (std::size_t t = 0; t < counts.rows(); ++t) {
    const std::size_t z = (states >> t) & 1U;
    p *= t == 0 ? model.start[z] : model.transitions[before][z];
    for (std::size_t c = 0; c < counts.cols(); ++c)
      p *= poisson(static_cast<double>(counts(t, c)), model.rates[c][z]);
    before = z;
  }
  return p;
}

/// Counts of a walk through the states.
Counts drawn(const PoissonHmm& model, std::size_t windows, std::uint64_t seed) {
  RandomStream random(seed);
  Counts counts;
  std::size_t z = random.uniform() < model.start[1] ? 1 : 0;
  for (std::size_t t = 0; t < windows; ++t) {
    for (const auto& rate : model.rates) {
      double left = random.uniform();
      int k = 0;
      while (left > poisson(k, rate[z]) && k < 40) left -= poisson(k++, rate[z]);
      counts.push_back(static_cast<float>(k));
    }
    z = random.uniform() < model.transitions[z][1] ? 1 : 0;
  }
  return counts;
}

}  // namespace

TEST_CASE("Poisson HMM: likelihood and posteriors are those of all paths") {
  const PoissonHmm model = small_model();
  const Counts counts = {0, 1, 3, 0, 2, 0, 0, 2, 7, 5, 1, 1, 0, 3};
  const auto all = view(counts, 2);
  double total = 0;
  std::vector<double> archaic(all.rows(), 0.0);
  for (std::size_t states = 0; states < std::size_t{1} << all.rows(); ++states) {
    const double p = joint(model, all, states);
    total += p;
    for (std::size_t t = 0; t < all.rows(); ++t)
      if (((states >> t) & 1U) == 1) archaic[t] += p;
  }
  CHECK(model.log_likelihood(all) == Approx(std::log(total)).epsilon(1e-12));
  const auto posteriors = model.posteriors(all);
  REQUIRE(posteriors.size() == all.rows());
  for (std::size_t t = 0; t < all.rows(); ++t)
    CHECK(posteriors[t] == Approx(archaic[t] / total).epsilon(1e-12));
}

TEST_CASE("Poisson HMM: one window is Bayes' rule, none is certain") {
  const PoissonHmm model{{0.5, 0.5}, {{{0.9, 0.1}, {0.1, 0.9}}}, {{1, 2}}};
  const Counts counts = {3};
  // Poisson(3; 2) / (Poisson(3; 1) + Poisson(3; 2)) = 8 e^-2 / (e^-1 + 8 e^-2)
  CHECK(model.posteriors(view(counts, 1))[0] == Approx(8 / (std::exp(1.0) + 8)).epsilon(1e-12));
  CHECK(model.log_likelihood({counts.data(), 0, 1}) == 0);
  CHECK(model.posteriors({counts.data(), 0, 1}).empty());
}

TEST_CASE("Poisson HMM: an iteration of Baum and Welch is the expectation over all paths") {
  const PoissonHmm model = small_model();
  const Counts a = {0, 1, 3, 0, 2, 0, 0, 2, 4, 1}, b = {1, 1, 0, 0, 5, 2};
  const std::vector<ConstMatrixView<float>> sequences = {view(a, 2), view(b, 2)};
  double moved = 0, left = 0, windows = 0, count = 0, starts = 0;
  for (const auto& counts : sequences) {
    double total = 0;
    for (std::size_t states = 0; states < std::size_t{1} << counts.rows(); ++states)
      total += joint(model, counts, states);
    for (std::size_t states = 0; states < std::size_t{1} << counts.rows(); ++states) {
      const double p = joint(model, counts, states) / total;
      if ((states & 1U) == 1) starts += p / 2;
      for (std::size_t t = 0; t < counts.rows(); ++t) {
        if (((states >> t) & 1U) == 0) continue;
        windows += p;
        count += p * static_cast<double>(counts(t, 0));
        if (t + 1 == counts.rows()) continue;
        left += p;
        if (((states >> (t + 1)) & 1U) == 0) moved += p;
      }
    }
  }
  const auto fitted = fit_poisson_hmm(model, sequences, {.iterations = 1}).model;
  CHECK(fitted.start[1] == Approx(starts).epsilon(1e-12));
  CHECK(fitted.transitions[1][0] == Approx(moved / left).epsilon(1e-12));
  CHECK(fitted.transitions[1][0] + fitted.transitions[1][1] == Approx(1).epsilon(1e-12));
  CHECK(fitted.rates[0][1] == Approx(count / windows).epsilon(1e-12));
}

TEST_CASE("Poisson HMM: a fit finds the model that drew the counts") {
  const PoissonHmm model{{0.9, 0.1}, {{{0.99, 0.01}, {0.05, 0.95}}}, {{0.1, 1.5}}};
  std::vector<Counts> counts;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) counts.push_back(drawn(model, 2000, seed));
  std::vector<ConstMatrixView<float>> sequences;
  for (const Counts& one : counts) sequences.push_back(view(one, 1));
  const auto fit = fit_poisson_hmm(first_poisson_hmm(sequences), sequences);
  CHECK(fit.model.rates[0][0] == Approx(0.1).margin(0.01));
  CHECK(fit.model.rates[0][1] == Approx(1.5).margin(0.1));
  CHECK(fit.model.transitions[0][1] == Approx(0.01).margin(0.003));
  CHECK(fit.model.transitions[1][0] == Approx(0.05).margin(0.01));
  for (std::size_t i = 1; i < fit.log_likelihoods.size(); ++i)
    CHECK(fit.log_likelihoods[i] >= fit.log_likelihoods[i - 1] - 1e-6);
}

TEST_CASE("Poisson HMM: known states are counted") {
  const Counts a = {0, 2, 4, 0}, b = {1};
  const std::vector<double> of_a = {0, 1, 1, 0}, of_b = {0}, other = {2};
  const std::vector<ConstMatrixView<float>> sequences = {view(a, 1), view(b, 1)};
  const std::vector<std::span<const double>> labels = {of_a, of_b}, wrong = {of_a, other}, few = {of_a, {}};
  const PoissonHmm model = counted_poisson_hmm(sequences, labels);
  // The mean of all is 7 / 5: one more window of it for each state.
  CHECK(model.rates[0][0] == Approx((1 + 1.4) / 4));
  CHECK(model.rates[0][1] == Approx((6 + 1.4) / 3));
  CHECK(model.start[0] == Approx(3 / 4.0));
  CHECK(model.transitions[0][1] == Approx(2 / 3.0));  // once, and once more each
  CHECK(model.transitions[1][0] == Approx(2 / 4.0));
  CHECK(message_of<option_error>([&] { static_cast<void>(counted_poisson_hmm(sequences, wrong)); }) ==
        "hidden Markov model: the label of window 0 is 2.000000, expected 0 or 1");
  CHECK(message_of<shape_error>([&] { static_cast<void>(counted_poisson_hmm(sequences, few)); }) ==
        "hidden Markov model: 0 labels for 1 windows");
  CHECK_THROWS_AS(counted_poisson_hmm(sequences, {}), shape_error);
}

TEST_CASE("Poisson HMM: where a fit begins, and what it refuses") {
  const Counts counts = {0, 2, 1, 1}, half = {0.5}, below = {-1};
  const std::vector<ConstMatrixView<float>> sequences = {view(counts, 1)};
  const PoissonHmm first = first_poisson_hmm(sequences);
  CHECK(first.rates == std::vector<std::array<double, 2>>{{0.7, 5}});
  CHECK(message_of<shape_error>([&] { static_cast<void>(first.posteriors(view(counts, 2))); }) ==
        "hidden Markov model: counts of 2 channels, expected 1");
  CHECK_THAT(message_of<option_error>([&] { static_cast<void>(first.log_likelihood(view(half, 1))); }),
             ContainsSubstring("the count of window 0 is 0.5"));
  CHECK_THROWS_AS(first.log_likelihood(view(below, 1)), option_error);
  const std::vector<ConstMatrixView<float>> halves = {view(half, 1)};
  CHECK_THROWS_AS(first_poisson_hmm(halves), option_error);
  PoissonHmm none = first;
  none.rates = {{0, 5}};
  CHECK_THAT(message_of<option_error>([&] { static_cast<void>(none.posteriors(view(counts, 1))); }),
             ContainsSubstring("a rate is 0.000000, expected a number above 0"));
  PoissonHmm stuck = first;  // state 0 for ever, which does not count so many
  stuck.start = {1, 0};
  stuck.transitions = {{{1, 0}, {0, 1}}};
  stuck.rates = {{1e-3, 1e5}};
  const Counts many = {0, 1e5F};
  CHECK_THAT(message_of<option_error>([&] { static_cast<void>(stuck.posteriors(view(many, 1))); }),
             ContainsSubstring("has the counts of window 1"));
  CHECK_THROWS_AS(first_poisson_hmm({}), shape_error);
  CHECK_THROWS_AS(fit_poisson_hmm(first, {}), shape_error);
}
