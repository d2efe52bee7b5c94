# What tests, examples and benchmarks share: warnings, the machine's instruction set, sanitizers, ccache.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(SEQLSTM_SANITIZE "" CACHE STRING "Sanitizers for our own programs: address,undefined or thread")

# Paths are made relative for ccache, so that another clone of the repository finds the same objects.
find_program(SEQLSTM_CCACHE ccache)
mark_as_advanced(SEQLSTM_CCACHE)
if(SEQLSTM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
                                  "${SEQLSTM_CCACHE}")
endif()

# seqlstm_program: with the compiled kernels; seqlstm_header_only: with kernels of its own.
add_library(seqlstm_header_only INTERFACE)
set(seqlstm_warnings -Wall -Wextra -Wconversion -Wshadow -Werror)
# GCC 12 takes the deliberately undefined operands inside its own AVX-512 intrinsics for mistakes (GCC bug 105593), and
# std::string's operator+ for an overlapping copy (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND seqlstm_warnings -Wno-uninitialized -Wno-maybe-uninitialized -Wno-restrict)
endif()
target_compile_options(seqlstm_header_only INTERFACE ${seqlstm_warnings})
if(SEQLSTM_NATIVE AND CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  target_compile_options(seqlstm_header_only INTERFACE -mcpu=native)
elseif(SEQLSTM_NATIVE)
  target_compile_options(seqlstm_header_only INTERFACE -march=native)
else()
  target_compile_definitions(seqlstm_header_only INTERFACE SEQLSTM_NO_ARCH_WARNING)
endif()
target_compile_definitions(seqlstm_header_only INTERFACE $<$<CONFIG:Debug>:SEQLSTM_NO_OPTIMIZE_WARNING>)
set(seqlstm_sanitizers "")
if(SEQLSTM_SANITIZE)
  set(seqlstm_sanitizers -fsanitize=${SEQLSTM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND seqlstm_sanitizers -Wno-maybe-uninitialized)  # GCC errs in sanitized code
  endif()
  # Two checks make GCC compile the kernels' inlined lambdas four times longer: of references bound to null, which the
  # address sanitizer reports at their first use, and of locals used behind their scope.
  if(SEQLSTM_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND seqlstm_sanitizers -fno-sanitize=null -fno-sanitize-address-use-after-scope)
  endif()
  target_compile_options(seqlstm_header_only INTERFACE ${seqlstm_sanitizers})
  target_link_options(seqlstm_header_only INTERFACE -fsanitize=${SEQLSTM_SANITIZE})
endif()
target_link_libraries(seqlstm_header_only INTERFACE seqlstm::io)
add_library(seqlstm_program INTERFACE)
target_link_libraries(seqlstm_program INTERFACE seqlstm_header_only $<TARGET_NAME_IF_EXISTS:seqlstm::kernels>)
