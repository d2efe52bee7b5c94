#include <seqlstm/train/callbacks.hpp>

#include <seqlstm/train/fit.hpp>
#include <sstream>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("callbacks: the CSV log has a header and a line per epoch, with validation where there is one") {
  std::ostringstream out;
  const auto log = csv_log(out);
  EpochReport report;
  report.epoch = 1;
  report.train_loss = 0.5;
  report.learning_rate = 0.25;
  report.seconds = 2;
  report.tokens_per_second = 100;
  report.valid.metrics = {{"loss", 0.75}, {"mcc", -0.5}};
  CHECK(log(report));
  report.epoch = 2;
  CHECK(log(report));
  CHECK(out.str() ==
        "epoch,train_loss,learning_rate,seconds,tokens_per_second,valid_loss,valid_mcc\n"
        "1,0.5,0.25,2,100,0.75,-0.5\n"
        "2,0.5,0.25,2,100,0.75,-0.5\n");
}

TEST_CASE("callbacks: every update is reported with its own rate and loss") {
  const auto train = tiny_data(60, 1);
  auto model = tiny_model();
  std::vector<double> rates;
  std::uint64_t last = 0;
  fit(model, train,
      {.schedule = exponential(1e-4, 1e-2),
       .epochs = 2,
       .batch_size = 10,
       .accumulate = 2,
       .on_step = [&](const StepReport& step) {
         CHECK(step.step == ++last);
         CHECK((step.train_loss > 0 && step.train_loss < 5));
         rates.push_back(step.learning_rate);
         return true;
       }});
  REQUIRE(rates.size() == 6);
  CHECK(rates.front() == Approx(1e-4));
  CHECK(rates.back() == Approx(1e-2));
}

TEST_CASE("callbacks: on_step and max_updates end training where they say") {
  const auto train = tiny_data(60, 1);
  const auto updates = [&](FitOptions options) {
    std::uint64_t last = 0;
    const auto user = options.on_step;
    options.batch_size = 10;
    options.on_step = [&, user](const StepReport& step) {
      last = step.step;
      return !user || user(step);
    };
    auto model = tiny_model();
    fit(model, train, options);
    return last;
  };
  CHECK(updates({.epochs = 2}) == 12);
  CHECK(updates({.epochs = 9, .max_updates = 8}) == 8);
  CHECK(updates({.epochs = 1, .max_updates = 8}) == 6);
  CHECK(updates({.epochs = 9, .on_step = [](const StepReport& step) { return step.step < 7; }}) == 7);
}
