#include <seqlstm/io/objective.hpp>

#include <sstream>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("objective: predictions show ids and names without control characters") {
  std::ostringstream out;
  Predictions predictions;
  predictions.rows = 2;
  predictions.cols = 1;
  predictions.values = {0.25, 0.5};
  io::write_predictions(out, {}, {"a\tb", "c\x1B"}, predictions, {"no", "y\nes"});
  CHECK(out.str() == "id\tprobability\tlabel\na\\tb\t0.25\tno\nc\\x1B\t0.5\ty\\nes\n");
}

TEST_CASE("objective: tables of every task") {
  const auto table = [](const Objective& objective, std::size_t cols, std::vector<double> values,
                        bool header = true) {
    std::ostringstream out;
    io::write_predictions(out, objective, {"r"}, {1, cols, std::move(values), 0}, {"a", "b", "c"}, header);
    return out.str();
  };
  CHECK(table({Task::regression}, 1, {2.5}) == "id\tvalue\nr\t2.5\n");
  CHECK(table({Task::regression}, 1, {2.5}, false) == "r\t2.5\n");
  CHECK(table({Task::multi_class, 3}, 3, {0.25, 0.5, 0.25}) ==
        "id\tlabel\tprobability_a\tprobability_b\tprobability_c\nr\tb\t0.25\t0.5\t0.25\n");
  CHECK(table({Task::multi_label, 3}, 3, {0.75, 0.25, 0.5}) ==
        "id\tlabels\tprobability_a\tprobability_b\tprobability_c\nr\ta;c\t0.75\t0.25\t0.5\n");
}

TEST_CASE("objective: JSON gives it back, and refuses what is none") {
  const Objective objective{Task::multi_class, 3, 0.5, 2, {1, 2, 3}, false, 1.5};
  const nlohmann::json json = objective;
  const auto read = json.get<Objective>();
  CHECK(nlohmann::json(read) == json);
  CHECK(read.class_weights == objective.class_weights);
  const auto refused = [&](const char* key, const nlohmann::json& value) {
    auto changed = json;
    changed[key] = value;
    CHECK_THROWS_AS(changed.get<Objective>(), format_error);
  };
  refused("task", "ranking");
  refused("task", "binary");  // of three classes
  refused("classes", 0);
  refused("deviation", 0);
  refused("temperature", -1);
  refused("class_weights", {1, 2});
  refused("one_hot", 1);
}

TEST_CASE("objective: sites are kept where they are learned") {
  Objective objective{.task = Task::multi_class, .classes = 3};
  CHECK(!nlohmann::json(objective).contains("site_weight"));
  objective.site_weight = 0.5;
  objective.site_classes = {0, 2};
  nlohmann::json json = objective;
  const auto read = json.get<Objective>();
  CHECK(nlohmann::json(read) == json);
  CHECK(read.has_site(2));
  CHECK(!read.has_site(1));
  CHECK(read.loss().site_weight() == 0.5);
  std::ostringstream table;
  const std::vector<PredictedSite> sites = {{6, 0.5}, {3, 0.25}};
  io::write_predictions(table, objective, {"a", "b"}, {2, 3, {0, 0, 1, 0, 1, 0}, 0}, {"x", "y", "z"}, true,
                        sites);
  CHECK_THAT(table.str(), ContainsSubstring("\tprobability_z\tsite\na\tz\t"));
  CHECK_THAT(table.str(), ContainsSubstring("\t7\nb\ty\t"));
  CHECK(table.str().ends_with("\t0\n"));
  CHECK_THROWS_AS(io::write_predictions(table, objective, {"a"}, {1, 3, {0, 0, 1}, 0}, {}, true, sites),
                  shape_error);
  for (const double wrong : {3.0, -1.0, 0.5}) {
    json["site_classes"] = {wrong};
    CHECK_THROWS_WITH(json.get<Objective>(), ContainsSubstring("expected whole numbers from 0 to 2"));
  }
}
