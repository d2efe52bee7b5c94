// A process that works beside another one and says nothing: a rank of a program beside the first.
#pragma once

#include <iostream>
#include <seqlstm/io/file.hpp>
#include <streambuf>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// While one lives, what this process prints on std::cout and std::cerr and the files that it writes
/// (NoFiles) go nowhere. `if (mpi::world().rank() > 0) silent.emplace();` of a std::optional. Not for threads
/// that print meanwhile.
class SilentProcess {
 public:
  SilentProcess() : out_(std::cout.rdbuf(&nothing_)), err_(std::cerr.rdbuf(&nothing_)) {}
  SilentProcess(const SilentProcess&) = delete;
  SilentProcess& operator=(const SilentProcess&) = delete;
  ~SilentProcess() {
    std::cout.rdbuf(out_);
    std::cerr.rdbuf(err_);
  }

 private:
  /// Takes everything and keeps nothing.
  struct Nothing final : std::streambuf {
    int overflow(int c) override { return traits_type::not_eof(c); }
    std::streamsize xsputn(const char* /*text*/, std::streamsize count) override { return count; }
  };

  Nothing nothing_;
  std::streambuf *out_, *err_;
  NoFiles no_files_;
};

}  // namespace io
SEQLSTM_NAMESPACE_END
