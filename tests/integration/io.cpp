// A downstream program of seqlstm::io: what that target adds must be there to include and to link.
#include <csv.h>
#include <zlib.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <seqlstm/version.hpp>

int main() {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT) != 0) return 1;
  csv_free(&parser);
  std::cout << nlohmann::json{{"seqlstm", SEQLSTM_VERSION_MAJOR}, {"zlib", zlibVersion()}} << '\n';
}
