#include <seqlstm/train/fit.hpp>

#include <sstream>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using testing::everything;
using testing::tiny_data;
using testing::tiny_model;

TEST_CASE("fit: learns a task it can learn, and reports every epoch") {
  const auto train = tiny_data(400, 1), valid = tiny_data(100, 2);
  auto model = tiny_model();
  std::ostringstream log;
  const auto result =
      fit(model, train, valid,
          {.optimizer = adam({.lr = 0.01}), .epochs = 8, .seed = 3, .callbacks = {csv_log(log)}});
  REQUIRE(result.history.size() == 8);
  CHECK(result.history.back().train_loss < 0.5 * result.history.front().train_loss);
  CHECK(evaluate(model, valid)["accuracy"] > 0.95);
  CHECK(result.best_epoch >= 1);
  CHECK(result.tokens_per_second > 0);
  const std::string text = log.str();
  CHECK(
      text.starts_with("epoch,train_loss,learning_rate,seconds,tokens_per_second,valid_loss,valid_accuracy"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 9);
}

namespace {
/// A network of one's own whose second and third layer are of one shape.
struct OwnNet {
  Embedding<float> embedding{{.vocabulary = 4, .dim = 5}};
  Lstm<float> lstm{{.input = 5, .hidden = 5}};
  Dense<float> a{5, 5}, b{5, 5}, head{5, 1};
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return head(relu(b(relu(a(last(lstm(tape, embedding(batch))))))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("a", a);
    v("b", b);
    v("head", head);
  }
};
}  // namespace

TEST_CASE("fit: draws the weights of a network of one's own from its seed, unless they were set") {
  const auto train = tiny_data(20, 1);
  // A rate of zero: what is left after an epoch is what was drawn.
  const auto fitted = [&](std::uint64_t seed, OwnNet net) {
    fit(net, train, {.optimizer = sgd({.lr = 0}), .epochs = 1, .seed = seed});
    return net;
  };
  OwnNet first = fitted(1, {}), again = fitted(1, {}), second = fitted(2, {}), drawn;
  initialize(drawn, 1);
  CHECK(everything(first) == everything(again));
  CHECK(everything(first) == everything(drawn));
  CHECK(everything(first) != everything(second));
  CHECK_FALSE(std::equal(first.a.weight.data(), first.a.weight.data() + 25, first.b.weight.data()));
  const auto before = everything(second);
  OwnNet trained_on = fitted(1, second);  // goes on from the weights that are there
  CHECK(everything(trained_on) == before);
}

TEST_CASE("fit: the best epoch's weights are restored") {
  const auto train = tiny_data(60, 1), valid = tiny_data(60, 2);
  auto model = tiny_model();
  const auto result = fit(model, train, valid, {.optimizer = adam({.lr = 0.05}), .epochs = 12, .seed = 3});
  double best = 1e9;
  for (const auto& e : result.history) best = std::min(best, e.valid["loss"]);
  CHECK(evaluate(model, valid)["loss"] == best);
  REQUIRE(result.best() != nullptr);
  CHECK(result.best()->epoch == result.best_epoch);
  CHECK(result.best()->valid["loss"] == best);
  CHECK(fit(model, train, {.epochs = 1}).best() == nullptr);
}

TEST_CASE("fit: patience and callbacks end it early") {
  const auto train = tiny_data(40, 1), valid = tiny_data(40, 2);
  auto model =
      sequential(embedding(4), lstm({.hidden = 5}), last(), dense(1));  // nothing that changes by itself
  const auto patient = fit(model, train, valid, {.optimizer = sgd({.lr = 0}), .epochs = 50, .patience = 2});
  CHECK(patient.history.size() == 3);
  auto second = tiny_model();
  const auto stopped = fit(second, train, valid,
                           {.epochs = 50, .callbacks = {[](const EpochReport& e) { return e.epoch < 3; }}});
  CHECK(stopped.history.size() == 3);
}

TEST_CASE("fit: batch norm learns how the data spreads, not how sequences of one length do") {
  LabelledRecords records;  // short sequences are of A, long ones of C
  for (std::size_t i = 0; i < 128; ++i) {
    records.records.push_back({.id = std::to_string(i), .sequence = std::string(1 + i, i < 64 ? 'A' : 'C')});
    records.labels.push_back(0);
  }
  const auto data = encode(records, dna4);
  const auto spread = [&](std::size_t pool) {
    auto model = sequential(embedding(1), lstm({.hidden = 1}), mean(), batch_norm(), dense(1));
    fit(model, data,
        {.loss = mse(), .optimizer = sgd({.lr = 0}), .epochs = 20, .batch_size = 16, .bucket_batches = pool});
    double variance = 0;
    for_each_buffer(model, [&](const std::string& name, auto& buffer) {
      if (name.ends_with("running_var")) variance = static_cast<double>(buffer.values()[0]);
    });
    return variance;
  };
  CHECK(spread(0) > 0);
  CHECK(spread(16) < 0.3 * spread(0));
}

TEST_CASE("fit: the same bits for the same seed and any number of threads") {
  const auto train = tiny_data(100, 1);
  const std::size_t before = threads();
  const auto run = [&](std::uint64_t seed, std::size_t count) {
    set_threads(count);
    auto model = tiny_model();
    fit(model, train, {.epochs = 2, .seed = seed});
    return everything(model);
  };
  const auto one = run(5, 1);
  CHECK(run(5, 1) == one);
  CHECK(run(5, 3) == one);
  CHECK(run(6, 1) != one);
  set_threads(before);
}

TEST_CASE("fit: accumulated halves are a whole batch") {
  // Without batch norm and dropout the mean gradient of two half batches is that of the batch.
  const auto train = tiny_data(64, 1);
  const auto run = [&](std::size_t batch, std::size_t accumulate) {
    auto model = sequential<double>(embedding(4), lstm({.hidden = 5}), last(), dense(1));
    fit(model, train,
        {.optimizer = sgd({.lr = 0.1}),
         .epochs = 1,
         .batch_size = batch,
         .accumulate = accumulate,
         .seed = 1});
    return everything(model);
  };
  const auto whole = run(64, 1), halves = run(32, 2);
  for (std::size_t i = 0; i < whole.size(); ++i) REQUIRE(halves[i] == Approx(whole[i]).margin(1e-12));
}

TEST_CASE("fit: accumulated batches of 7 and 3 rows are one of 10, by rows or by class weights") {
  const auto train = tiny_data(10, 1);
  REQUIRE(class_counts(train.labels).size() == 2);
  const auto difference = [&](const Loss& loss, std::size_t outputs) {
    const auto run = [&](std::size_t batch, std::size_t accumulate) {
      auto model = sequential<double>(embedding(4), lstm({.hidden = 5}), last(), dense(outputs));
      double reported = 0;
      fit(model, train,
          {.loss = loss,
           .optimizer = sgd({.lr = 0.5}),
           .epochs = 1,
           .batch_size = batch,
           .accumulate = accumulate,
           .seed = 1,
           .on_step = [&](const StepReport& step) {
             reported = step.train_loss;
             return step.step == 1;
           }});
      auto weights = everything(model);
      weights.push_back(reported);
      return weights;
    };
    const auto whole = run(10, 1), parts = run(7, 2);
    double largest = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) largest = std::max(largest, std::abs(whole[i] - parts[i]));
    return largest;
  };
  CHECK(difference(mse(), 1) < 1e-14);
  CHECK(difference(bce_with_logits({.pos_weight = {3}}), 1) < 1e-14);
  CHECK(difference(cross_entropy(), 2) < 1e-14);
  CHECK(difference(cross_entropy({.class_weights = {0.3, 5}}), 2) < 1e-14);
}

TEST_CASE("fit: accumulated batches of one size count 1 / n each, to the bit") {
  const auto train = tiny_data(64, 1);
  const auto make = [&] {
    auto model = sequential(embedding(4), lstm({.hidden = 5}), last(), dense(1));
    model.build({.vocabulary = train.vocabulary(), .max_length = train.max_length(), .seed = 1});
    return model;
  };
  auto fitted = make(), by_hand = make();
  fit(fitted, train,
      {.optimizer = sgd({.lr = 0.1}), .epochs = 1, .batch_size = 16, .accumulate = 3, .seed = 1});
  Batcher batcher(train, {.batch_size = 16, .bucket_batches = 0, .min_batch_size = 2, .seed = 1});
  batcher.begin_epoch(1);
  Optimizer<float> optimizer(sgd({.lr = 0.1}));
  Tape<float> tape;
  SequenceBatch batch;
  for (const std::size_t group : {3U, 1U}) {
    zero_gradients(by_hand);
    for (std::size_t n = 0; n < group; ++n) {
      REQUIRE(batcher.next(batch));
      tape.reset();
      const auto share = static_cast<float>(1.0 / static_cast<double>(group));
      tape.backward(bce_with_logits(by_hand.forward(tape, batch), batch.labels),
                    ConstMatrixView<float>(&share, 1, 1));
    }
    optimizer.step(by_hand);
  }
  CHECK(everything(fitted) == everything(by_hand));
}

TEST_CASE("fit: frozen parameters stay, rate factors scale single ones") {
  const auto train = tiny_data(64, 1);
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  REQUIRE(set_trainable(model, "1", false) == 8);
  std::vector<float> before, after, dense_before, dense_after;
  const auto collect = [&](std::vector<float>& lstm, std::vector<float>& head) {
    for_each_parameter(model, [&](const std::string& name, const auto& p) {
      if (name.starts_with("1.")) lstm.insert(lstm.end(), p.data(), p.data() + p.size());
      if (name.starts_with("5.")) head.insert(head.end(), p.data(), p.data() + p.size());
    });
  };
  collect(before, dense_before);
  fit(model, train,
      {.epochs = 1, .lr_scale = [](const std::string& name) { return name.starts_with("5.") ? 0.0 : 1.0; }});
  collect(after, dense_after);
  CHECK(before == after);
  CHECK(dense_before == dense_after);
}

TEST_CASE("fit: bad options and numbers get one sentence") {
  const auto train = tiny_data(16, 1);
  auto model = tiny_model();
  CHECK_THROWS_WITH(fit(model, train, {.epochs = 0}), "epochs is 0, expected at least 1");
  CHECK_THROWS_WITH(fit(model, train, {.optimizer = adam({.lr = std::nan("")})}),
                    ContainsSubstring("the learning rate is nan"));
  CHECK_THROWS_WITH(fit(model, train, train, {.epochs = 1, .monitor = "f2"}),
                    ContainsSubstring("metric 'f2' is not known here; expected one of loss, accuracy"));
  CHECK_THROWS_AS(fit(model, train, {.optimizer = sgd({.lr = 1e30}), .epochs = 5}), numeric_error);
  auto unfitted = tiny_model();
  CHECK_THROWS_WITH(evaluate(unfitted, train), ContainsSubstring("was not fitted yet"));
}

TEST_CASE("predict: one sequence gets the bits it gets among others") {
  const auto train = tiny_data(50, 1);
  auto model = tiny_model();
  fit(model, train, {.epochs = 1});
  const auto all = predict(model, train, bce_with_logits());
  REQUIRE(all.rows == 50);
  for (std::size_t i = 0; i < 50; ++i) CHECK(predict(model, train.sequence(i)).values[0] == all.values[i]);
}

TEST_CASE("fit: a training step allocates nothing from the tape's arena after the first epoch") {
  const auto train = tiny_data(128, 1);
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  Tape<float> tape;
  Batcher batcher(train, {.batch_size = 32});
  SequenceBatch batch;
  std::size_t after_first = 0;
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    batcher.begin_epoch(0);
    while (batcher.next(batch)) {
      tape.reset();
      tape.backward(bce_with_logits(model.forward(tape, batch), batch.labels));
    }
    tape.reset();
    if (epoch == 0) after_first = tape.arena().system_allocations();
  }
  CHECK(tape.arena().system_allocations() == after_first);
}

