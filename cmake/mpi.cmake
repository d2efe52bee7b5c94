# seqlstm::mpi: ranks that MPI starts (seqlstm/mpi.hpp). Open MPI or MPICH, by CMake's own module.
set(MPI_CXX_SKIP_MPICXX ON)  # C++ functions that MPI gave up
find_package(MPI QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND)
  add_library(seqlstm_mpi INTERFACE)
  add_library(seqlstm::mpi ALIAS seqlstm_mpi)
  set_target_properties(seqlstm_mpi PROPERTIES EXPORT_NAME mpi)
  target_link_libraries(seqlstm_mpi INTERFACE seqlstm $<BUILD_INTERFACE:MPI::MPI_CXX>)
elseif(NOT SEQLSTM_MPI STREQUAL "AUTO")
  message(FATAL_ERROR "seqlstm: SEQLSTM_MPI is ${SEQLSTM_MPI}, but CMake finds no MPI; Debian, Ubuntu: sh cmake/setup.sh --mpi; "
                      "elsewhere load its module, or name its compiler: -DMPI_CXX_COMPILER=.../mpicxx")
endif()
