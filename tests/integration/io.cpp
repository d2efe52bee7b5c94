// A downstream program of seqlstm::io: it reads FASTA and CSV, saves weights and loads them, so what that
// target adds must be there to include and to link. It writes to a folder in the working directory.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <seqlstm/io/all.hpp>
#include <seqlstm/nn/dense.hpp>

namespace {

std::string write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
  return path.string();
}

}  // namespace

int main() {
  using namespace seqlstm;
  const auto folder = std::filesystem::path("io_files");
  std::filesystem::create_directories(folder);
  const auto records = io::read_fasta(write(folder / "a.fa", ">a first\nACGT\nAC\n>b\nGG\n"));
  const auto table = io::read_csv(write(folder / "a.csv", "sequence,label\nACGT,\"yes, sir\"\n"));

  Dense<float> saved(2, 3), loaded(2, 3);
  initialize(saved, 1);
  initialize(loaded, 2);
  const std::string weights = (folder / "dense.safetensors").string();
  io::save(saved, weights);
  io::load(loaded, weights);
  const bool same =
      io::state_dict(saved).tensors.front().second.data == io::state_dict(loaded).tensors.front().second.data;
  std::filesystem::remove_all(folder);

  std::cout << records.size() << " records, label '" << table.cell(0, "label") << "', weights "
            << (same ? "cross a file\n" : "change in a file\n");
  return records.size() == 2 && records[0].sequence == "ACGTAC" && table.cell(0, "label") == "yes, sir" &&
                 same
             ? 0
             : 1;
}