TEST_CASE("fit: one sequence left over does not stop batch norm") {
  const auto train = tiny_data(65, 1), valid = tiny_data(33, 2);
  auto model = tiny_model();
  CHECK(fit(model, train, valid, {.epochs = 2, .batch_size = 32}).history.size() == 2);
  auto budgeted = tiny_model();
  CHECK(fit(budgeted, train, valid, {.epochs = 2, .max_tokens = 10}).history.size() == 2);
}

TEST_CASE("fit: with a token budget the schedule still ends with the last update") {
  const auto train = tiny_data(90, 1);
  auto model = tiny_model();
  std::vector<double> rates;
  const auto result = fit(model, train,
                          {.optimizer = adam(),
                           .schedule = cosine(0.01, 0.001),
                           .epochs = 5,
                           .max_tokens = 60,
                           .seed = 3,
                           .on_step = [&](const StepReport& s) {
                             rates.push_back(s.learning_rate);
                             return true;
                           }});
  CHECK(result.history.size() == 5);
  CHECK(rates.front() == Approx(0.01).epsilon(1e-12));
  CHECK(rates.back() == Approx(0.001).epsilon(1e-12));
  CHECK(std::is_sorted(rates.rbegin(), rates.rend()));
  for (const auto& e : result.history) CHECK(e.train_loss > 0);
}

