// An application that uses the names of std and of the library without prefixes.
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <seqlstm/lstm.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace std;
using namespace seqlstm;

namespace {

struct Range {  // an application's own
  int first = 0, last = 0;
};

}  // namespace

TEST_CASE("names of std and of the library may be used together") {
  const Range range{1, 3};
  CHECK(max(range.first, range.last) == 3);
  CHECK(min(2, 1) == 1);
  const vector<Record> records = {{.id = "a", .sequence = "ACGT"},
                                  {.id = "b", .sequence = "GGCC"},
                                  {.id = "c", .sequence = "ACGA"},
                                  {.id = "d", .sequence = "GGCA"}};
  auto labelled = label(records, {"x", "y", "x", "y"});
  const auto data = encode(labelled, dna4, {.k = 2});
  auto model = sequential(embedding(4), lstm({.hidden = 4}), concat(last(), max(), mean()), dense(1));
  fit(model, data, {.epochs = 1, .progress = nullptr});
  CHECK(predict(model, data).rows == 4);
  CHECK(accumulate(data.labels.begin(), data.labels.end(), 0.0) == 2);
  ostringstream out;
  out << evaluate(model, data);
  CHECK(!out.str().empty());
}
