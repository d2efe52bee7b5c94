#include <seqlstm/train/language_model.hpp>

#include "support/layers.hpp"
#include "support/tiny_language.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

TokenSource source() {
  return [](std::size_t epoch) { return tiny_language(1200, epoch); };
}

}  // namespace

TEST_CASE("language model: learns what can be known, and no more") {
  auto model = tiny_language_model();
  const auto text = tiny_language(2000, 99);
  const StreamOptions reading = {.batch_size = 4, .bptt = 20};
  const auto before = evaluate_language_model(model, text, reading);
  CHECK(before.loss > 1.7);
  CHECK(before.tokens == 1996);
  LanguageTrainer trainer(model, tiny_language_options(8));
  std::vector<double> losses;
  trainer.run(source(), [&](const auto& epoch) {
    losses.push_back(epoch.train_loss);
    CHECK(epoch.epoch == losses.size());
    return true;
  });
  REQUIRE(losses.size() == 8);
  CHECK(losses.back() < losses.front());
  const auto after = evaluate_language_model(model, text, reading);
  // The source has 0.8 ln 0.8 + 0.2 ln 0.2 = 0.5004 nats a token, and its likelier successor comes in 0.8 of
  // cases.
  CHECK(after.loss > 0.47);
  CHECK(after.loss < 0.56);
  CHECK(after.accuracy > 0.76);
  CHECK(after.perplexity() == std::exp(after.loss));
  CHECK(after.bits_per_letter(2) == Approx(after.loss / std::log(2.0) / 2));
}

TEST_CASE("language model: the score is that of the tokens one by one") {
  auto model = tiny_language_model();
  const auto text = tiny_language(41, 5);
  const auto whole = evaluate_language_model(model, text, {.batch_size = 1, .bptt = 7});
  auto streams = model.initial_state(1);
  Tape<float> tape(Mode::inference);
  double loss = 0, right = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    tape.reset();
    const auto logits = model.step(tape, std::span(&text[i], 1), streams).value();
    double sum = 0;
    std::size_t best = 0;
    for (std::size_t v = 0; v < 6; ++v) {
      sum += std::exp(double{logits(0, v)});
      if (logits(0, v) > logits(0, best)) best = v;
    }
    const auto next = static_cast<std::size_t>(text[i + 1]);
    loss += std::log(sum) - double{logits(0, next)};
    right += best == next ? 1 : 0;
  }
  CHECK(whole.tokens == 40);
  CHECK(whole.loss == Approx(loss / 40).epsilon(1e-5));
  CHECK(whole.accuracy == right / 40);
}

TEST_CASE("language model: a stopped training goes on to the same bits, within an epoch and between two") {
  auto whole = tiny_language_model(2);
  LanguageTrainer uninterrupted(whole, tiny_language_options(2));
  uninterrupted.run(source());
  const auto total = uninterrupted.state.step;
  CHECK(total >= uninterrupted.total_updates() - 6);
  for (const std::uint64_t stop : {std::uint64_t{1}, std::uint64_t{13}, total / 2, total - 1, total}) {
    auto model = tiny_language_model(2);
    auto options = tiny_language_options(2);
    options.on_step = [&](const StepReport& step) { return step.step != stop; };
    LanguageTrainer first(model, options);
    first.run(source());
    REQUIRE(first.state.step == stop);
    LanguageTrainer second(model, tiny_language_options(2));
    second.state = first.state;
    second.optimizer = first.optimizer;
    second.carried = first.carried;
    second.run(source());
    INFO("stopped after " << stop << " of " << total);
    CHECK(everything(model) == everything(whole));
  }
}

TEST_CASE("language model: an epoch that was read in two runs took the time of both") {
  auto model = tiny_language_model();
  LanguageTrainer trainer(model, tiny_language_options(2));
  trainer.state.seconds = 1000;  // of the run before
  std::vector<double> seconds;
  trainer.run(source(), [&](const auto& epoch) {
    seconds.push_back(epoch.seconds);
    CHECK(epoch.tokens_per_second > 0);
    return true;
  });
  REQUIRE(seconds.size() == 2);
  CHECK(seconds[0] > 1000);
  CHECK(seconds[1] < 1000);
}

TEST_CASE("language model: same bits for any number of threads") {
  check_threads([] {
    auto model = tiny_language_model(2);
    auto options = tiny_language_options(1);
    options.max_updates = 8;
    LanguageTrainer trainer(model, options);
    trainer.run(source());
    CHECK(trainer.state.step == 8);
    return everything(model);
  });
}

