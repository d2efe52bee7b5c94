// Training a language model on ranks: the same weights, to the bit, for any number of them.
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/train/language_model.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/tiny_language.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

LanguageFitOptions ranked_options(std::size_t epochs) {
  auto options = tiny_language_options(epochs);
  options.batch_size = 16;
  options.shards = 8;
  options.progress = nullptr;
  return options;
}
TokenSource source() {
  return [](std::size_t epoch) { return tiny_language(900, epoch); };
}

/// Weights and states after the training, and the loss of its last epoch; the same at all ranks.
std::vector<double> trained(std::size_t ranks, const LanguageFitOptions& options) {
  std::vector<std::vector<double>> results(ranks);
  run_as_ranks(ranks, [&](Communicator& communicator) {
    auto model = tiny_language_model(2);
    auto own = options;
    own.communicator = communicator;
    LanguageTrainer trainer(model, own);
    auto& result = results[communicator.rank()];
    double loss = 0;
    trainer.run(source(), [&](const auto& epoch) {
      loss = epoch.train_loss;
      return true;
    });
    result = everything(model);
    trainer.carried.for_each_buffer(
        [&](const auto& buffer) { result.insert(result.end(), buffer.span().begin(), buffer.span().end()); });
    result.push_back(loss);
  });
  for (const auto& other : results) CHECK(same_bits(other, results[0]));
  return results[0];
}

}  // namespace

TEST_CASE("language_ranks: tied weights, penalties, dropped weights and carried states on 1 to 8 ranks") {
  auto options = ranked_options(2);
  const auto one = trained(1, options);
  for (const std::size_t ranks : {2U, 3U, 4U, 8U}) {
    INFO(ranks << " ranks");
    CHECK(same_bits(trained(ranks, options), one));
  }
  options.shard_optimizer = true;
  CHECK(same_bits(trained(4, options), one));
  options.max_updates = 3;  // in the midst of an epoch: states are there
  const auto begun = trained(1, options);
  CHECK(same_bits(trained(4, options), begun));
  CHECK(*std::max_element(begun.begin(), begun.end()) != 0);
}

TEST_CASE("language_ranks: near the training without ranks, and resumed by another number of them") {
  auto options = ranked_options(1);
  options.optimizer = sgd({.lr = 0.1});
  options.schedule = constant();
  options.max_updates = 1;
  const auto ranked = trained(2, options);
  auto plain = tiny_language_model(2);
  LanguageTrainer whole(plain, options);
  whole.run(source());
  const auto expected = everything(plain);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("number " << i);
    REQUIRE(std::abs(ranked[i] - expected[i]) < 1e-6 + 2e-5 * std::abs(expected[i]));
  }

  options = ranked_options(2);
  const auto undisturbed = trained(1, options);
  std::vector<double> resumed;
  auto model = tiny_language_model(2);
  typename LanguageTrainer<TinyLanguageModel>::State state;
  CarriedState<float> carried;
  std::optional<Optimizer<float>> optimizer;
  const auto run_on = [&](std::size_t ranks, std::size_t updates) {
    run_as_ranks(ranks, [&](Communicator& communicator) {
      auto copy = model;
      auto own = options;
      own.communicator = communicator;
      own.on_step = [updates](const StepReport& report) { return report.step < updates; };
      LanguageTrainer trainer(copy, own);
      if (optimizer) {
        trainer.state = state;
        trainer.carried = carried;
        trainer.optimizer = *optimizer;
      }
      trainer.run(source());
      communicator.barrier();
      if (communicator.rank() > 0) return;
      model = std::move(copy);
      state = trainer.state;
      carried = trainer.carried;
      optimizer = trainer.optimizer;
    });
  };
  run_on(2, 4);
  run_on(8, 7);
  run_on(3, 1000);
  resumed = everything(model);
  CHECK(same_bits(resumed,
                  {undisturbed.begin(), undisturbed.begin() + static_cast<std::ptrdiff_t>(resumed.size())}));
}

TEST_CASE("language_ranks: another text at one rank is told") {
  CHECK(support::message_of<option_error>([] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto model = tiny_language_model();
            auto own = ranked_options(1);
            own.communicator = communicator;
            LanguageTrainer(model, own).run([&](std::size_t) {
              return tiny_language(900, 5 + communicator.rank());
            });
          });
        }).starts_with("the text of epoch 1 of rank 1 of 2 is '"));
}

TEST_CASE(
    "language_ranks: a score that ranks share has the bits of one, also with fewer streams than ranks") {
  const auto text = tiny_language(900, 1);
  auto model = tiny_language_model(2);
  initialize(model, 4);
  for (const std::size_t streams : {12U, 2U}) {
    const StreamOptions options{.batch_size = streams, .bptt = 7};
    const auto alone = evaluate_language_model(model, text, options);
    CHECK(alone.loss > 0);
    for (const std::size_t ranks : {1U, 2U, 3U, 8U}) {
      INFO(ranks << " ranks, " << streams << " streams");
      std::vector<LanguageScore> scores(ranks);
      run_as_ranks(ranks, [&](Communicator& communicator) {
        auto own = model;
        scores[communicator.rank()] = evaluate_language_model(own, text, options, communicator);
      });
      for (const auto& score : scores) {
        CHECK(score.loss == alone.loss);
        CHECK(score.accuracy == alone.accuracy);
        CHECK(score.tokens == alone.tokens);
      }
    }
  }
}

TEST_CASE("language_ranks: a next token outside the vocabulary is told, at one rank and to the others") {
  auto text = tiny_language(900, 1);
  text.back() = 100;  // never read, only expected
  auto model = tiny_language_model(2);
  const StreamOptions options{.batch_size = 1, .bptt = 7};
  const std::string alone = support::message_of<token_error>(
      [&] { static_cast<void>(evaluate_language_model(model, text, options)); });
  CHECK_THAT(alone, ContainsSubstring("the next token 100 is outside the vocabulary"));
  const std::string shared = support::message_of<rank_error>([&] {
    run_as_ranks(2, [&](Communicator& communicator) {
      auto own = model;
      try {
        static_cast<void>(evaluate_language_model(own, text, options, communicator));
      } catch (const token_error&) {  // rank 0 goes on, and rank 1 is not left waiting
      }
    });
  });
  CHECK_THAT(shared, ContainsSubstring(alone));
}
