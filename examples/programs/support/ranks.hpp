// A program on many ranks: all that a launcher started train together; rank 0 alone speaks and writes files.
#pragma once

#include <optional>
#include <seqlstm/io/silent_process.hpp>
#include <seqlstm/ranks/communicator.hpp>
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
  RankSession([[maybe_unused]] int& argc, [[maybe_unused]] char**& argv)
#if defined(SEQLSTM_PROGRAMS_ON_MPI)
      : session_(argc, argv) {
    if (!session_.launched()) return;
    ranks() = seqlstm::mpi::world();
    if (ranks()->rank() > 0) silent_.emplace();
  }
#else
  {
  }
#endif
  RankSession(const RankSession&) = delete;
  RankSession& operator=(const RankSession&) = delete;
  ~RankSession() {
    ranks() = {};
  }

 private:
#if defined(SEQLSTM_PROGRAMS_ON_MPI)
  seqlstm::mpi::Session session_;
#endif
  std::optional<seqlstm::io::SilentProcess> silent_;
};

}  // namespace examples
