#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/sites.hpp>

#include "support/catch.hpp"

using namespace seqlstm;
using Sites = std::vector<std::optional<std::size_t>>;

namespace {

LabelledRecords three_records() {
  LabelledRecords data;
  data.records = {{.id = "a", .description = "\thost=x\t", .sequence = "ACG"},
                  {.id = "b", .description = "\thost=y\t", .sequence = "AC"},
                  {.id = "c", .description = "\thost=x\t", .sequence = "T"}};
  data.labels = {0, 1, 0};
  return data;
}

}  // namespace

TEST_CASE("sites: labels by position that give them back, also of some records") {
  auto data = three_records();
  CHECK(sites_of(data) == Sites(3));
  const Sites sites = {2, std::nullopt, 0};
  set_sites(data, sites);
  REQUIRE(data.position_labels.size() == 6);
  CHECK(data.position_labels[1] == 0);
  CHECK(data.position_labels[2] == 1);
  CHECK(std::isnan(data.position_labels[3]));
  CHECK(data.position_labels[5] == 1);
  CHECK(sites_of(data) == sites);
  CHECK(sites_of(data.subset(std::vector<std::size_t>{2, 1})) == Sites{0, std::nullopt});
  CHECK_THROWS_AS(set_sites(data, Sites{1}), shape_error);
  CHECK_THROWS_WITH(set_sites(data, Sites{3, 0, 0}), "record 'a': the site is at letter 4, record 'a' has 3");
}

TEST_CASE("sites: tokens of categorical inputs before the letters are none, and k-mers are refused") {
  auto data = three_records();
  set_sites(data, Sites{0, 1, std::nullopt});
  const CategoricalInputs inputs({"host"}, data.records);
  const auto encoded = inputs.encode(data, Tokenizer(dna4));
  encoded.check();
  REQUIRE(encoded.position_labels.size() == 9);
  CHECK(std::isnan(encoded.position_labels[0]));
  CHECK(encoded.position_labels[1] == 1);
  CHECK(encoded.position_labels[6] == 1);
  data.records.pop_back();
  data.labels.pop_back();
  data.position_labels.pop_back();
  CHECK_THROWS_WITH(inputs.encode(data, Tokenizer(dna4, {.k = 2})),
                    ContainsSubstring("need a token for each letter, k = 1"));
}
