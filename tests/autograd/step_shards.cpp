#include <seqlstm/autograd/step_shards.hpp>

#include <seqlstm/autograd/tape.hpp>

#include "support/lone_rank.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<std::uint32_t> rows_of(const ShardRows& rows, std::size_t shard) {
  return {rows.of(shard).begin(), rows.of(shard).end()};
}

}  // namespace

TEST_CASE("step_shards: rows of a value by shard, per sequence and per token") {
  using Numbers = std::vector<std::uint32_t>;
  testing::LoneRank<double> shards;
  shards.assign(Numbers{1, 0, 1, 0}, 2);
  Tape<double> tape;
  tape.set_shards(&shards);
  const std::vector<std::size_t> lengths = {1, 3, 0, 2};
  const PackedLayout layout(lengths);  // rows: index 1, 3, 0, 2
  const auto per_sequence = tape.shard_rows(tape.make(4, 2, true, &layout));
  CHECK(rows_of(per_sequence, 0) == Numbers{1, 3});
  CHECK(rows_of(per_sequence, 1) == Numbers{0, 2});
  CHECK(per_sequence.largest() == 2);
  CHECK(shards.number(3) == 3);
  const auto x = tape.make_sequence(layout, 2, true);
  for (const auto& rows : {tape.shard_rows(x), tape.shard_rows(tape.make_like(x, 5, true))}) {
    CHECK(rows_of(rows, 0) == Numbers{0, 1, 3, 4, 5});
    CHECK(rows_of(rows, 1) == Numbers{2});
    CHECK(rows.largest() == 5);
  }
  CHECK(message_of<shape_error>([&] { tape.shard_rows(tape.make(3, 1, true)); }) ==
        "a value has rows of 3 sequences, the batch has 4; in a training on ranks every operation keeps the "
        "sequences of the batch");
  CHECK(message_of<option_error>([&] { tape.require_whole_batch("conv1d"); }) ==
        "conv1d: its sums over a batch cannot be made by several ranks yet; train on one, without a "
        "communicator");
  tape.set_mode(Mode::inference);
  CHECK(tape.shards() == nullptr);
  tape.require_whole_batch("conv1d");
}

TEST_CASE("step_shards: gradients are added in the order of the calls, as they are or as somebody says") {
  testing::LoneRank<double> shards;
  std::vector<double> gradient = {1, 2}, sums = {10, 20}, more = {100, 200}, third = {3, 4};
  const MatrixView<double> of(gradient.data(), 1, 2);
  shards.send(of, sums.data());
  shards.keep(of, more.data());
  const double factor = 2;
  shards.send(
      of, third.data(),
      [](const void* self, ConstMatrixView<double> from, MatrixView<double> to) {
        for (std::size_t i = 0; i < to.size(); ++i)
          to.data()[i] += *static_cast<const double*>(self) * from.data()[i];
      },
      &factor);
  CHECK(gradient == std::vector<double>{1, 2});
  CHECK(shards.started == std::vector<double>{10, 3});
  shards.add_gradients();
  CHECK(gradient == std::vector<double>{117, 230});
  shards.add_gradients();
  CHECK(gradient == std::vector<double>{117, 230});
}
