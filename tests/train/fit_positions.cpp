// Training, prediction and evaluation of models that answer at every position, and of models that read
// signals.
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Class 1 after an A, class 2 after a C, else 0; every seventh letter is hidden from judgement.
SequenceDataset after_letters(std::size_t records, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<Record> data;
  for (std::size_t i = 0; i < records; ++i) {
    Record record;
    record.id = "r" + std::to_string(i);
    for (std::size_t k = random.below(12); k > 0; --k) {
      const char before = record.sequence.empty() ? 'G' : record.sequence.back();
      record.annotation += before == 'A' ? '1' : before == 'C' ? '2' : '0';
      record.mask += record.sequence.size() % 7 == 6 ? '0' : '1';
      record.sequence += "ACGT"[random.below(4)];
    }
    data.push_back(record);
  }
  return encode(label_positions(std::move(data), {"012"}), dna4);
}
auto labeller(std::size_t outputs = 3) {
  return sequential(embedding(6), lstm({.hidden = 10, .bidirectional = true}), dense(outputs));
}
/// Two channels of other scales, which are shifted up and down for class 1, down and up for class 0.
SequenceDataset two_channels(std::size_t records, std::uint64_t seed) {
  RandomStream random(seed);
  SequenceDataset data;
  for (std::size_t i = 0; i < records; ++i) {
    const std::size_t length = 3 + random.below(9);
    const double shift = random.below(2) == 0 ? -1 : 1;
    std::vector<float> rows;
    for (std::size_t t = 0; t < length; ++t) {
      rows.push_back(static_cast<float>(50 + 4 * (shift + random.normal())));
      rows.push_back(static_cast<float>(0.01 * (random.normal() - shift)));
    }
    const double label[] = {shift > 0 ? 1.0 : 0.0};
    data.add("s" + std::to_string(i), {rows.data(), length, 2}, {.record = label});
  }
  return data;
}

}  // namespace

TEST_CASE("fit: a chain without pooling learns the labels of positions") {
  const auto train = after_letters(400, 1), valid = after_letters(100, 2);
  auto model = labeller();
  const auto result = fit(model, train, valid,
                          {.loss = cross_entropy(), .optimizer = adam({.lr = 0.02}), .epochs = 6, .seed = 3});
  CHECK(result.history.back().train_loss < 0.3 * result.history.front().train_loss);
  const Report report = evaluate(model, valid);
  CHECK(report["accuracy"] > 0.99);
  CHECK(report["sov"] > 0.98);
  CHECK(result.best()->valid["loss"] == report["loss"]);
}

TEST_CASE("predict: a row for every position in the data's order, whatever the batches") {
  const auto data = after_letters(60, 4);
  auto model = labeller();
  model.build({.vocabulary = 4, .seed = 5});
  const auto together = predict(model, data, cross_entropy());
  REQUIRE(together.by_position());
  CHECK(together.rows == data.tokens());
  CHECK(together.cols == 3);
  CHECK(together.offsets == data.offsets);
  const auto alone = predict(model, data, cross_entropy(), {.batch_size = 1});
  CHECK(same_bits(alone.values, together.values));
  CHECK(alone.loss == Approx(together.loss).epsilon(1e-6));
  double correct = 0, count = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto one = predict(model, data.sequence(i), cross_entropy()).values;
    const auto rows = together.of_record(i);
    REQUIRE(one.size() == rows.size());
    for (std::size_t k = 0; k < one.size(); ++k) CHECK(one[k] == rows.data()[k]);
    const auto classes = together.classes(i);
    REQUIRE(classes.size() == data.length(i));
    for (std::size_t t = 0; t < classes.size(); ++t) {
      const double label = data.labels_of(i).positions[t];
      if (std::isnan(label)) continue;
      correct += label == classes[t] ? 1 : 0;
      ++count;
    }
  }
  const Report report = report_of(together, data.position_labels, cross_entropy());
  CHECK(report["accuracy"] == Approx(correct / count).epsilon(1e-12));
  CHECK(report["loss"] == together.loss);
}

