#include <seqlstm/optim/schedule.hpp>

#include "support/golden.hpp"

using namespace seqlstm;

namespace {

std::string message(const ScheduleSpec& spec) {
  return support::message_of<option_error>([&] { Schedule schedule(spec); });
}

}  // namespace

TEST_CASE("schedule: one_cycle is PyTorch's OneCycleLR, rate and momentum", "[golden]") {
  const Golden golden = Golden::load("one_cycle");
  const auto number = [&](const char* key) { return golden.config.at(key).get<double>(); };
  const Schedule schedule(one_cycle({.max_lr = number("max_lr"),
                                     .pct_start = number("pct_start"),
                                     .div_factor = number("div_factor"),
                                     .final_div_factor = number("final_div_factor"),
                                     .base_momentum = number("base_momentum"),
                                     .max_momentum = number("max_momentum")}));
  const auto total = golden.config.at("total_steps").get<std::size_t>();
  std::vector<double> lr, momentum;
  for (std::size_t s = 0; s < total; ++s) {
    const Rate rate = schedule.at(s, total, 123.0);
    lr.push_back(rate.lr);
    momentum.push_back(rate.momentum.value());
  }
  check_close<double>(lr, golden.tensor("lr").data, 1e-12, "learning rate");
  check_close<double>(momentum, golden.tensor("momentum").data, 1e-12, "momentum");
}

TEST_CASE("schedule: one_cycle begins, peaks and ends where its options say, for any number of steps") {
  for (const std::size_t total : {2U, 3U, 10U, 1000U}) {
    const Schedule schedule(one_cycle(4e-3));
    double highest = 0;
    for (std::size_t s = 0; s < total; ++s) {
      const Rate rate = schedule.at(s, total, 1.0);
      REQUIRE(rate.lr > 0);
      REQUIRE((*rate.momentum >= 0.85 - 1e-12 && *rate.momentum <= 0.95 + 1e-12));
      highest = std::max(highest, rate.lr);
    }
    CHECK(highest <= 4e-3 * (1 + 1e-12));
    CHECK(schedule.at(total - 1, total, 1.0).lr == Approx(4e-3 / 25 / 1e4).epsilon(1e-9));
    CHECK(schedule.at(total + 5, total, 1.0).lr == Approx(4e-3 / 25 / 1e4).epsilon(1e-9));
  }
  const Schedule schedule(one_cycle(4e-3));
  CHECK(schedule.at(0, 1000, 1.0).lr == Approx(4e-3 / 25).epsilon(1e-12));
  CHECK(schedule.at(299, 1000, 1.0).lr == Approx(4e-3).epsilon(1e-12));
  CHECK(std::isfinite(schedule.at(0, 1, 1.0).lr));
}

TEST_CASE("schedule: slanted_triangular is equation 3 of Howard and Ruder where the cut is a whole step") {
  const double max_lr = 0.01, cut_fraction = 0.1, ratio = 32;
  const Schedule schedule(slanted_triangular(max_lr));
  const std::size_t total = 60;
  const double cut = std::floor(double(total) * cut_fraction);
  for (std::size_t s = 0; s < total; ++s) {
    const double t = double(s);
    const double p = t < cut ? t / cut : 1 - (t - cut) / (cut * (1 / cut_fraction - 1));
    CHECK(schedule.at(s, total, 1.0).lr == Approx(max_lr * (1 + p * (ratio - 1)) / ratio).epsilon(1e-12));
    CHECK_FALSE(schedule.at(s, total, 1.0).momentum);
  }
}

TEST_CASE("schedule: slanted_triangular never falls below max_lr / ratio") {
  const Schedule schedule(slanted_triangular({.max_lr = 1, .cut = 0.1, .ratio = 8}));
  for (std::size_t total = 1; total < 40; ++total)
    for (std::size_t s = 0; s < total + 3; ++s) {
      const double lr = schedule.at(s, total, 1.0).lr;
      REQUIRE((lr >= 1.0 / 8 && lr <= 1.0));
    }
}

TEST_CASE("schedule: cosine goes from max_lr at the first to min_lr at the last step") {
  const Schedule schedule(cosine(0.2, 0.02));
  CHECK(schedule.at(0, 11, 1.0).lr == Approx(0.2).epsilon(1e-12));
  CHECK(schedule.at(5, 11, 1.0).lr == Approx(0.11).epsilon(1e-12));
  CHECK(schedule.at(10, 11, 1.0).lr == Approx(0.02).epsilon(1e-12));
  CHECK(schedule.at(99, 11, 1.0).lr == Approx(0.02).epsilon(1e-12));
  CHECK(schedule.at(0, 1, 1.0).lr == Approx(0.2).epsilon(1e-12));
  for (std::size_t s = 1; s < 11; ++s) CHECK(schedule.at(s, 11, 1.0).lr < schedule.at(s - 1, 11, 1.0).lr);
}

TEST_CASE("schedule: constant, and none given, is the optimizer's rate") {
  CHECK(Schedule().at(3, 10, 0.125).lr == 0.125);
  CHECK(Schedule(constant()).at(3, 10, 0.125).lr == 0.125);
  CHECK_FALSE(Schedule().at(3, 10, 0.125).momentum);
}

