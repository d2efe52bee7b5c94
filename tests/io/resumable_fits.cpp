#include <seqlstm/io/resumable_fits.hpp>

#include <cmath>
#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/catch.hpp"
#include "support/labelled.hpp"
#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const SequenceClassifierOptions shape = {.vocabulary = 4, .embedding_dim = 4, .hidden = 5, .layers = 1};

FitOptions three_epochs() {
  FitOptions fit{.loss = bce_with_logits(), .optimizer = adam({.lr = 1e-2}), .epochs = 3, .batch_size = 16};
  fit.progress = nullptr;
  return fit;
}

ClassifierNet fresh() {
  ClassifierNet net(shape);
  initialize(net, 1);
  return net;
}

io::ResumableOptions kept_in(const std::string& file) {
  return {.file = file, .info = {"test", {}, Tokenizer(dna4).to_config(), {"no", "yes"}}};
}

}  // namespace

TEST_CASE("resumable fits: what is stopped after any update goes on to the bits of what was not") {
  const auto data = ending_parts(80, 6, 1);
  ClassifierNet whole = fresh();
  const auto expected = fit(whole, data.train, data.valid, three_epochs());
  const support::TemporaryFolder folder;
  for (const std::size_t updates : {1U, 4U, 6U}) {  // 4 an epoch
    const auto file = folder.path("fit" + std::to_string(updates));
    ClassifierNet net = fresh();
    auto options = kept_in(file);
    std::size_t made = 0;
    options.stop = [&] { return made >= updates; };
    io::ResumableFits first(options);
    auto counted = three_epochs();
    counted.on_step = [&](const StepReport&) { return ++made > 0; };
    const auto stopped = first(net, data.train, data.valid, counted);
    CHECK(stopped.stopped);
    CHECK(first.ended());
    CHECK(first.failure() == nullptr);
    CHECK(first.reason() ==
          "after update " + std::to_string(updates) + " of epoch " + std::to_string((updates + 3) / 4));

    ClassifierNet again = fresh();
    options.stop = {};
    std::string resumed;
    options.on_resume = [&](const std::string& from, std::uint64_t at) {
      resumed = from + " " + std::to_string(at);
    };
    io::ResumableFits second(options);
    const auto result = second(again, data.train, data.valid, three_epochs());
    CHECK(resumed == file + " " + std::to_string(updates));
    CHECK(everything(again) == everything(whole));
    REQUIRE(result.history.size() == 3);
    for (std::size_t e = 0; e < 3; ++e) CHECK(result.history[e].train_loss == expected.history[e].train_loss);
    CHECK(result.best_epoch == expected.best_epoch);
    CHECK_FALSE(second.ended());
  }
}

TEST_CASE("resumable fits: ranks that split the optimizer's state keep all of it in the file of rank 0") {
  const auto data = ending_parts(80, 6, 1);
  const support::TemporaryFolder folder;
  const auto file = folder.path("fit");
  std::uint64_t resumed = 0;
  const auto train = [&](std::size_t ranks, const std::string& kept, std::size_t updates) {
    std::vector<double> weights;
    run_as_ranks(ranks, [&](Communicator& communicator) {
      ClassifierNet net = fresh();
      auto options = three_epochs();
      options.communicator = communicator;
      options.shard_optimizer = true;
      std::size_t made = 0;
      options.on_step = [&](const StepReport&) { return ++made > 0; };
      auto where = kept_in(kept);
      where.minutes = 0;                                                         // after every update
      where.stop = [&] { return communicator.rank() == 0 && made >= updates; };  // one rank is asked to end
      if (communicator.rank() == 0)
        where.on_resume = [&](const std::string&, std::uint64_t updates_there) { resumed = updates_there; };
      io::ResumableFits fits(where);
      fits(net, data.train, data.valid, options);
      if (communicator.rank() == 0) weights = everything(net);
    });
    return weights;
  };
  const auto whole = train(1, "", 1000);
  train(3, file, 6);
  CHECK(resumed == 0);
  CHECK(train(2, file, 1000) == whole);
  CHECK(resumed == 6);

  // A fit that diverges ends alike at all ranks, though rank 0 alone saves.
  std::vector<std::string> reasons(2);
  run_as_ranks(2, [&](Communicator& communicator) {
    ClassifierNet net = fresh();
    auto options = three_epochs();
    options.optimizer = sgd({.lr = 1e30});
    options.communicator = communicator;
    options.shard_optimizer = true;
    auto where = kept_in(folder.path("diverged"));
    where.minutes = 0;
    io::ResumableFits fits(where);
    fits(net, data.train, data.valid, options);
    reasons[communicator.rank()] = fits.reason();
    communicator.barrier();
  });
  CHECK(!reasons[0].empty());
  CHECK(reasons[0] == reasons[1]);

  std::vector<std::string> told(2);
  run_as_ranks(2, [&](Communicator& communicator) {
    ClassifierNet net = fresh();
    auto options = three_epochs();
    options.communicator = communicator;
    options.shard_optimizer = true;
    Trainer<ClassifierNet, SequenceDataset> trainer(net, options);
    trainer.run(data.train, &data.valid);
    told[communicator.rank()] = support::message_of<option_error>([&] {
      io::save_checkpoint(folder.path("part"), net, trainer, kept_in("").info,
                          io::StoredInput(data.train, 0));
    });
  });
  for (const auto& message : told)
    CHECK(message ==
          folder.path("part") +
              ": this rank has a part of the optimizer's state; call optimizer.gather_state() on all "
              "ranks, and save on rank 0");
}