TEST_CASE("predict: further records are appended with their positions") {
  const auto data = after_letters(20, 4), more = after_letters(7, 6);
  auto model = labeller();
  model.build({.vocabulary = 4, .seed = 5});
  auto all = predict(model, data, cross_entropy());
  const auto others = predict(model, more, cross_entropy()),
             joined = predict(model, concat(data, more), cross_entropy());
  Predictions none;
  none.append(all);
  CHECK(none.values == all.values);
  all.append(others);
  CHECK(all.values == joined.values);
  CHECK(all.offsets == joined.offsets);
  CHECK(all.rows == joined.rows);
  CHECK(all.loss == Approx(joined.loss).epsilon(1e-6));
  CHECK(all.loss_weight == joined.loss_weight);
  all.append(Predictions());
  CHECK(all.rows == joined.rows);
  all.append(all);
  CHECK(all.rows == 2 * joined.rows);
  CHECK(all.loss == Approx(joined.loss).epsilon(1e-6));
  auto pooled = sequential(embedding(6), lstm({.hidden = 10}), last(), dense(3));
  pooled.build({.vocabulary = 4, .seed = 5});
  CHECK_THROWS_AS(all.append(predict(pooled, more, cross_entropy())), shape_error);
}

TEST_CASE("fit: numbers and two classes at every position") {
  auto data = after_letters(200, 1);
  auto two = data;
  for (double& label : two.position_labels) label = label > 1 ? 1 : label;  // NaN stays
  auto classes = labeller(1);
  fit(classes, two, two, {.optimizer = adam({.lr = 0.02}), .epochs = 14, .seed = 3});
  CHECK(evaluate(classes, two)["accuracy"] > 0.98);
  auto numbers = labeller(1);
  fit(numbers, data, data, {.loss = mse(), .optimizer = adam({.lr = 0.02}), .epochs = 20, .seed = 3});
  CHECK(evaluate(numbers, data)["r2"] > 0.9);
}

TEST_CASE("fit: the same bits by position for any number of threads") {
  const auto data = after_letters(50, 1);
  check_threads([&] {
    auto model = labeller();
    fit(model, data, {.loss = cross_entropy(), .epochs = 2, .seed = 3});
    return everything(model);
  });
}

TEST_CASE("fit: accumulated batches by position weigh the positions that count") {
  const auto data = after_letters(10, 1);
  const auto trained = [&](std::size_t batch_size, std::size_t accumulate) {
    auto model = labeller();
    fit(model, data,
        {.loss = cross_entropy(),
         .optimizer = sgd({.lr = 0.5}),
         .epochs = 1,
         .batch_size = batch_size,
         .accumulate = accumulate,
         .seed = 3});
    return everything(model);
  };
  const auto whole = trained(10, 1), halves = trained(5, 2);
  REQUIRE(whole.size() == halves.size());
  for (std::size_t i = 0; i < whole.size(); ++i)
    CHECK(halves[i] == Approx(whole[i]).epsilon(1e-4).margin(1e-6));
}

TEST_CASE("fit: a model that answers at every position needs labels there") {
  auto data = after_letters(20, 1);
  data.position_labels.clear();
  data.labels.assign(data.size(), 1);
  data.label_width = 1;
  auto model = labeller(1);
  CHECK_THROWS_WITH(fit(model, data),
                    ContainsSubstring("there are no labels by position; pool the steps first"));
}

TEST_CASE("fit: signals are standardised by their training part and learned") {
  const auto train = two_channels(300, 1), valid = two_channels(100, 2);
  auto model = sequential(channels(), lstm({.hidden = 8}), mean(), dense(1));
  fit(model, train, valid, {.optimizer = adam({.lr = 0.02}), .epochs = 5, .seed = 3});
  CHECK(evaluate(model, valid)["accuracy"] > 0.97);
  const auto rows = valid.channel_rows(0);
  CHECK(predict(model, rows).values[0] == predict(model, valid).values[0]);
  const auto scale = channel_scale(train.channel_rows());
  CHECK(model.info().channels.mean == scale.mean);
  CHECK(scale.mean[0] == Approx(50).margin(1));
}