TEST_CASE("fit: options that need validation say so without one") {
  const auto train = tiny_data(20, 1);
  auto model = tiny_model();
  const char* sentence = "patience and the plateau schedule need a validation set; pass one to fit";
  CHECK_THROWS_WITH(fit(model, train, {.epochs = 1, .patience = 2}), sentence);
  CHECK_THROWS_WITH(fit(model, train, {.schedule = plateau(), .epochs = 1}), sentence);
  CHECK_THROWS_WITH(fit(model, train, {.epochs = 1, .clip_norm = -1}),
                    "clip_norm is -1, expected a finite number of at least 0");
  CHECK_THROWS_WITH(fit(model, train, {.epochs = 1, .clip_value = std::nan("")}),
                    "clip_value is nan, expected a finite number of at least 0");
}

TEST_CASE("fit: a metric of one's own is reported and can say which epoch is best") {
  const auto train = tiny_data(60, 1), valid = tiny_data(40, 2);
  auto model = tiny_model();
  std::size_t calls = 0;
  const NamedMetric later{"later",
                          [&](std::span<const double> labels, ConstMatrixView<double> predictions) {
                            CHECK(labels.size() == predictions.rows());
                            return -static_cast<double>(++calls);
                          },
                          true};
  const auto result = fit(model, train, valid, {.epochs = 3, .monitor = "later", .metrics = {later}});
  CHECK(result.best_epoch == 3);
  CHECK(result.history[1].valid["later"] == -2);
}

