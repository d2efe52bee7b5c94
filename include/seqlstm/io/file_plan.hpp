// The files that a program will read and write, checked before any work: every output can be written, none is
// another output or an input.
#pragma once

#include <map>
#include <seqlstm/core/error.hpp>
#include <seqlstm/io/file.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Files by the option that names them. An empty path is none.
class FilePlan {
 public:
  /// A file that is read.
  void input(const std::string& option, const std::string& path) { add(inputs_, option, path); }
  /// Several under one option.
  void inputs(const std::string& option, const std::vector<std::string>& paths) {
    for (const auto& path : paths) input(option, path);
  }
  /// A file that is written.
  void output(const std::string& option, const std::string& path) { add(outputs_, option, path); }
  /// Files PREFIX + ending of an option that names the prefix.
  void outputs(const std::string& option, const std::string& prefix,
               const std::vector<std::string>& endings) {
    if (!prefix.empty())
      for (const auto& ending : endings) output(option, prefix + ending);
  }
  /// Files FILE, FILE.2, FILE.3, ..., of which nobody knows yet how many there will be.
  void numbered_outputs(const std::string& option, const std::string& path) {
    output(option, path);
    add(numbered_, option, path);
  }

  /// Throws option_error that names the option of the first output that cannot be. Makes and removes a
  /// temporary file beside each.
  void check() const {
    std::map<std::string, const Named*> read, written;  // by what the file is
    for (const auto& file : inputs_) read.emplace(file_identity(file.path), &file);
    for (const auto& file : outputs_) {
      const auto& [option, path] = file;
      const std::string identity = file_identity(path);
      if (const auto found = read.find(identity); found != read.end() && !identity.empty())
        throw option_error(option + " " + path + " would replace " + found->second->path + ", which " +
                           found->second->option + " reads; choose another name");
      const auto [before, fresh] = written.emplace(identity, &file);
      if (!fresh && !identity.empty())
        throw option_error(before->second->option + " and " + option + " name the same file, " + path +
                           "; choose another name");
      try {
        check_output(path);
      } catch (const io_error& error) {
        throw option_error(option + ": " + error.what());
      }
    }
    for (const auto& first : numbered_)
      for (const auto* files : {&inputs_, &outputs_})
        for (const auto& other : *files)
          if (is_numbered(first.path, other.path))
            throw option_error(other.option + " " + other.path + " is a name that " + first.option +
                               " may need for itself; choose another");
  }

 private:
  struct Named {
    std::string option, path;
  };
  static void add(std::vector<Named>& files, const std::string& option, const std::string& path) {
    if (!path.empty()) files.push_back({option, path});
  }
  /// Is `path` the file `first` with a number after a dot?
  static bool is_numbered(const std::string& first, const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot != std::string::npos && dot + 1 < path.size() &&
           path.find_first_not_of("0123456789", dot + 1) == std::string::npos &&
           same_file(first, path.substr(0, dot));
  }
  std::vector<Named> inputs_, outputs_, numbered_;
};

}  // namespace io

SEQLSTM_NAMESPACE_END
