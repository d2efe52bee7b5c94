// Training of models whose labels depend on each other (a Crf at the end) or stand at no known position
// (CTC).
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

/// Segments of a: class 1, and b: class 2, of 3 to 6 letters each in turn; a quarter of the letters is noise.
SequenceDataset noisy_segments(std::size_t records, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<Record> data;
  for (std::size_t i = 0; i < records; ++i) {
    Record record;
    record.id = "r" + std::to_string(i);
    for (std::size_t segment = 0, count = 1 + random.below(5); segment < count; ++segment)
      for (std::size_t k = 3 + random.below(4); k > 0; --k) {
        record.annotation += segment % 2 == 0 ? 'a' : 'b';
        const bool noise = random.below(4) == 0;
        record.sequence +=
            noise ? "ACGT"[random.below(4)] : (segment % 2 == 0 ? "AC" : "GT")[random.below(2)];
      }
    data.push_back(record);
  }
  return encode(label_positions(std::move(data), {"ab"}), dna4);
}
/// Words of one to five letters of three, each letter spoken for 1 to 4 frames, with pauses (token 3) between
/// equal ones at least. The frames are known, where a letter stands is not.
SequenceDataset spoken_words(std::size_t records, std::uint64_t seed) {
  RandomStream random(seed);
  SequenceDataset data;
  for (std::size_t i = 0; i < records; ++i) {
    Record record;
    record.id = "w" + std::to_string(i);
    std::vector<Token> word;
    for (std::size_t k = 1 + random.below(5); k > 0; --k) {
      const auto letter = static_cast<Token>(1 + random.below(3));
      const std::size_t pause = (word.empty() || word.back() != letter) ? random.below(2) : 1;
      record.sequence += std::string(pause, 'T');
      word.push_back(letter);
      for (std::size_t frames = 1 + random.below(4); frames > 0; --frames) record.sequence += " ACG"[letter];
    }
    data.add(record, RecordLabels{.sequence = word});
  }
  return data;
}

}  // namespace

TEST_CASE("fit: a Crf at the end learns which label follows which") {
  const auto train = noisy_segments(300, 1), valid = noisy_segments(80, 2);
  const FitOptions options = {.optimizer = adam({.lr = 0.02}), .epochs = 6, .seed = 3};
  auto with = sequential(embedding(6), lstm({.hidden = 6, .bidirectional = true}), dense(2), crf());
  auto fit_options = options;
  fit_options.loss = crf_loss();
  fit(with, train, valid, fit_options);
  const auto said = predict(with, valid);
  const Report report = evaluate(with, valid);
  CHECK(report["accuracy"] > 0.88);
  const auto transitions = with.layer<3>().transitions.view();
  CHECK(transitions(0, 0) > transitions(0, 1) + 0.3);
  CHECK(transitions(1, 1) > transitions(1, 0) + 0.3);
  CHECK(said.decoded.size() == valid.tokens());
  CHECK(said.decoded_offsets == valid.offsets);
  // Its rows are probabilities, its classes a path: the likeliest labels of each may differ from it.
  double wrong = 0;
  for (std::size_t r = 0; r < said.rows; ++r) {
    CHECK(said.view()(r, 0) + said.view()(r, 1) == Approx(1).epsilon(1e-6));
    wrong += said.decoded[r] != valid.position_labels[r] ? 1 : 0;
  }
  CHECK(report["accuracy"] == Approx(1 - wrong / static_cast<double>(said.rows)).epsilon(1e-12));
  CHECK(report["loss"] == said.loss);
}

TEST_CASE("fit: ctc_loss learns to read without being told where letters stand") {
  const auto train = spoken_words(400, 1), valid = spoken_words(80, 2);
  auto model = sequential(embedding(6), lstm({.hidden = 16, .bidirectional = true}), dense(4));
  const auto result = fit(model, train, valid,
                          {.loss = ctc_loss(), .optimizer = adam({.lr = 0.02}), .epochs = 10, .seed = 3});
  CHECK(result.history.back().train_loss < 0.1 * result.history.front().train_loss);
  const Report report = evaluate(model, valid);
  CHECK(report["exact"] > 0.95);
  const auto said = predict(model, valid);
  CHECK(said.offsets == valid.offsets);
  REQUIRE(said.decoded_offsets.size() == valid.size() + 1);
  double exact = 0;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto word = valid.labels_of(i).sequence;
    exact += said.classes(i) == std::vector<Token>(word.begin(), word.end()) ? 1 : 0;
  }
  CHECK(report["exact"] == Approx(exact / static_cast<double>(valid.size())));
}

TEST_CASE("fit: strides make fewer steps than frames, and ctc_loss takes them") {
  auto train = spoken_words(100, 1);
  auto model = sequential(embedding(6), conv1d({.output = 8, .kernel = 3}), relu(),
                          max_pool1d({.kernel = 2, .ceil_mode = true}), lstm({.hidden = 8}), dense(4));
  fit(model, train,
      {.loss = ctc_loss({.zero_infinity = true}), .optimizer = adam({.lr = 0.02}), .epochs = 2, .seed = 3});
  const auto said = predict(model, train);
  REQUIRE(said.by_position());
  for (std::size_t i = 0; i < train.size(); ++i) CHECK(said.of_record(i).rows() == (train.length(i) + 1) / 2);
}

TEST_CASE("fit: a loss and a model that do not go together say so") {
  const auto data = noisy_segments(10, 1);
  auto plain = sequential(embedding(4), lstm({.hidden = 4}), dense(2));
  CHECK(message_of<option_error>([&] { fit(plain, data, {.loss = crf_loss()}); }) ==
        "crf_loss: the model does not end with a Crf; add one, crf() in a chain, or train it with "
        "cross_entropy()");
  auto ends_with_crf = sequential(embedding(4), lstm({.hidden = 4}), dense(2), crf());
  CHECK(message_of<option_error>([&] { fit(ends_with_crf, data, {.loss = cross_entropy()}); }) ==
        "cross_entropy: the model ends with a Crf; train it with crf_loss()");
  auto pooled = sequential(embedding(4), lstm({.hidden = 4}), last(), dense(4));
  CHECK(message_of<option_error>([&] { fit(pooled, spoken_words(10, 1), {.loss = ctc_loss()}); }) ==
        "ctc_loss: the model has a row per sequence, expected one per position; leave the pooling out");
  auto weighted = data;
  weighted.position_weights.assign(weighted.tokens(), 1);
  CHECK_THROWS_WITH(fit(ends_with_crf, weighted, {.loss = crf_loss()}),
                    ContainsSubstring("positions have no weights"));
}

TEST_CASE("fit: a Crf and CTC give the same bits for any number of threads") {
  const auto segments = noisy_segments(40, 1), words = spoken_words(40, 1);
  check_threads([&] {
    auto with = sequential(embedding(4), lstm({.hidden = 6}), dense(2), crf());
    fit(with, segments, {.loss = crf_loss(), .epochs = 1, .seed = 3});
    auto reads = sequential(embedding(4), lstm({.hidden = 6}), dense(4));
    fit(reads, words, {.loss = ctc_loss(), .epochs = 1, .seed = 3});
    auto all = everything(with);
    const auto more = everything(reads);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  });
}
