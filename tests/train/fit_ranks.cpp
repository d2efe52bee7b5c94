// Training on ranks: the same weights, to the bit, for any number of ranks and threads.
#include <cmath>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/models/feature_models.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/paths.hpp"
#include "support/tiny.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;
using testing::everything;
using testing::tiny_data;

namespace {

FitOptions small_options() {
  return {.optimizer = adam({.lr = 0.01}), .epochs = 2, .batch_size = 40, .seed = 3, .progress = nullptr};
}

/// The weights after a training on so many ranks; all ranks have the same.
template <class Make>
std::vector<double> trained(std::size_t ranks, const SequenceDataset& data, const Make& make,
                            FitOptions options = small_options()) {
  std::vector<std::vector<double>> weights(ranks);
  std::vector<double> losses(ranks);
  run_as_ranks(ranks, [&](Communicator& communicator) {
    auto model = make();
    auto own = options;
    own.communicator = communicator;
    const auto result = fit(model, data, data, own);
    losses[communicator.rank()] = result.history.back().train_loss;
    weights[communicator.rank()] = everything(model);
    weights[communicator.rank()].push_back(losses[communicator.rank()]);
  });
  for (const auto& other : weights) CHECK(testing::same_bits(other, weights[0]));
  return weights[0];
}

/// Trains on 1, 2, 3, 4 and 8 ranks, and on 1 rank of 2 threads; not far from the training without ranks.
template <class Make> void check_ranks(const Make& make, FitOptions options = small_options()) {
  const auto data = tiny_data(100, 1);  // batches of 40 and 60, or 40, 44 and 16
  const auto one = trained(1, data, make, options);
  for (const std::size_t ranks : {2U, 3U, 4U, 8U}) {
    INFO(ranks << " ranks");
    CHECK(testing::same_bits(trained(ranks, data, make, options), one));
  }
  const std::size_t before = threads();
  set_threads(2);
  CHECK(testing::same_bits(trained(1, data, make, options), one));
  set_threads(before);
  auto plain = make();
  options.optimizer = sgd({.lr = 0.1});
  options.max_updates = 1;
  const auto first = trained(2, data, make, options);
  fit(plain, data, data, options);
  const auto whole = everything(plain);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    INFO("number " << i);
    REQUIRE(std::abs(first[i] - whole[i]) < 1e-6 + 2e-5 * std::abs(whole[i]));
  }
}

}  // namespace

TEST_CASE("fit_ranks: embedding, lstm of both directions, batch norm, dropout, dense") {
  check_ranks([] { return testing::tiny_model(); });
}

