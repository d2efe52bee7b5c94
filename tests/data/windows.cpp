#include <seqlstm/data/windows.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// Two records and one without positions, with labels, weights and two channels.
SequenceDataset example() {
  SequenceDataset data;
  data.tokenizer = dna4;
  data.position_label_names = {"a", "b"};
  const auto add = [&](const std::string& id, const std::string& letters) {
    std::vector<double> labels, weights;
    std::vector<float> rows;
    for (std::size_t t = 0; t < letters.size(); ++t) {
      labels.push_back(static_cast<double>(t % 2));
      weights.push_back(static_cast<double>(t + 1));
      rows.push_back(static_cast<float>(t));
      rows.push_back(static_cast<float>(10 * t));
    }
    data.add(Record{.id = id, .sequence = letters}, {rows.data(), letters.size(), 2},
             {.positions = labels, .position_weights = weights});
  };
  add("r", "ACGTACG");
  add("s", "GT");
  return data;
}

}  // namespace

TEST_CASE("windows: every position counts in one of them") {
  for (const std::size_t length : {1, 2, 3, 7, 100})
    for (const std::size_t margin : {0, 1, 2, 50}) {
      CAPTURE(length, margin);
      const auto data = example();
      const auto windows = cut_into_windows(data, {length, margin});
      CHECK_NOTHROW(windows.data.check());
      std::vector<int> counted(data.tokens(), 0);
      for (std::size_t w = 0; w < windows.data.size(); ++w) {
        const std::size_t start = data.offsets[windows.records[w]];
        for (std::size_t t = 0; t < windows.data.length(w); ++t) {
          const std::size_t row = windows.data.offsets[w] + t,
                            from = start + windows.begins[w] + t - windows.skipped[w];
          const bool counts = t >= windows.skipped[w] && t < windows.skipped[w] + windows.lengths[w];
          CHECK(windows.data.ids[row] == data.ids[from]);
          CHECK(windows.data.position_weights[row] == data.position_weights[from]);
          CHECK(windows.data.channel_rows()(row, 1) == data.channel_rows()(from, 1));
          CHECK(std::isnan(windows.data.position_labels[row]) == !counts);
          if (!counts) continue;
          CHECK(windows.data.position_labels[row] == data.position_labels[from]);
          ++counted[from];
        }
        CHECK(windows.lengths[w] <= length);
        CHECK(windows.skipped[w] <= margin);
      }
      CHECK(counted == std::vector<int>(data.tokens(), 1));
    }
}

TEST_CASE("windows: names say where they are, records without positions stay") {
  SequenceDataset data = encode(std::vector<Record>{{.id = "r", .sequence = "ACGTA"}, {.id = "e"}}, dna4);
  const auto windows = cut_into_windows(data, {.length = 3, .margin = 1});
  CHECK(windows.data.names == std::vector<std::string>{"r:0-3", "r:3-5", "e:0-0"});
  CHECK(windows.data.offsets == std::vector<std::size_t>{0, 4, 7, 7});
  CHECK(windows.records == std::vector<std::size_t>{0, 0, 1});
  CHECK(windows.data.position_labels.empty());
  CHECK(cut_into_windows({}, {}).data.size() == 0);
}

TEST_CASE("windows: what cannot be cut is refused") {
  SequenceDataset data = example();
  CHECK(message_of<option_error>([&] { cut_into_windows(data, {.length = 0}); }) ==
        "windows: a length of 0, expected at least 1");
  SequenceDataset spelled;
  const std::vector<float> rows = {1, 2};
  const std::vector<Token> letters = {1};
  spelled.add("a", {rows.data(), 2, 1}, {.sequence = letters});
  CHECK(message_of<option_error>([&] { cut_into_windows(spelled, {}); }) ==
        "windows: the records have label sequences, which cannot be cut; give labels by position");
}