TEST_CASE("language model: mistakes are named") {
  auto model = tiny_language_model();
  auto options = tiny_language_options(0);
  CHECK_THROWS_WITH(LanguageTrainer(model, options), "epochs is 0, expected at least 1");
  options.epochs = 1;
  options.schedule = plateau();
  CHECK_THROWS_WITH(LanguageTrainer(model, options),
                    ContainsSubstring("the plateau schedule needs a validation"));
  options = tiny_language_options(1);
  options.clip_norm = -1;
  CHECK_THROWS_AS(LanguageTrainer(model, options), option_error);
  options = tiny_language_options(1);
  LanguageTrainer trainer(model, options);
  CHECK_THROWS_WITH(trainer.run([](std::size_t) { return tiny_language(6, 1); }),
                    ContainsSubstring("too few"));
  model.decoder.bias.edit()(0, 2) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(trainer.run(source()), numeric_error);
}

TEST_CASE("language model: stop ends it after the update, and it goes on to the same bits") {
  auto whole = tiny_language_model(2);
  LanguageTrainer uninterrupted(whole, tiny_language_options(2));
  uninterrupted.run(source());
  CHECK_FALSE(uninterrupted.stopped());
  auto model = tiny_language_model(2);
  auto options = tiny_language_options(2);
  std::size_t epochs = 0;
  LanguageTrainer<TinyLanguageModel>* running = nullptr;
  options.stop = [&] { return running->state.step == 13; };
  LanguageTrainer first(model, options);
  running = &first;
  first.run(source(), [&](const auto&) { return ++epochs > 0; });
  CHECK(first.stopped());
  CHECK(first.state.step == 13);
  CHECK(epochs == 0);
  LanguageTrainer second(model, tiny_language_options(2));
  second.state = first.state;
  second.optimizer = first.optimizer;
  second.carried = first.carried;
  second.run(source());
  CHECK(everything(model) == everything(whole));
}

TEST_CASE("language model: what watches a training keeps what it counted when the next run begins") {
  auto model = tiny_language_model();
  auto options = tiny_language_options(2);
  options.on_step = [count = 0](const StepReport&) mutable { return ++count < 3; };
  options.stop = [asked = 0]() mutable { return ++asked == 4; };
  LanguageTrainer trainer(model, options);
  trainer.run(source());
  CHECK(trainer.state.step == 3);
  trainer.run(source());
  CHECK(trainer.state.step == 4);
  trainer.set_on_step({});
  trainer.run(source());  // asked for the third and the fourth time
  CHECK(trainer.state.step == 6);
  CHECK(trainer.stopped());
}

TEST_CASE("language model: a training that diverges gives the last whole epoch's weights back") {
  auto model = tiny_language_model();
  auto options = tiny_language_options(2);
  std::vector<double> of_epoch;
  std::uint64_t steps_of_epoch = 0;
  LanguageTrainer trainer(model, options);
  trainer.set_on_step([&](const StepReport& step) {
    // A weight that no loss has seen when the second epoch ends there.
    if (steps_of_epoch > 0 && step.step == steps_of_epoch + 3) {
      model.decoder.bias.edit()(0, 2) = std::numeric_limits<float>::infinity();
      return false;
    }
    return true;
  });
  const auto run = [&] {
    trainer.run(source(), [&](const auto&) {
      of_epoch = everything(model);
      steps_of_epoch = trainer.state.step;
      return true;
    });
  };
  CHECK_THROWS_WITH(run(), ContainsSubstring("are not finite after update"));
  REQUIRE(steps_of_epoch > 0);
  CHECK(everything(model) == of_epoch);
}

TEST_CASE("language model: a score in a sentence, beside someone who guesses") {
  LanguageScore score;
  score.loss = 2 * std::numbers::ln2;
  score.accuracy = 0.5;
  CHECK(informed_random_bits(dna4) == 2);
  CHECK(informed_random_bits(dna5) == 2);  // N is no letter to guess
  CHECK(informed_random_bits(aa20) == Approx(std::log2(20.0)));
  CHECK(score_text(score, Tokenizer(dna4, {.k = 5, .stride = 2})) ==
        "loss 1.38629, 1 bits a base (informed random: 2), perplexity 4, accuracy 0.5");
}