TEST_CASE("fit_ranks: gradients that travel in bf16 are near, and the same at all ranks") {
  const auto data = tiny_data(100, 1);
  const auto make = [] { return testing::tiny_model(); };
  auto options = small_options();
  options.optimizer = sgd({.lr = 0.1});
  options.max_updates = 1;
  const auto whole = trained(1, data, make, options);
  options.wire = Precision::bf16;
  CHECK(testing::same_bits(trained(1, data, make, options), whole));  // nothing travels
  const auto rounded = trained(4, data, make, options);
  CHECK_FALSE(testing::same_bits(rounded, whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    INFO("number " << i);
    CHECK(std::abs(rounded[i] - whole[i]) < 1e-4 + 1e-3 * std::abs(whole[i]));
  }
}

TEST_CASE("fit_ranks: a loss of one's own is that of the whole batch at every rank") {
  auto options = small_options();
  options.loss = custom_loss("own", Task::binary, [](const auto& output, std::span<const double> targets) {
    return bce_with_logits(output, targets);
  });
  check_ranks([] { return testing::tiny_model(); }, options);
}

TEST_CASE("fit_ranks: an optimizer whose state ranks split gives the same weights") {
  const auto data = tiny_data(100, 1);
  const auto make = [] { return testing::tiny_model(); };
  for (const auto& rule : {adamw({.lr = 0.01}), sgd({.lr = 0.1, .momentum = 0.9}), rmsprop()}) {
    auto options = small_options();
    options.optimizer = rule;
    options.clip_norm = 0.5;
    options.lr_scale = [](const std::string& name) { return name.starts_with("0") ? 0.5 : 1.0; };
    const auto whole = trained(1, data, make, options);
    options.shard_optimizer = true;
    for (const std::size_t ranks : {1U, 2U, 3U, 8U})
      CHECK(testing::same_bits(trained(ranks, data, make, options), whole));
  }
}

TEST_CASE(
    "fit_ranks: a part of the optimizer's state is all that a rank keeps, and rates differ with a word") {
  const auto data = tiny_data(100, 1);
  std::vector<std::string> wrong(4);
  run_as_ranks(4, [&](Communicator& communicator) {
    std::string& found = wrong[communicator.rank()];
    auto model = testing::tiny_model();
    auto options = small_options();
    options.communicator = communicator;
    options.shard_optimizer = true;
    Trainer<testing::TinyModel, SequenceDataset> trainer(model, options);
    detail::build_from(model, data, options);
    trainer.run(data, nullptr);
    std::size_t kept = 0, numbers = 0;
    const auto count = [&] {
      kept = numbers = 0;
      for (const auto& slot : trainer.optimizer.state) kept += slot.first.size() + slot.second.size();
      for_each_parameter(model, [&](const std::string&, auto& p) { numbers += 2 * p.size(); });
    };
    count();
    if (4 * kept > numbers + 8 * trainer.optimizer.state.size()) found += "more than a part; ";
    if (trainer.optimizer.is_whole(model)) found += "whole; ";
    trainer.optimizer.gather_state(model);
    trainer.optimizer.gather_state(model);
    count();
    if ((kept == numbers) != (communicator.rank() == 0)) found += "gathered elsewhere";
  });
  CHECK(wrong == std::vector<std::string>(4));
  const std::string told = message_of<Error>([&] {
    run_as_ranks(2, [&](Communicator& communicator) {
      auto model = testing::tiny_model();
      auto options = small_options();
      options.communicator = communicator;
      options.shard_optimizer = true;
      options.lr_scale = [rank = communicator.rank()](const std::string&) { return rank == 0 ? 1.0 : 0.5; };
      fit(model, data, options);
    });
  });
  CHECK(told.starts_with("the model after epoch 1 of rank 1 of 2 is '"));
}

TEST_CASE("fit_ranks: a split optimizer with gradients in bf16 is one that is not split") {
  const auto data = tiny_data(100, 1);
  const auto make = [] { return testing::tiny_model(); };
  auto options = small_options();
  options.wire = Precision::bf16;
  const auto whole = trained(4, data, make, options);
  options.shard_optimizer = true;
  CHECK(testing::same_bits(trained(4, data, make, options), whole));
}

TEST_CASE("fit_ranks: a training goes on with another number of ranks") {
  const auto data = tiny_data(100, 1);
  auto options = small_options();
  options.shard_optimizer = GENERATE(false, true);
  options.epochs = 3;
  options.restore_best = false;  // what is trained goes on, not the best so far
  auto expected = trained(
      1, data, [] { return testing::tiny_model(); }, options);
  expected.pop_back();  // the loss
  using Fit = Trainer<testing::TinyModel, SequenceDataset>;
  auto model = testing::tiny_model();
  Fit::State state;
  std::optional<Optimizer<float>> optimizer;
  Snapshot best;
  const auto run_on = [&](std::size_t ranks, std::size_t updates) {
    run_as_ranks(ranks, [&](Communicator& communicator) {
      auto copy = model;
      auto own = options;
      own.communicator = communicator;
      Fit* running = nullptr;
      own.stop = [&] { return running->state.step >= updates; };
      detail::build_from(copy, data, own);
      Fit trainer(copy, own);
      running = &trainer;
      if (optimizer) {
        trainer.state = state;
        trainer.optimizer = *optimizer;
        trainer.best = best;
      }
      trainer.run(data, &data);
      trainer.optimizer.gather_state(copy);
      communicator.barrier();
      if (communicator.rank() > 0) return;
      model = std::move(copy);
      state = trainer.state;
      optimizer = trainer.optimizer;
      best = trainer.best;
    });
  };
  run_on(2, 2);  // in the midst of the first epoch
  run_on(8, 5);
  run_on(3, 1000);
  CHECK(testing::same_bits(everything(model), expected));
}

TEST_CASE("fit_ranks: recurrent layers of rows, and what stands between them") {
  check_ranks([] {
    return sequential(embedding(6), gru({.hidden = 7, .bidirectional = true}), layer_norm(),
                      lstm({.hidden = 5, .reverse = true}), attention_pooling({.attention = 4, .heads = 2}),
                      dense(3), relu(), dense(1));
  });
  check_ranks([] { return sequential(one_hot(), rnn({.hidden = 6}), batch_norm(), last(), dense(1)); });
  check_ranks([] {
    return sequential(embedding(4) + positional_embedding(),
                      lstm({.hidden = 6, .layers = 2, .weight_drop = 0.3}), max(), dense(1));
  });
}

TEST_CASE("fit_ranks: cells with projection, layer norm, peephole and dropped weights") {
  check_ranks([] {
    return sequential(
        embedding(4),
        lstm({.hidden = 6, .weight_drop = 0.2, .projection = 3, .peephole = true, .layer_norm = true}),
        mean(), dense(1));
  });
}

TEST_CASE("fit_ranks: convolutions of tokens and of rows, with strides and poolings of windows") {
  check_ranks([] {
    return sequential(embedding(5), conv1d({.output = 6, .kernel = 3}), relu(), max_pool1d({.kernel = 2}),
                      conv1d({.output = 4, .kernel = 2, .stride = 2, .padding = Padding::same}), max(),
                      dense(1));
  });
  check_ranks([] {
    return sequential(one_hot(), conv1d({.output = 6, .kernel = 5, .bias = false}), lstm({.hidden = 5}),
                      last(), dense(1));
  });
}

TEST_CASE("fit_ranks: bfloat16, a GRU's other reset, few shards, accumulated and clipped gradients") {
  const auto rounded = [] {
    auto model = sequential(
        embedding(6), lstm({.hidden = 40, .layers = 2, .bidirectional = true, .precision = Precision::bf16}),
        gru({.hidden = 20, .precision = Precision::bf16}), concat(last(), mean()),
        dense({.output = 1, .precision = Precision::bf16}));
    return model;
  };
  const auto data = tiny_data(100, 1);
  const auto one = trained(1, data, rounded);
  for (const std::size_t ranks : {2U, 3U, 8U}) CHECK(testing::same_bits(trained(ranks, data, rounded), one));
  auto options = small_options();
  options.shards = 8;
  options.batch_size = 20;
  options.accumulate = 3;
  options.clip_norm = 0.5;
  check_ranks(
      [] { return sequential(embedding(6), gru({.hidden = 5, .reset_after = false}), last(), dense(1)); },
      options);
}

TEST_CASE("fit_ranks: rows of features, classes and labels by position") {
  FeatureDataset rows;
  rows.width = 6;
  rows.values = testing::random_values<float>(6 * 100, 1);
  for (std::size_t r = 0; r < 100; ++r) rows.labels.push_back(static_cast<double>(r % 3));
  const auto fitted = [&](std::size_t ranks) {
    std::vector<double> weights;
    run_as_ranks(ranks, [&](Communicator& communicator) {
      Mlp model(6, 3);
      auto options = small_options();
      options.loss = cross_entropy({.class_weights = {1, 2, 0.5}});
      options.communicator = communicator;
      fit(model, rows, rows, options);
      if (communicator.rank() == 0) weights = everything(model);
    });
    return weights;
  };
  const auto one = fitted(1);
  for (const std::size_t ranks : {2U, 3U, 8U}) CHECK(testing::same_bits(fitted(ranks), one));

  auto data = tiny_data(100, 1);
  data.position_labels.resize(data.tokens());
  for (std::size_t i = 0; i < data.tokens(); ++i)
    data.position_labels[i] = i % 7 == 0 ? ignored_label : static_cast<double>(data.ids[i] % 2);
  const auto by_position = [] { return sequential(embedding(4), lstm({.hidden = 5}), dense(1)); };
  const auto alone = trained(1, data, by_position);
  for (const std::size_t ranks : {2U, 3U, 8U})
    CHECK(testing::same_bits(trained(ranks, data, by_position), alone));
}

namespace {
/// Scores of sites beside a row per sequence.
struct SitesNet {
  Embedding<float> embedding{{.vocabulary = 4, .dim = 4}};
  Lstm<float> lstm{{.input = 4, .hidden = 5}};
  Dense<float> head{5, 1}, site{5, 1};
  RowsAndSites<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    const auto h = lstm(tape, embedding(batch));
    return {head(last(h)), site(h)};
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
    v("site", site);
  }
};
}  // namespace

