// The files that a command line names, checked before any work: every output can be written, none is another
// output or an input.
#pragma once

#include <seqlstm/io/file.hpp>
#include <string>
#include <vector>

namespace examples {

class Files {
 public:
  /// A file that is read or written under an option; an empty path is none.
  void input(const std::string& option, const std::string& path) { add(inputs_, option, path); }
  void inputs(const std::string& option, const std::vector<std::string>& paths) {
    for (const auto& path : paths) input(option, path);
  }
  void output(const std::string& option, const std::string& path) { add(outputs_, option, path); }
  /// Files PREFIX + ending of an option that names the prefix.
  void outputs(const std::string& option, const std::string& prefix,
               const std::vector<std::string>& endings) {
    if (!prefix.empty())
      for (const auto& ending : endings) output(option, prefix + ending);
  }

  /// Throws option_error that names the option of the first output that cannot be. Makes and removes a
  /// temporary file beside each.
  void check() const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const auto& [option, path] = outputs_[i];
      for (const auto& read : inputs_)
        if (seqlstm::io::same_file(path, read.path))
          throw seqlstm::option_error(option + " " + path + " would replace " + read.path + ", which " +
                                      read.option + " reads; choose another name");
      for (std::size_t before = 0; before < i; ++before)
        if (seqlstm::io::same_file(path, outputs_[before].path))
          throw seqlstm::option_error(outputs_[before].option + " and " + option + " name the same file, " +
                                      path + "; choose another name");
      try {
        seqlstm::io::check_output(path);
      } catch (const seqlstm::io_error& error) {
        throw seqlstm::option_error(option + ": " + error.what());
      }
    }
  }

 private:
  struct Named {
    std::string option, path;
  };
  static void add(std::vector<Named>& files, const std::string& option, const std::string& path) {
    if (!path.empty()) files.push_back({option, path});
  }
  std::vector<Named> inputs_, outputs_;
};

}  // namespace examples