TEST_CASE("schedule: plateau waits for more than `patience` epochs without a better value") {
  Schedule schedule(plateau({.factor = 0.5, .patience = 2, .min_lr = 0.03}));
  std::vector<double> rates;
  for (const double value : {1.0, 0.9, 0.9, 0.95, 0.9, 0.8, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0}) {
    schedule.after_epoch(value);
    rates.push_back(schedule.at(0, 1, 0.1).lr);
  }
  // equal is not better; the third bad epoch in a row halves the rate; 0.025 would be below min_lr
  CHECK(rates == std::vector<double>{0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03});
}

TEST_CASE("schedule: plateau takes NaN for a bad epoch, even as the first") {
  Schedule schedule(plateau({.factor = 0.1, .patience = 0}));
  schedule.after_epoch(std::nan(""));
  CHECK(schedule.at(0, 1, 1.0).lr == Approx(0.1));
  schedule.after_epoch(5.0);
  CHECK(schedule.at(0, 1, 1.0).lr == Approx(0.1));
  schedule.after_epoch(4.0);
  CHECK(schedule.at(0, 1, 1.0).lr == Approx(0.1));
}

TEST_CASE("schedule: plateau never raises the optimizer's rate to min_lr") {
  const Schedule schedule(plateau({.min_lr = 1e-2}));
  CHECK(schedule.at(0, 1, 1e-3).lr == 1e-3);
}

TEST_CASE("schedule: a copied state continues where it was") {
  const ScheduleSpec spec = plateau({.factor = 0.5, .patience = 1});
  Schedule through(spec), first(spec), second(spec);
  const std::vector<double> values = {3, 4, 4, 2, 2, 2, 2};
  for (std::size_t i = 0; i < values.size(); ++i) {
    through.after_epoch(values[i]);
    if (i == 2) second.state = first.state;
    (i < 2 ? first : second).after_epoch(values[i]);
  }
  CHECK(second.at(0, 1, 1.0).lr == through.at(0, 1, 1.0).lr);
  CHECK(through.at(0, 1, 1.0).lr == 0.25);
}

TEST_CASE("schedule: options out of range") {
  const double nan = std::nan("");
  CHECK(message(one_cycle(nan)) ==
        "one_cycle: the learning rate is nan, expected a finite number above 0, for instance 1e-3");
  CHECK(message(one_cycle(0.0)) ==
        "one_cycle: the learning rate is 0, expected a finite number above 0, for instance 1e-3");
  CHECK(message(one_cycle({.pct_start = 1})) ==
        "one_cycle: pct_start is 1, expected a number between 0 and 1");
  CHECK(message(one_cycle({.div_factor = 0})) ==
        "one_cycle: div_factor is 0, expected a finite number of at least 1");
  CHECK(message(one_cycle({.final_div_factor = nan})) ==
        "one_cycle: final_div_factor is nan, expected a finite number of at least 1");
  CHECK(message(one_cycle({.base_momentum = -1})) ==
        "one_cycle: base_momentum is -1, expected at least 0 and below 1");
  CHECK(message(one_cycle({.max_momentum = 1})) ==
        "one_cycle: max_momentum is 1, expected at least 0 and below 1");
  CHECK(message(slanted_triangular(-1.0)) ==
        "slanted_triangular: the learning rate is -1, expected a finite number above 0, for instance 1e-3");
  CHECK(message(slanted_triangular({.cut = 0})) ==
        "slanted_triangular: cut is 0, expected a number between 0 and 1");
  CHECK(message(slanted_triangular({.ratio = 0.5})) ==
        "slanted_triangular: ratio is 0.5, expected a finite number of at least 1");
  CHECK(message(cosine(nan)) ==
        "cosine: the learning rate is nan, expected a finite number above 0, for instance 1e-3");
  CHECK(message(cosine(0.1, -0.1)) == "cosine: min_lr is -0.1, expected a finite number of at least 0");
  CHECK(message(plateau({.factor = 1})) == "plateau: factor is 1, expected a number between 0 and 1");
  CHECK(message(plateau({.min_lr = nan})) ==
        "plateau: min_lr is nan, expected a finite number of at least 0");
}

TEST_CASE("schedule: exponential goes from the first to the last rate by one factor") {
  const Schedule schedule(exponential(1e-5, 1e-1));
  CHECK(schedule.at(0, 5, 1.0).lr == Approx(1e-5).epsilon(1e-12));
  CHECK(schedule.at(2, 5, 1.0).lr == Approx(1e-3).epsilon(1e-12));
  CHECK(schedule.at(4, 5, 1.0).lr == Approx(1e-1).epsilon(1e-12));
  CHECK(schedule.at(0, 1, 1.0).lr == Approx(1e-5).epsilon(1e-12));
  CHECK_THAT(message(exponential(0, 1)), ContainsSubstring("exponential: first_lr"));
}

TEST_CASE("schedule: one's own is a function of step, steps and the optimizer's rate") {
  const Schedule schedule(custom_schedule("halves", [](std::size_t step, std::size_t total, double lr) {
    return Rate{lr / static_cast<double>(step + total), 0.5};
  }));
  CHECK(schedule.at(1, 3, 8.0).lr == 2);
  CHECK(schedule.at(1, 3, 8.0).momentum == 0.5);
  CHECK_FALSE(schedule.needs_validation());
  CHECK(message(custom_schedule("nothing", nullptr)) == "custom_schedule 'nothing' has no function");
}