TEST_CASE("fit_ranks: a Crf, ctc_loss and sites") {
  auto data = tiny_data(100, 1);
  data.position_labels.resize(data.tokens());
  for (std::size_t i = 0; i < data.tokens(); ++i)
    data.position_labels[i] = i % 11 == 0 ? ignored_label : static_cast<double>(data.ids[i] % 3);
  auto options = small_options();
  options.loss = crf_loss();
  const auto labeller = [] { return sequential(embedding(4), lstm({.hidden = 5}), dense(3), crf()); };
  const auto check = [&](const auto& make) {
    const auto one = trained(1, data, make, options);
    for (const std::size_t ranks : {2U, 3U, 8U})
      CHECK(testing::same_bits(trained(ranks, data, make, options), one));
    auto whole = make();
    auto once = options;
    once.optimizer = sgd({.lr = 0.1});
    once.max_updates = 1;
    const auto first = trained(2, data, make, once);
    fit(whole, data, data, once);
    const auto expected = everything(whole);
    for (std::size_t i = 0; i < expected.size(); ++i)
      REQUIRE(std::abs(first[i] - expected[i]) < 1e-6 + 2e-5 * std::abs(expected[i]));
  };
  check(labeller);

  for (std::size_t i = 0; i < data.size(); ++i) {  // one site a sequence
    for (std::size_t t = 0; t < data.length(i); ++t)
      data.position_labels[data.offsets[i] + t] = t == 1 ? 1 : 0;
  }
  options.loss = bce_with_logits({.pos_weight = {2}}).with_sites(0.5);
  check([] { return SitesNet(); });

  data.position_labels.clear();
  data.label_sequences.clear();
  data.label_sequence_offsets = {0};
  for (std::size_t i = 0; i < data.size(); ++i) {
    data.label_sequences.push_back(static_cast<Token>(1 + i % 2));
    data.label_sequence_offsets.push_back(data.label_sequences.size());
  }
  options.loss = ctc_loss();
  check([] { return sequential(embedding(4), lstm({.hidden = 5}), dense(3)); });
}

