#include <seqlstm/infer/predict_windows.hpp>

#include <seqlstm/models/sequence_labeller.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <seqlstm/nn/sequential.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

SequenceDataset letters(const std::vector<std::string>& sequences) {
  std::vector<Record> records;
  for (const auto& sequence : sequences)
    records.push_back({.id = "r" + std::to_string(records.size()), .sequence = sequence});
  return encode(records, dna4);
}

/// What a model says of a position depends on the three letters on each side of it alone.
auto convolution() {
  auto model = sequential(one_hot(), conv1d({.output = 2, .kernel = 7}));
  model.build({.vocabulary = 4, .seed = 3});
  return model;
}

}  // namespace

TEST_CASE("predict in windows: with margins as wide as a model sees, what it says of the whole") {
  auto model = convolution();
  const auto data = letters({"ACGTACGTTTGACA", "", "AC", "GGGTTTACAGATTACA"});
  const auto whole = predict(model, data, cross_entropy());
  for (const std::size_t length : {1, 2, 5, 40}) {
    CAPTURE(length);
    const auto said = predict_windows(model, data, cross_entropy(), {.length = length, .margin = 3});
    CHECK(said.offsets == whole.offsets);
    CHECK(said.rows == whole.rows);
    CHECK(said.values == whole.values);
    CHECK(said.decoded_offsets.empty());
  }
  const auto narrow = predict_windows(model, data, cross_entropy(), {.length = 2});
  CHECK(narrow.offsets == whole.offsets);
  CHECK(narrow.values != whole.values);
}

TEST_CASE(
    "predict in windows: paths of a CRF are joined, and windows longer than the records change nothing") {
  SequenceLabeller<float> net(
      {.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1, .outputs = 3, .crf = true});
  initialize(net, 5);
  const auto data = letters({"ACGTACGTTTGACA", "GGGTTT"});
  const auto whole = predict(net, data, net.loss());
  const auto said = predict_windows(net, data, net.loss(), {.length = 100, .margin = 9});
  CHECK(said.decoded == whole.decoded);
  CHECK(said.decoded_offsets == whole.decoded_offsets);
  CHECK(said.values == whole.values);
  const auto cut = predict_windows(net, data, net.loss(), {.length = 4, .margin = 2});
  const auto windows = cut_into_windows(data, {.length = 4, .margin = 2});
  const auto of_windows = predict(net, windows.data, net.loss());
  std::vector<Token> expected;
  for (std::size_t w = 0; w < windows.data.size(); ++w) {
    const auto classes = of_windows.classes(w);
    expected.insert(expected.end(), classes.begin() + static_cast<std::ptrdiff_t>(windows.skipped[w]),
                    classes.begin() + static_cast<std::ptrdiff_t>(windows.skipped[w] + windows.lengths[w]));
  }
  CHECK(cut.decoded == expected);
  CHECK(cut.decoded_offsets == whole.decoded_offsets);
  CHECK(cut.classes(1).size() == 6);
}

TEST_CASE("predict in windows: models of records, and those that shorten them, are refused") {
  auto of_records = sequential(embedding(3), lstm({.hidden = 4}), last(), dense(2));
  of_records.build({.vocabulary = 4, .seed = 3});
  const auto data = letters({"ACGTACGT"});
  CHECK(message_of<option_error>([&] { predict_windows(of_records, data, cross_entropy(), {}); }) ==
        "predict_windows: the model has a row per record, expected one per position");
  auto spells = convolution();
  CHECK(
      message_of<option_error>([&] { predict_windows(spells, data, ctc_loss(), {.length = 4}); }) ==
      "predict_windows: the model spells sequences (ctc_loss), which cannot be joined; expected a label for "
      "each position");
  auto shorter = sequential(one_hot(), conv1d({.output = 2, .kernel = 3, .stride = 2}));
  shorter.build({.vocabulary = 4, .seed = 3});
  CHECK(
      message_of<option_error>([&] { predict_windows(shorter, data, cross_entropy(), {.length = 4}); }) ==
      "predict_windows: the model has 2 rows for 4 positions; windows can be joined where there is one each");
}

TEST_CASE("the mean of predictions is an ensemble's answer") {
  Predictions a;
  a.rows = 2;
  a.cols = 1;
  a.values = {0.25, 1};
  a.loss = 1;
  a.offsets = {0, 2};
  a.decoded = {0, 1};
  a.decoded_offsets = {0, 2};
  Predictions b = a;
  b.values = {0.75, 0};
  b.loss = 2;
  const std::vector<Predictions> both = {a, b};
  const auto mean = mean_of(both);
  CHECK(mean.values == std::vector<double>{0.5, 0.5});
  CHECK(mean.loss == 1.5);
  CHECK(mean.decoded.empty());
  CHECK(mean.offsets == a.offsets);
  CHECK(mean_of(std::span(both).first(1)).values == a.values);
  CHECK(message_of<shape_error>([&] { mean_of({}); }) ==
        "mean_of: no predictions, expected those of one model at least");
  Predictions c = a;
  c.offsets = {0, 1, 2};
  const std::vector<Predictions> others = {a, c};
  CHECK(message_of<shape_error>([&] { mean_of(others); }) ==
        "mean_of: the predictions are of records of other lengths");
}
