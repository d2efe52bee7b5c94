// A program on many ranks: all that a launcher started train together; rank 0 alone speaks and writes files.
#pragma once

#include <iostream>
#include <optional>
#include <seqlstm/io/file.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <streambuf>
#include <string>

#if defined(SEQLSTM_PROGRAMS_ON_MPI)
#include <seqlstm/mpi.hpp>
#endif

namespace examples {

/// The ranks of this run, for options of trainings; none where no launcher started the program, or where it
/// was built without MPI.
inline seqlstm::CommunicatorRef& ranks() {
  static seqlstm::CommunicatorRef all;
  return all;
}

/// Tells all ranks that this one failed; false where it is alone and has to say so itself.
inline bool tell_ranks(const std::string& sentence) {
  if (!ranks() || ranks()->size() == 1) return false;
  ranks()->fail(sentence);
  return true;
}

/// Lives as long as the work of a program. Throws option_error as mpi::Session does.
class RankSession {
 public:
  RankSession(int& argc, char**& argv)
#if defined(SEQLSTM_PROGRAMS_ON_MPI)
      : session_(argc, argv) {
    if (!session_.launched()) return;
    ranks() = seqlstm::mpi::world();
    if (ranks()->rank() == 0) return;
    no_files_.emplace();
    out_ = std::cout.rdbuf(&nothing_);
    err_ = std::cerr.rdbuf(&nothing_);
  }
#else
  {
    static_cast<void>(argc);
    static_cast<void>(argv);
  }
#endif
  RankSession(const RankSession&) = delete;
  RankSession& operator=(const RankSession&) = delete;
  ~RankSession() {
    ranks() = {};
    if (out_ == nullptr) return;
    std::cout.rdbuf(out_);
    std::cerr.rdbuf(err_);
  }

 private:
  /// Takes everything and keeps nothing.
  struct Nothing final : std::streambuf {
    int overflow(int c) override { return traits_type::not_eof(c); }
    std::streamsize xsputn(const char* /*text*/, std::streamsize count) override { return count; }
  };

#if defined(SEQLSTM_PROGRAMS_ON_MPI)
  seqlstm::mpi::Session session_;
#endif
  std::optional<seqlstm::io::NoFiles> no_files_;
  Nothing nothing_;
  std::streambuf *out_ = nullptr, *err_ = nullptr;
};

}  // namespace examples