TEST_CASE("fit_ranks: what cannot be trained so is told") {
  const auto data = tiny_data(100, 1), other = tiny_data(100, 2), few = tiny_data(12, 1);
  const auto told = [](std::size_t ranks, const auto& of_rank, const auto& make,
                       FitOptions options = small_options()) {
    return message_of<Error>([&] {
      run_as_ranks(ranks, [&](Communicator& communicator) {
        auto model = make();
        auto own = options;
        own.communicator = communicator;
        fit(model, of_rank(communicator.rank()), own);
      });
    });
  };
  const auto same = [&](std::size_t) -> const SequenceDataset& { return data; };
  const auto model = [] { return testing::tiny_model(); };
  CHECK(told(
            2, [&](std::size_t rank) -> const SequenceDataset& { return rank == 0 ? data : other; }, model)
            .starts_with("the training data of rank 1 of 2 is '100 records, "));
  CHECK(
      told(
          1, [&](std::size_t) -> const SequenceDataset& { return few; }, model) ==
      "a batch of 12 sequences for 16 shards: some would have none; use larger batches, or set fewer shards");
  auto options = small_options();
  options.shards = 2;
  CHECK(told(4, same, model, options)
            .starts_with("4 ranks, but 2 shards: some ranks would have nothing to do"));
  options.shards = 64;
  CHECK(told(1, same, model, options)
            .starts_with("batch_size is 40, but on ranks a batch has at least 64 seq"));
  options.shards = 6;
  CHECK(told(1, same, model, options).starts_with("shards is 6, expected a power of two"));
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto net = model();
            auto own = small_options();
            own.communicator = communicator;
            own.optimizer = adam({.lr = communicator.rank() == 0 ? 0.01 : 0.02});
            fit(net, data, own);
          });
        }).find("optimizer adam lr 0.02 beta1 ") != std::string::npos);
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto net = model();
            auto own = small_options();
            own.communicator = communicator;
            own.schedule = plateau({.factor = communicator.rank() == 0 ? 0.1 : 0.5});
            fit(net, data, data, own);
          });
        }).find("schedule plateau factor 0.5 patience ") != std::string::npos);
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto net = model();
            auto own = small_options();
            own.communicator = communicator;
            own.schedule =
                custom_schedule("own", [rank = communicator.rank()](std::size_t, std::size_t, double lr) {
                  return Rate{rank == 0 ? lr : lr / 2, {}};
                });
            fit(net, data, own);
          });
        }).find("schedule own ") != std::string::npos);
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto net = model();
            auto own = small_options();
            own.communicator = communicator;
            own.schedule = one_cycle(communicator.rank() == 0 ? 0.01 : 0.02);
            fit(net, data, own);
          });
        }).starts_with("the options of the training of rank 1 of 2 is '"));
  CHECK(message_of<Error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            auto net = model();
            auto own = small_options();
            own.communicator = communicator;
            own.seed = communicator.rank();
            fit(net, data, own);
          });
        }).starts_with("the options of the training of rank 1 of 2 is '"));
}

