#include <seqlstm/core/sequence_batch.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<std::size_t> random_lengths(RandomStream& random) {
  std::vector<std::size_t> lengths(random.below(30));
  for (auto& n : lengths) n = random.below(3) == 0 ? random.below(3) : random.below(40);
  return lengths;
}
/// Rows [length, channels] of a record, each number another one.
std::vector<float> channels_of(std::size_t record, std::size_t length, std::size_t channels) {
  std::vector<float> values(length * channels);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(1000 * record + i) / 8;
  return values;
}

}  // namespace

TEST_CASE("batch: a batch of tokens keeps each token with its sequence") {
  RandomStream random(2);
  SequenceBatch batch;
  for (int round = 0; round < 100; ++round) {
    const auto lengths = random_lengths(random);
    std::vector<std::vector<Token>> sequences;
    std::vector<std::uint64_t> records;
    for (const std::size_t n : lengths) {
      sequences.emplace_back(n);
      for (auto& id : sequences.back()) id = static_cast<Token>(random.below(1000));
      records.push_back(1000 + sequences.size());
    }
    const std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
    const bool numbered = round % 2 == 0;
    batch.labels = {1, 2};
    batch.label_width = 1;
    batch.assign(views,
                 numbered ? std::span<const std::uint64_t>(records) : std::span<const std::uint64_t>());
    REQUIRE(batch.ids.size() == batch.layout.tokens());
    REQUIRE(batch.labels.empty());
    REQUIRE(batch.label_width == 0);
    REQUIRE(batch.records.size() == sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      REQUIRE(batch.records[i] == (numbered ? records[i] : i));
      for (std::size_t t = 0; t < sequences[i].size(); ++t)
        REQUIRE(batch.ids[batch.layout.offset(t) + batch.layout.rank(i)] == sequences[i][t]);
    }
  }
}

TEST_CASE("batch: rows of real numbers stand where the layout says, alone or beside tokens") {
  RandomStream random(3);
  SequenceBatch batch;
  for (int round = 0; round < 50; ++round) {
    const auto lengths = random_lengths(random);
    constexpr std::size_t channels = 3;
    std::vector<std::vector<float>> values;
    std::vector<ConstMatrixView<float>> rows;
    std::vector<std::vector<Token>> sequences;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      values.push_back(channels_of(i, lengths[i], channels));
      sequences.emplace_back(lengths[i], static_cast<Token>(i));
    }
    for (std::size_t i = 0; i < lengths.size(); ++i)
      rows.emplace_back(values[i].data(), lengths[i], channels);
    if (round % 2 == 0) {
      batch.assign(rows);
      REQUIRE(batch.ids.empty());
    } else {
      const std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
      batch.assign(views);
      batch.set_channels(rows);
      REQUIRE(batch.ids.size() == batch.layout.tokens());
    }
    if (lengths.empty()) continue;
    REQUIRE(batch.channel_count == channels);
    REQUIRE(batch.channel_rows().rows() == batch.layout.tokens());
    for (std::size_t i = 0; i < lengths.size(); ++i)
      for (std::size_t t = 0; t < lengths[i]; ++t)
        for (std::size_t c = 0; c < channels; ++c)
          REQUIRE(batch.channel_rows()(batch.layout.offset(t) + batch.layout.rank(i), c) ==
                  values[i][t * channels + c]);
  }
}

