#include <seqlstm/nn/model_output.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("model output: rows per sequence or per position, and which") {
  const PackedLayout layout(ragged_lengths);
  Input<float> rows(6, 2), positions(ragged_tokens, 3);
  Tape<float> tape;
  const ModelOutput<float> of_sequences = rows.on(tape), of_positions = positions.on(tape, layout);
  CHECK_FALSE(of_sequences.by_position());
  CHECK(of_sequences.rows().rows() == 6);
  CHECK(of_sequences.value().data() == rows.values.data());
  CHECK(of_positions.by_position());
  CHECK(of_positions.positions().layout() == &layout);
  CHECK(of_positions.value().cols() == 3);
}

TEST_CASE("model output: rows per sequence with scores of sites beside them, or without") {
  const PackedLayout layout(ragged_lengths);
  Input<float> rows(6, 2), scores(ragged_tokens, 1);
  Tape<float> tape;
  const ModelOutput<float> without = RowsAndSites<float>(rows.on(tape)),
                           with = RowsAndSites<float>(rows.on(tape), scores.on(tape, layout));
  CHECK_FALSE(without.has_sites());
  CHECK(with.has_sites());
  CHECK(with.sites().layout() == &layout);
  for (const auto* output : {&without, &with}) {
    CHECK_FALSE(output->by_position());
    CHECK(output->value().data() == rows.values.data());
  }
}
