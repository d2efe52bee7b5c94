// What the fault tests run to write and read files through the library, over and over.
//   fault_files write KIND PATH COUNT    writes versions 0, 1, ... of a file, COUNT of them (0: until killed)
//   fault_files read KIND PATH           prints what the file holds in one line; exit code 2: refused
//   fault_files check KIND PATH          the same; exit code 3: that is none of the versions
// Kinds: csv, fasta, safetensors; to read also fastq, npy, clusters.
#include <seqlstm/io/clusters.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/matrix.hpp>

#include <algorithm>
#include <iostream>

namespace {

using namespace seqlstm;

constexpr std::size_t rows = 4000;

/// Every row of a version names it.
void write(const std::string& kind, const std::string& path, std::size_t version) {
  const std::string name = std::to_string(version);
  if (kind == "csv") {
    io::CsvTable table{.columns = {"id", "version"}};
    for (std::size_t i = 0; i < rows; ++i) table.rows.push_back({"\"row\", " + std::to_string(i), name});
    io::write_csv(path, table, ',');
  } else if (kind == "fasta") {
    std::vector<Record> records(rows);
    for (auto& record : records) {
      record.id = name;
      record.sequence = "ACGTACGTACGTACGT";
    }
    io::write_fasta(path, records);
  } else if (kind == "safetensors") {
    io::SafetensorsFile file;
    file.metadata["version"] = name;
    file.add("rows", io::make_tensor(std::vector<float>(rows * 8, static_cast<float>(version)), {rows, 8}));
    io::write_safetensors(path, file);
  } else {
    throw option_error("kind '" + kind + "' cannot be written; expected csv, fasta or safetensors");
  }
}

/// The number of rows and the versions they name; what else the file holds as a sum of its bytes.
std::string read(const std::string& kind, const std::string& path) {
  std::size_t count = 0, sum = 0;
  std::vector<std::string> versions;
  const auto add = [&](std::string_view text, const std::string& version) {
    ++count;
    for (const char c : text) sum = sum * 31 + static_cast<unsigned char>(c);
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) versions.push_back(version);
  };
  if (kind == "csv") {
    const auto table = io::read_csv(path, ',');
    for (const auto& row : table.rows) add(row.front(), row.back());
  } else if (kind == "fasta" || kind == "fastq") {
    for (const auto& record : kind == "fasta" ? io::read_fasta(path) : io::read_fastq(path))
      add(record.sequence, record.id);
  } else if (kind == "safetensors") {
    const auto file = io::read_safetensors(path);
    for (const auto& [name, tensor] : file.tensors)
      add({reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()},
          file.metadata.contains("version") ? file.metadata.at("version") : "none");
  } else if (kind == "npy") {
    const auto matrix = io::read_matrix(path);
    add({reinterpret_cast<const char*>(matrix.values.data()), matrix.values.size() * sizeof(float)},
        std::to_string(matrix.rows) + "x" + std::to_string(matrix.cols));
  } else if (kind == "clusters") {
    std::vector<std::string> lines;
    for (const auto& [id, member] : io::read_clusters(path)) lines.push_back(id + " in " + member.cluster);
    std::sort(lines.begin(), lines.end());
    for (const auto& line : lines) add(line, "clusters");
  } else {
    throw option_error("kind '" + kind + "' is not known");
  }
  std::string text = std::to_string(count) + " rows, sum " + std::to_string(sum) + ", versions";
  for (std::size_t i = 0; i < std::min<std::size_t>(versions.size(), 3); ++i)
    text += " " + printable(versions[i]);
  return text + (versions.size() > 3 ? " and more" : "");
}

bool is_whole(const std::string& kind, const std::string& text) {
  const std::string expected = kind == "safetensors" ? "1 rows" : std::to_string(rows) + " rows";
  const std::size_t names = text.find("versions ");
  return text.starts_with(expected) && names != std::string::npos &&
         text.find(' ', names + std::string_view("versions ").size()) == std::string::npos;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  try {
    if (words.size() >= 4 && words[0] == "write") {
      const std::size_t last = std::stoul(words[3]);
      for (std::size_t version = 0; last == 0 || version < last; ++version)
        write(words[1], words[2], version);
      return 0;
    }
    if (words.size() == 3 && (words[0] == "read" || words[0] == "check")) {
      const std::string text = read(words[1], words[2]);
      std::cout << text << '\n';
      return words[0] == "read" || is_whole(words[1], text) ? 0 : 3;
    }
    std::cerr << "usage: fault_files write|read|check KIND PATH [COUNT]\n";
  } catch (const io_error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
  }
  return 2;
}