namespace {

double loss_of(testing::TinyModel& model, const SequenceDataset& data) {
  return evaluate(model, data, bce_with_logits(), {.batch_size = 20})["loss"];  // as fit cuts it
}

/// The lowest validation loss that a training reports before it throws an Exception.
template <class Exception>
double best_before(testing::TinyModel& model, const SequenceDataset& train, const SequenceDataset& valid,
                   FitOptions options) {
  double best = std::numeric_limits<double>::infinity();
  std::size_t epochs = 0;
  options.callbacks.insert(options.callbacks.begin(), [&](const EpochReport& e) {
    best = std::min(best, e.valid["loss"]);
    ++epochs;
    return true;
  });
  CHECK_THROWS_AS(fit(model, train, valid, options), Exception);
  REQUIRE(epochs > 1);
  return best;
}

}  // namespace

TEST_CASE("fit: whatever throws, the best epoch's weights are given back") {
  const auto train = tiny_data(60, 1), valid = tiny_data(60, 2);
  auto diverged = tiny_model();
  const FitOptions diverging = {.optimizer = sgd({.lr = 0.1, .momentum = 0.9}),
                                .schedule = exponential(0.05, 1e30),
                                .epochs = 20,
                                .batch_size = 20};
  CHECK(loss_of(diverged, valid) == best_before<numeric_error>(diverged, train, valid, diverging));

  FitOptions failing = {.optimizer = adam({.lr = 0.05}), .epochs = 20, .batch_size = 20};
  auto by_callback = tiny_model();
  failing.callbacks = {[](const EpochReport& e) {
    if (e.epoch == 12) throw std::runtime_error("the disk is full");
    return true;
  }};
  CHECK(loss_of(by_callback, valid) == best_before<std::runtime_error>(by_callback, train, valid, failing));
  auto by_step = tiny_model();
  failing.callbacks.clear();
  failing.on_step = [](const StepReport& step) -> bool {
    if (step.step == 35) throw std::bad_alloc();
    return true;
  };
  CHECK(loss_of(by_step, valid) == best_before<std::bad_alloc>(by_step, train, valid, failing));
}

TEST_CASE("fit: an update that diverges after the last loss is found") {
  const auto train = tiny_data(16, 1), valid = tiny_data(16, 2);
  const FitOptions one_update = {
      .optimizer = sgd({.lr = 1e45}), .epochs = 1, .batch_size = 16, .restore_best = false};
  auto model = tiny_model(), alone = tiny_model();
  CHECK_THROWS_WITH(fit(model, train, valid, one_update),
                    ContainsSubstring("are not finite after update 1 of epoch 1; lower the learning rate"));
  CHECK_THROWS_AS(fit(alone, train, one_update), numeric_error);
}