TEST_CASE("resumable fits: every fit of a series has a file of its own") {
  const auto data = ending_parts(80, 6, 1);
  const support::TemporaryFolder folder;
  io::ResumableFits fits(kept_in(folder.path("fit")));
  const auto series = fits.series();
  for (int n = 0; n < 2; ++n) {
    ClassifierNet net = fresh();
    series.fit(net, data.train, data.valid, three_epochs());
    CHECK_FALSE(series.over());
  }
  // The second of two is stopped, and both go on from their files.
  auto stopping = kept_in(folder.path("again"));
  std::size_t asked = 0;
  stopping.stop = [&] {
    return ++asked > 16;
  };  // the first fit asks after each of 12 updates and of 2 epochs
  io::ResumableFits stopped(stopping);
  ClassifierNet one = fresh(), two = fresh();
  stopped(one, data.train, data.valid, three_epochs());
  CHECK_FALSE(stopped.ended());
  stopped(two, data.train, data.valid, three_epochs());
  CHECK(stopped.ended());
  CHECK_THAT(stopped.reason(), ContainsSubstring(" of training 2"));
  stopping.stop = {};
  std::vector<std::uint64_t> updates;
  stopping.on_resume = [&](const std::string&, std::uint64_t at) { updates.push_back(at); };
  io::ResumableFits resumed(stopping);
  ClassifierNet first = fresh(), second = fresh();
  resumed(first, data.train, data.valid, three_epochs());
  resumed(second, data.train, data.valid, three_epochs());
  REQUIRE(updates.size() == 2);
  CHECK(updates[0] == 12);
  CHECK(updates[1] < 12);
  CHECK(everything(first) == everything(one));
  CHECK(everything(second) == everything(one));

  CHECK(io::read_model_info(folder.path("fit")).kind == "test checkpoint");
  CHECK(std::filesystem::exists(folder.path("fit.2")));
  CHECK_FALSE(std::filesystem::exists(folder.path("fit.3")));

  io::ResumableFits other([&] {
    auto options = kept_in(folder.path("fit"));
    options.config = {{"k", 3}};
    return options;
  }());
  ClassifierNet net = fresh();
  CHECK_THROWS_WITH(other(net, data.train, data.valid, three_epochs()),
                    ContainsSubstring("fit: the saved run has"));
  auto kind = kept_in(folder.path("fit"));
  kind.info.kind = "another";
  io::ResumableFits of_kind(kind);
  CHECK_THROWS_WITH(
      of_kind(net, data.train, data.valid, three_epochs()),
      ContainsSubstring("a model of kind 'test checkpoint', expected 'another checkpoint'; name another "
                        "file for the checkpoint"));
}

TEST_CASE("resumable fits: a fit that fails is told of, and the best epoch's weights stay") {
  const auto data = ending_parts(80, 6, 1);
  io::ResumableFits fits(io::ResumableOptions{});
  ClassifierNet net = fresh();
  auto fit = three_epochs();
  std::size_t steps = 0;
  std::vector<double> of_epoch;
  fit.callbacks.emplace_back([&](const EpochReport&) {
    of_epoch = everything(net);
    return true;
  });
  fit.on_step = [&](const StepReport&) -> bool {
    if (++steps > 5) throw io_error("the disk is full");
    return true;
  };
  const auto result = fits(net, data.train, data.valid, fit);
  CHECK(fits.ended());
  CHECK(fits.reason() == "the disk is full");
  CHECK(fits.failure() != nullptr);
  CHECK(result.stopped);
  CHECK(result.best_epoch == 1);
  CHECK(result.history.size() == 1);
  CHECK(everything(net) == of_epoch);

  io::ResumableFits at_once(io::ResumableOptions{});
  fit.on_step = [](const StepReport&) -> bool { throw io_error("the disk is full"); };
  CHECK_THROWS_AS(at_once(net, data.train, data.valid, fit), io_error);
}

TEST_CASE("resumable fits: an epoch's report without a number comes back so") {
  EpochReport epoch;
  epoch.epoch = 3;
  epoch.train_loss = 0.5;
  epoch.valid.metrics = {{"loss", 0.25}, {"roc_auc", std::nan("")}};
  epoch.best = true;
  const auto back = io::detail::epoch_of(nlohmann::json::parse(io::detail::epoch_json(epoch).dump()));
  CHECK(back.epoch == 3);
  CHECK(back.valid["loss"] == 0.25);
  CHECK(std::isnan(back.valid["roc_auc"]));
  CHECK(back.best);
}