TEST_CASE("fit_ranks: other weights of a loss, and other rows of a sampler, are told before the training") {
  const auto data = tiny_data(100, 1);
  const auto told = [&](const auto& change) {
    return message_of<Error>([&] {
      run_as_ranks(2, [&](Communicator& communicator) {
        auto model = testing::tiny_model();
        auto own = small_options();
        own.communicator = communicator;
        change(own, communicator.rank());
        fit(model, data, own);
      });
    });
  };
  const std::string weights = told([](FitOptions& options, std::size_t rank) {
    options.loss = bce_with_logits({.pos_weight = {rank == 0 ? 1.0 : 2.5}});
  });
  CHECK(weights.starts_with(
      "the options of the training of rank 1 of 2 is 'loss bce_with_logits, pos_weight 2.5, monitor "));
  const std::string rows = told([&](FitOptions& options, std::size_t rank) {
    options.sampler = weighted_sampler(std::vector<double>(100, 1.0), 80, rank);
  });
  CHECK(rows.starts_with(
      "the options of the training of rank 1 of 2 is 'loss bce_with_logits, monitor loss, 80 "
      "rows of the sampler, "));
  run_as_ranks(2, [&](Communicator& communicator) {
    auto model = testing::tiny_model();
    auto same = small_options();
    same.communicator = communicator;
    same.sampler = weighted_sampler(std::vector<double>(100, 1.0), 80, 3);
    CHECK(fit(model, data, same).updates > 0);
  });

  const std::vector<Loss> losses = {cross_entropy({.class_weights = {1, 0.5}, .label_smoothing = 0.1}), mse(),
                                    crf_loss(), ctc_loss({.blank = 4, .zero_infinity = true}),
                                    cross_entropy().with_sites(0.25)};
  std::vector<std::string> texts;
  for (const Loss& loss : losses) texts.push_back(detail::numbers_text(loss));
  CHECK(texts == std::vector<std::string>{"cross_entropy, class_weights 1 0.5, label_smoothing 0.1", "mse",
                                          "crf_loss", "ctc_loss, blank 4, zero_infinity 1",
                                          "cross_entropy, label_smoothing 0, site_weight 0.25"});
}

namespace {
/// A layer that knows nothing of ranks.
struct OwnScale {
  Parameter<float> factor{1};
  Dense<float> head{4, 1};
  Embedding<float> embedding{{.vocabulary = 4, .dim = 4}};
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    const auto x = head(mean(dense_rows(tape, embedding(batch))));
    return tape.op(
        x,
        [](ConstMatrixView<float> from, MatrixView<float> to) {
          std::copy_n(from.data(), from.size(), to.data());
        },
        [this](ConstMatrixView<float>, ConstMatrixView<float>, ConstMatrixView<float> dy,
               MatrixView<float> dx) {
          for (std::size_t i = 0; i < dy.size(); ++i) {
            dx.data()[i] += dy.data()[i];
            factor.gradient()(0, 0) += 1;
          }
        });
  }
  template <class V> void fields(V& v) {
    v("factor", factor);
    v("head", head);
    v("embedding", embedding);
  }
};
}  // namespace

TEST_CASE(
    "fit_ranks: a gradient that a rank sums by itself is noticed, stop and on_step of any rank end all") {
  const auto data = tiny_data(100, 1);
  auto options = small_options();
  options.communicator = single_process();
  OwnScale own;
  CHECK(message_of<option_error>([&] { fit(own, data, options); }) ==
        "the gradient of 'factor' is written by an operation that knows nothing of ranks; let it use "
        "add_row_sums(), or train without a communicator");
  CHECK(message_of<Error>([&] {  // sums are on their way then
          run_as_ranks(2, [&](Communicator& communicator) {
            OwnScale net;
            auto here = small_options();
            here.communicator = communicator;
            fit(net, data, here);
          });
        })
            .starts_with("the gradient of 'factor' is written"));
  run_as_ranks(3, [&](Communicator& communicator) {
    auto model = testing::tiny_model();
    auto watched = small_options();
    watched.communicator = communicator;
    watched.stop = [&] { return communicator.rank() == 2; };
    CHECK(fit(model, data, watched).updates == 1);
    watched.stop = {};
    watched.on_step = [&](const StepReport& report) { return communicator.rank() != 1 || report.step < 2; };
    CHECK(fit(model, data, watched).updates == 2);
  });
}
