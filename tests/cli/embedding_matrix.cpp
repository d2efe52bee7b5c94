// A matrix brought to embedding_analysis: its rows are matched with the table's, whatever part they are in.
#include <seqlstm/core/random.hpp>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

std::string npy_of(const std::vector<float>& values, std::size_t rows, std::size_t cols) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                       std::to_string(cols) + "), }";
  header.resize(117, ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY\x01") + '\0' + static_cast<char>(header.size()) + '\0' + header;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

}  // namespace

TEST_CASE("embedding_analysis matches the rows of a matrix with those of the table") {
  const support::TemporaryFolder folder;
  constexpr std::size_t rows = 300, cols = 5;
  constexpr const char* parts[] = {"train", "train", "train", "valid", "test"};
  RandomStream random(4);
  std::string table = "id,sequence,label,set\n";
  std::vector<float> values;
  for (std::size_t r = 0; r < rows; ++r) {
    const bool yes = random.below(2) == 1;  // in no order: a shifted row would have another label
    table += "p" + std::to_string(r) + ",MKV," + (yes ? "yes" : "no") + "," + parts[random.below(5)] + "\n";
    for (std::size_t c = 0; c < cols; ++c)
      values.push_back(static_cast<float>(random.uniform()) + (c == 2 && yes ? 5.0F : 0.0F));
  }
  const auto csv = folder.write("table.csv", table),
             matrix = folder.write("m.npy", npy_of(values, rows, cols)), json = folder.path("out.json");
  const std::string program = std::string(SEQLSTM_EXAMPLES_DIR) + "/embedding_analysis";
  const auto run = [&](const std::string& options) {
    return std::system((program + " --data " + csv + " --threads 1 --epochs 20 --embeddings " + options +
                        " > " + folder.path("log") + " 2>&1")
                           .c_str());
  };
  REQUIRE(run(matrix + " --json " + json) == 0);
  const auto result = nlohmann::json::parse(support::read_bytes(json));
  CHECK(result.at("metrics").at("accuracy").get<double>() == 1.0);
  CHECK(result.at("floor").at("accuracy").get<double>() == 1.0);
  CHECK(result.at("config").at("width").get<std::size_t>() == cols);

  // A row too few is a sentence, exit code 2.
  values.resize((rows - 1) * cols);
  const auto shorter = folder.write("short.npy", npy_of(values, rows - 1, cols));
  CHECK(run(shorter) == 2 * 256);
  CHECK(support::read_bytes(folder.path("log")).find("299 rows, " + csv + " has 300") != std::string::npos);
}
