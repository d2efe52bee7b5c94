// What started this process, by the environment that launchers set.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <seqlstm/core/text.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace mpi::detail {

/// A launcher's word on how many processes it started.
struct Launch {
  std::string variable;  ///< that said so
  std::size_t count;     ///< of processes; 0 where it does not say
};

/// Nothing where no launcher of MPI programs started this process: MPI would only cost time then.
/// SEQLSTM_MPI=1 speaks for a launcher that is not known here.
inline std::optional<Launch> launch() {
  // Open MPI; MPICH, Intel MPI, MVAPICH and Cray; Slurm; Open MPI's second word, and PRRTE.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"})
    if (const char* value = std::getenv(name)) {
      const auto count = parse_number(value);
      return Launch{name, count && *count >= 1 ? static_cast<std::size_t>(*count) : 0};
    }
  for (const char* name : {"PMIX_RANK", "PMI_RANK", "PMI_FD", "SEQLSTM_MPI"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return Launch{name, 0};
  return std::nullopt;
}

}  // namespace mpi::detail

SEQLSTM_NAMESPACE_END