TEST_CASE("fit: stop ends it after the update, with the best epoch's weights") {
  const auto train = tiny_data(60, 1), valid = tiny_data(60, 2);
  FitOptions options = {.optimizer = adam({.lr = 0.05}), .epochs = 20, .batch_size = 20, .seed = 3};
  auto twice = tiny_model();
  options.epochs = 2;
  const auto two_epochs = fit(twice, train, valid, options);
  CHECK_FALSE(two_epochs.stopped);
  CHECK(two_epochs.updates == 6);
  for (const std::uint64_t last : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{8}, std::uint64_t{9}}) {
    auto model = tiny_model();
    std::uint64_t steps = 0;
    options.epochs = 20;
    options.on_step = [&](const StepReport& step) {
      steps = step.step;
      return true;
    };
    options.stop = [&] { return steps >= last; };
    const auto result = fit(model, train, valid, options);
    INFO("stopped after update " << last);
    CHECK(steps == last);
    CHECK(result.stopped);
    CHECK(result.updates == last);
    CHECK(result.history.size() == (last == 1 ? 0 : 2));  // the epoch that was stopped is not validated
    CHECK(result.best_epoch == (last == 1 ? 0 : two_epochs.best_epoch));
    if (last > 1) CHECK(everything(model) == everything(twice));
  }
  auto model = tiny_model();
  std::size_t epochs = 0;
  options.on_step = {};
  options.callbacks = {[&](const EpochReport&) { return ++epochs > 0; }};
  options.stop = [&] { return epochs == 2; };  // asked between epochs, too
  const auto result = fit(model, train, valid, options);
  CHECK(result.stopped);
  CHECK(result.updates == 6);
  CHECK(everything(model) == everything(twice));
}

namespace {

/// Plain gradient descent, as sgd() is.
struct PlainDescent {
  double lr = 0.1;
  static constexpr int arrays = 1;
  template <class T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T*, T*) const {
    for (std::size_t i = 0; i < n; ++i)
      weights[i] = std::fma(-static_cast<T>(step.lr), gradients[i], weights[i]);
  }
};

}  // namespace

TEST_CASE("fit: loss, rule, schedule and sampler of one's own") {
  const auto train = tiny_data(60, 1), valid = tiny_data(30, 2);
  std::size_t asked = 0;
  const FitOptions own{
      .loss = custom_loss("own", Task::binary,
                          [](const auto& x, std::span<const double> t) { return bce_with_logits(x, t); }),
      .optimizer = custom_optimizer("descent", PlainDescent{}),
      .schedule = custom_schedule("falling",
                                  [](std::size_t step, std::size_t total, double lr) {
                                    return Rate{lr * static_cast<double>(total - step), {}};
                                  }),
      .epochs = 2,
      .batch_size = 16,
      .sampler =
          [&](std::size_t epoch) {
            ++asked;
            return std::vector<std::size_t>(40, epoch);
          },
      .seed = 3};
  auto model = tiny_model();
  const auto result = fit(model, train, valid, own);
  CHECK(result.updates == 6);  // 40 rows, batches of 16
  CHECK(asked >= 2);
  CHECK(result.history[1].learning_rate == Approx(0.1));
  CHECK(evaluate(model, valid)["accuracy"] >= 0);  // the loss says what the outputs mean

  // Where they say what the library's own say, so do the weights.
  FitOptions same = own;
  same.sampler = {};
  same.optimizer = sgd({.lr = 0.1});
  same.loss = bce_with_logits();
  FitOptions custom = own;
  custom.sampler = {};
  auto a = tiny_model(), b = tiny_model();
  fit(a, train, same);
  fit(b, train, custom);
  const auto left = predict(a, valid, bce_with_logits()).values,
             right = predict(b, valid, bce_with_logits()).values;
  for (std::size_t i = 0; i < left.size(); ++i) CHECK(left[i] == Approx(right[i]).epsilon(1e-4));
}

TEST_CASE("fit: a schedule ends with the last update also where a sampler's epochs differ in length") {
  const auto train = tiny_data(40, 1);
  std::vector<std::pair<std::size_t, std::size_t>> asked;
  auto model = tiny_model();
  const auto result = fit(model, train,
                          {.schedule = custom_schedule("watched",
                                                       [&](std::size_t step, std::size_t total, double lr) {
                                                         asked.emplace_back(step, total);
                                                         return Rate{lr, {}};
                                                       }),
                           .epochs = 3,
                           .batch_size = 4,
                           .sampler = [](std::size_t epoch) {
                             return std::vector<std::size_t>(4 * std::max<std::size_t>(1, epoch), 1);
                           }});
  CHECK(result.updates == 1 + 2 + 3);
  REQUIRE_FALSE(asked.empty());
  CHECK(asked.back() == std::pair<std::size_t, std::size_t>(5, 6));
}
