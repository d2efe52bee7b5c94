#include <seqlstm/train/snapshot.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("snapshot: brings parameters and buffers back to the bit, and packed weights are made anew") {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  const auto before = everything(model);
  Snapshot snapshot;
  CHECK(snapshot.empty());
  snapshot.take(model);
  std::uint64_t version = 0;
  for_each_parameter(model, [&](const std::string&, auto& p) {
    p.edit().data()[0] += 1;
    version = p.version();
  });
  for_each_buffer(model, [](const std::string&, auto& b) { b.values()[0] += 1; });
  REQUIRE(everything(model) != before);
  snapshot.restore(model);
  CHECK(everything(model) == before);
  std::uint64_t now = 0;
  for_each_parameter(model, [&](const std::string&, auto& p) { now = p.version(); });
  CHECK(now != version);
}

TEST_CASE("snapshot: a model of another shape is refused") {
  auto model = tiny_model(), wider = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  wider.build({.vocabulary = 5, .max_length = 12, .seed = 1});
  Snapshot snapshot;
  snapshot.take(model);
  CHECK_THROWS_WITH(snapshot.restore(wider), "snapshot: it was taken from a model of another shape");
}
