# Toolchain for AArch64 on another machine: Debian's cross compiler, and qemu to run what it makes. Libraries are those
# that `sh cmake/setup.sh --arm` unpacked, never this machine's; what is not there is fetched.
find_program(SEQLSTM_QEMU_AARCH64 qemu-aarch64)
mark_as_advanced(SEQLSTM_QEMU_AARCH64)
if(NOT SEQLSTM_QEMU_AARCH64)
  message(FATAL_ERROR "there is no qemu-aarch64 here; sh cmake/setup.sh --arm installs it and a cross compiler")
endif()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR "${SEQLSTM_QEMU_AARCH64}" -L /usr/aarch64-linux-gnu)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
set(CMAKE_FIND_ROOT_PATH "${source}/build/aarch64")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind INCLUDE LIBRARY PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
