// What the examples make of labels, and how much they read at once.
#include "../../examples/programs/support/task.hpp"

#include <sstream>

#include "support/catch.hpp"

using namespace seqlstm;
using examples::inferred_task;

TEST_CASE("task: labels say what is to be learned") {
  CHECK(inferred_task({"0", "1", "1"}) == Task::binary);
  CHECK(inferred_task({"plant", "animal"}) == Task::binary);
  CHECK(inferred_task({"0", "1", "2"}) == Task::multi_class);
  CHECK(inferred_task({"0.5", "1", "2.25"}) == Task::regression);
  CHECK(inferred_task({"0.5", "1", "low"}) == Task::regression);  // whose reader refuses "low"
  CHECK(inferred_task({"1.5", "low", "high"}) == Task::multi_class);
  CHECK(inferred_task({"-1.1", "+0.53", " 0.53", "2"}) == Task::regression);
  CHECK(inferred_task({"1", "1.0", "0", " 1"}) == Task::binary);
  CHECK(inferred_task({"TRUE", "True", " True", "false", "False"}) == Task::binary);
}

TEST_CASE("task: predictions show ids and names without control characters") {
  std::ostringstream out;
  Predictions predictions;
  predictions.rows = 2;
  predictions.cols = 1;
  predictions.values = {0.25, 0.5};
  examples::write_predictions(out, {}, {"a\tb", "c\x1B"}, predictions, {"no", "y\nes"});
  CHECK(out.str() == "id\tprobability\tlabel\na\\tb\t0.25\tno\nc\\x1B\t0.5\ty\\nes\n");
}

TEST_CASE("batches to judge: 64 sequences of usual length, and no more tokens than fit into memory") {
  const auto data = [](std::size_t count, std::size_t length) {
    TokenDataset made;
    for (std::size_t i = 0; i < count; ++i) {
      made.ids.resize(made.ids.size() + length);
      made.offsets.push_back(made.ids.size());
    }
    return made;
  };
  CHECK(examples::batches_to_judge(data(10, 100)).token_budget == 6400);
  CHECK(examples::batches_to_judge(data(10, 1024)).token_budget == 65536);
  CHECK(examples::batches_to_judge(data(10, 35000)).token_budget == 65536);
  CHECK(examples::batches_to_judge(data(0, 0)).token_budget == 1);
  CHECK(examples::batches_to_judge(FeatureDataset()).token_budget == 0);
}