TEST_CASE("fit: letters and numbers side by side") {
  // Class 1 where the letter is A and the number positive, or neither: only both together tell.
  RandomStream random(8);
  SequenceDataset data;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t length = 2 + random.below(6);
    Record record{.id = "b" + std::to_string(i)};
    std::vector<float> rows;
    std::vector<double> labels;
    for (std::size_t t = 0; t < length; ++t) {
      record.sequence += "ACGT"[random.below(4)];
      rows.push_back(static_cast<float>(random.normal()));
      labels.push_back((record.sequence.back() == 'A') == (rows.back() > 0) ? 1 : 0);
    }
    data.add(record, {rows.data(), length, 1}, {.positions = labels});
  }
  auto model = sequential(concat(embedding(4), channels()), lstm({.hidden = 12}), dense(1));
  fit(model, data, data, {.optimizer = adam({.lr = 0.03}), .epochs = 12, .seed = 3});
  CHECK(evaluate(model, data)["accuracy"] > 0.95);
  auto letters_alone = sequential(embedding(4), lstm({.hidden = 12}), dense(1));
  fit(letters_alone, data, data, {.optimizer = adam({.lr = 0.03}), .epochs = 4, .seed = 3});
  CHECK(evaluate(letters_alone, data)["accuracy"] < 0.7);
}

TEST_CASE("fit: an embedding refuses a batch of numbers, channels one of letters") {
  const auto numbers_only = two_channels(10, 1);
  auto reads_letters = sequential(embedding(4), lstm({.hidden = 4}), last(), dense(1));
  CHECK_THROWS_WITH(
      fit(reads_letters, numbers_only),
      ContainsSubstring("an embedding needs one each, rows of real numbers are read by channels()"));
  auto reads_channels = sequential(channels(), lstm({.hidden = 4}), dense(3));
  CHECK_THROWS_WITH(fit(reads_channels, after_letters(10, 1), {.loss = cross_entropy()}),
                    ContainsSubstring("channels(): the data has no real numbers at its positions"));
}

TEST_CASE("fit: a step by position allocates nothing once the largest batch was seen") {
  const auto data = after_letters(64, 1);
  auto model = labeller();
  model.build({.vocabulary = 4, .seed = 1});
  Batcher batcher(data, {.batch_size = 64, .shuffle = false});
  SequenceBatch batch;
  REQUIRE(batcher.next(batch));
  const Loss loss = cross_entropy();
  check_no_allocation<float>([&](Tape<float>& tape) {
    tape.backward(loss(ModelOutput<float>(model.forward(tape, batch)), batch.targets()));
  });
}

TEST_CASE("fit: a training part in which nothing counts is refused") {
  auto data = after_letters(20, 1);
  const auto valid = data;
  for (double& label : data.position_labels) label = ignored_label;
  auto model = labeller();
  CHECK(message_of<option_error>([&] { fit(model, data, valid, {.loss = cross_entropy(), .epochs = 1}); }) ==
        "no position of the training part has a label that counts; there is nothing to learn");
}

TEST_CASE("fit: a metric of one's own sees the positions that count") {
  const auto data = after_letters(40, 1);
  std::size_t counted = 0, seen = 0;
  for (const double label : data.position_labels) counted += std::isnan(label) ? 0 : 1;
  auto model = labeller();
  fit(model, data, data,
      {.loss = cross_entropy(),
       .epochs = 1,
       .monitor = "own",
       .metrics = {{"own", [&](std::span<const double> labels, ConstMatrixView<double> rows) {
                      for (const double label : labels) REQUIRE(label >= 0);
                      REQUIRE(rows.rows() == labels.size());
                      seen = labels.size();
                      return 0.5;
                    }}}});
  CHECK(seen == counted);
  CHECK_THROWS_WITH(fit(model, data, data, {.loss = ctc_loss(), .metrics = {{"own", {}}}}),
                    ContainsSubstring("ctc_loss() has not"));
}

TEST_CASE("fit: a forward that hides rows per sequence behind a ModelOutput is refused") {
  struct Hidden {
    Embedding<float> embedding{{.vocabulary = 4, .dim = 3}};
    Dense<float> head{3, 1};
    ModelOutput<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
      return head(mean(dense_rows(tape, embedding(batch))));
    }
    void fields(detail::FieldVisitor& v) {
      v("embedding", embedding);
      v("head", head);
    }
  };
  Hidden net;
  CHECK_THROWS_WITH(predict(net, after_letters(5, 1), mse()), ContainsSubstring("let it return Var<T>"));
}
