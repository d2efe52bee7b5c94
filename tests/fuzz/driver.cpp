// The fuzz targets without libFuzzer: runs a target on files, or on all files of a folder.
//   fuzz_seeds TARGET FILE_OR_FOLDER...
#include <algorithm>
#include <iostream>

#include "harness.hpp"

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto target = words.empty() ? fuzz::targets().end() : fuzz::targets().find(words[0]);
  if (target == fuzz::targets().end()) {
    std::cerr << "usage: fuzz_seeds TARGET FILE_OR_FOLDER...; the targets are:";
    for (const auto& [name, function] : fuzz::targets()) std::cerr << ' ' << name;
    std::cerr << '\n';
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!std::filesystem::is_directory(words[i])) {
      files.emplace_back(words[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(words[i])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::cerr << file.filename().string() << '\n';  // the last one named is the one that fails
    const std::string bytes = fuzz::bytes_of(file.string());
    fuzz::run(target->second, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  if (files.empty()) {
    std::cerr << "no seeds\n";
    return 1;
  }
  std::cout << files.size() << " seeds of " << words[0] << '\n';
}