TEST_CASE("batch: laid out anew it holds nothing of before") {
  SequenceBatch batch;
  batch.ids = {1};
  batch.channels = {1};
  batch.channel_count = 1;
  batch.labels = batch.position_labels = batch.position_weights = {1};
  batch.label_width = 1;
  batch.label_sequences = {1};
  batch.label_sequence_offsets = {0, 1};
  batch.lay_out(std::vector<std::size_t>{2, 3});
  CHECK(batch.ids.empty());
  CHECK(batch.channels.empty());
  CHECK(batch.channel_count == 0);
  CHECK(batch.label_width == 0);
  const BatchTargets targets = batch.targets();
  CHECK(targets.labels.empty());
  CHECK(targets.position_labels.empty());
  CHECK(targets.position_weights.empty());
  CHECK(targets.label_sequences.empty());
  CHECK(targets.label_sequence_offsets.empty());
  CHECK(batch.records == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("batch: channels of another shape than the sequences name the record") {
  const std::vector<float> values(12);
  SequenceBatch batch;
  const std::vector<ConstMatrixView<float>> rows = {{values.data(), 3, 2}, {values.data(), 4, 3}};
  const std::vector<std::uint64_t> records = {7, 8};
  CHECK(message_of<shape_error>([&] { batch.assign(rows, records); }) ==
        "batch: record 8 has channels 4x3, expected 4x2 (positions x channels)");
  batch.lay_out(std::vector<std::size_t>{3, 3, 3});
  CHECK(message_of<shape_error>([&] { batch.set_channels(rows); }) ==
        "batch: channels of 2 records for 3 sequences");
}

TEST_CASE("batch: a part of another one has all that stands in it for its sequences") {
  const std::vector<std::size_t> lengths = {2, 5, 0, 3};
  const std::vector<std::uint64_t> records = {10, 11, 12, 13};
  SequenceBatch all;
  all.lay_out(lengths, records);
  all.channel_count = 2;
  all.label_width = 2;
  // What stands at position t of sequence i is told by both.
  const auto fill = [&](auto& values, std::size_t width, double offset) {
    values.resize(all.layout.tokens() * width);
    for (std::size_t i = 0; i < lengths.size(); ++i)
      for (std::size_t t = 0; t < lengths[i]; ++t)
        for (std::size_t c = 0; c < width; ++c)
          values[(all.layout.offset(t) + all.layout.rank(i)) * width + c] =
              static_cast<std::decay_t<decltype(values[0])>>(offset +
                                                             static_cast<double>(100 * i + 10 * t + c));
  };
  fill(all.ids, 1, 0);
  fill(all.channels, 2, 1);
  fill(all.position_labels, 1, 2);
  fill(all.position_weights, 1, 3);
  all.labels = {0, 1, 2, 3, 4, 5, 6, 7};
  all.label_sequences = {1, 2, 3, 4, 5};
  all.label_sequence_offsets = {0, 1, 3, 3, 5};
  SequenceBatch part;
  const std::vector<std::size_t> indices = {3, 0, 2};
  part.assign_part(all, indices);
  CHECK(part.records == std::vector<std::uint64_t>{13, 10, 12});
  CHECK(part.labels == std::vector<double>{6, 7, 0, 1, 4, 5});
  CHECK(part.label_sequences == std::vector<Token>{4, 5, 1});
  CHECK(part.label_sequence_offsets == std::vector<std::size_t>{0, 2, 3, 3});
  REQUIRE(part.layout.tokens() == 5);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const std::size_t i = indices[k];
    REQUIRE(part.layout.length(part.layout.rank(k)) == lengths[i]);
    CHECK(part.layout.record(part.layout.rank(k)) == records[i]);
    for (std::size_t t = 0; t < lengths[i]; ++t) {
      const std::size_t row = part.layout.offset(t) + part.layout.rank(k);
      const auto told = static_cast<double>(100 * i + 10 * t);
      CHECK(part.ids[row] == static_cast<Token>(told));
      CHECK(double{part.channel_rows()(row, 0)} == told + 1);
      CHECK(double{part.channel_rows()(row, 1)} == told + 2);
      CHECK(part.position_labels[row] == told + 2);
      CHECK(part.position_weights[row] == told + 3);
    }
  }
  SequenceBatch bare;
  bare.lay_out(lengths);
  part.assign_part(bare, indices);  // what is not there is not there
  CHECK(part.ids.empty());
  CHECK(part.labels.empty());
  CHECK(part.label_sequence_offsets.empty());
  part.assign_part(all, {});
  CHECK(part.layout.sequences() == 0);
}
