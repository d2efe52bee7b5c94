#include <seqlstm/io/stored_input.hpp>

#include <seqlstm/nn/sequential.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("stored input: tokens, rows of real numbers, or both, as a batch of one record") {
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  SequenceDataset data;
  data.add(Record{.id = "both", .sequence = "ACG"}, {numbers.data(), 3, 2}, {});
  const io::StoredInput both(data, 0);
  CHECK(both.tokens == std::vector<Token>{0, 1, 2});
  CHECK(both.channels == numbers);
  CHECK(both.channel_count == 2);
  CHECK_FALSE(both.empty());
  CHECK(both.batch().ids == both.tokens);
  CHECK(both.batch().channels == numbers);

  SequenceDataset rows;
  rows.add("signal", {numbers.data(), 2, 3});
  const SequenceBatch of_rows = io::StoredInput(rows, 0).batch();
  CHECK(of_rows.ids.empty());
  CHECK(of_rows.layout.tokens() == 2);
  CHECK(of_rows.channel_count == 3);

  CHECK(io::StoredInput().empty());
  CHECK(io::StoredInput(std::vector<Token>{3}).batch().ids == std::vector<Token>{3});
  io::StoredInput wrong = both;
  wrong.tokens.pop_back();
  CHECK_THROWS_AS(wrong.batch(), shape_error);
}

TEST_CASE("stored input: a row per sequence is the output, of rows per position the last one") {
  auto pooled = sequential(embedding(3), lstm({.hidden = 4}), last(), dense(2));
  pooled.build({.vocabulary = 4, .seed = 1});
  const io::StoredInput input(std::vector<Token>{0, 1, 3});
  const auto output = io::detail::output_of_stored(pooled, input);
  REQUIRE(output.size() == 2);
  auto positions = sequential(embedding(3), lstm({.hidden = 4}), dense(2));
  positions.build({.vocabulary = 4, .seed = 1});
  positions.layer<2>() = pooled.layer<3>();
  // Last pooling and a dense layer commute.
  CHECK(io::detail::output_of_stored(positions, input) == output);
  CHECK(message_of<option_error>([&] { io::detail::output_of_stored(positions, {}); }) ==
        "save: the stored input has no position, but the model answers at every one; give it at least one "
        "token");
}
