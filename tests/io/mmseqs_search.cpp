#include <seqlstm/io/mmseqs_search.hpp>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

const std::string one = "MKVLAAGIVGLCWDEFHNPQRSTYMKVWLLERADCGHIKLMNPQRSTVWY";

}  // namespace

TEST_CASE("mmseqs_search: hits of proteins among themselves") {
  if (!io::on_path("mmseqs")) {
    SUCCEED("mmseqs is not installed");
    return;
  }
  std::string near = one;
  near[10] = 'A';
  const auto hits =
      io::mmseqs_search({one, "GHKPRSTVMKLAYCDEWWYHPQMKILTREDCVNFSAGHKPLKMNVCRTEWQ", near, "MKV"});
  double bits = 0;
  for (const auto& hit : hits) {
    CHECK(hit.query != hit.target);
    CHECK(hit.query != 3);  // too short to be searched
    if (hit.query == 0 && hit.target == 2) bits = hit.bits;
  }
  CHECK(bits > 30);
  CHECK(io::mmseqs_search({"MKV"}).empty());
  CHECK(io::mmseqs_search({}).empty());
}

TEST_CASE("mmseqs_search: mistakes") {
  CHECK(message_of<option_error>([] { io::mmseqs_search({one}, {.sensitivity = 9}); }) ==
        "mmseqs_search: sensitivity is 9, expected 1 to 7.5");
  CHECK(message_of<option_error>([] { io::mmseqs_search({one}, {.largest_e_value = 0}); }) ==
        "mmseqs_search: the largest E-value is 0 and threads 1, expected numbers above 0");
}
