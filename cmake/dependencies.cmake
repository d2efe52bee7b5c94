# Every dependency: what the system has, else a pinned release fetched from its home.
# docs/dependencies.md gives each one's reason.
include(FetchContent)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW)  # unpacked files carry the time of unpacking
endif()

# seqlstm_require(TARGET PACKAGE VERSIONS URL SWITCH...): unless the application has defined TARGET, looks for an
# installed PACKAGE that does, of the first of VERSIONS (lowest accepted; several where a package's version file accepts
# one major release only) it finds; else fetches URL, with the named options of its build turned off, and leaves its
# source folder in `fetched`.
function(seqlstm_require target package versions url)
  set(fetched "" PARENT_SCOPE)
  if(NOT TARGET ${target} AND NOT versions)
    find_package(${package} QUIET)
  endif()
  foreach(version IN LISTS versions)
    if(NOT TARGET ${target})
      find_package(${package} ${version} QUIET)
    endif()
  endforeach()
  if(TARGET ${target})
    return()
  endif()
  list(JOIN versions " or " wanted)
  string(REGEX REPLACE "(.+)" " \\1 or later" wanted "${wanted}")
  message(STATUS "seqlstm: fetching ${package}; no ${package}${wanted} is installed (Debian, Ubuntu: sh cmake/setup.sh "
                 "installs what the release has)")
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)  # plain variables reach the dependency's option() commands
  foreach(switch IN LISTS ARGN ITEMS BUILD_TESTING)
    set(${switch} OFF)
  endforeach()
  FetchContent_Declare(${package} URL ${url})
  FetchContent_MakeAvailable(${package})
  FetchContent_GetProperties(${package} SOURCE_DIR source)
  set(fetched "${source}" PARENT_SCOPE)
  if(TARGET ${target})
    seqlstm_silence(${target})
  endif()
endfunction()

# A dependency's headers are not ours to warn about.
function(seqlstm_silence target)
  get_target_property(real ${target} ALIASED_TARGET)
  if(real)
    set(target ${real})
  endif()
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}")
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

seqlstm_require(Eigen3::Eigen Eigen3 3.4 https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
                EIGEN_BUILD_DOC EIGEN_BUILD_PKGCONFIG)
seqlstm_require(xsimd xsimd 8.1 https://github.com/xtensor-stack/xsimd/archive/refs/tags/14.3.0.tar.gz)
seqlstm_require(Random123::Random123 Random123 ""
                https://github.com/DEShawResearch/random123/archive/refs/tags/v1.14.0.tar.gz)
if(fetched)
  add_library(Random123::Random123 INTERFACE IMPORTED GLOBAL)
  target_include_directories(Random123::Random123 INTERFACE "${fetched}/include")
endif()

if(SEQLSTM_IO)
  seqlstm_require(nlohmann_json::nlohmann_json nlohmann_json 3.9.1
                  https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz JSON_BuildTests JSON_Install)
  seqlstm_require(ZLIB::ZLIB ZLIB 1.2 https://github.com/madler/zlib/archive/refs/tags/v1.3.1.tar.gz ZLIB_BUILD_EXAMPLES)
  if(fetched)
    target_include_directories(zlibstatic SYSTEM INTERFACE "${fetched}" "${zlib_BINARY_DIR}")
    add_library(ZLIB::ZLIB ALIAS zlibstatic)
  endif()
  seqlstm_require(libcsv::libcsv libcsv 3.0
                  https://github.com/rgamble/libcsv/archive/b1d5212831842ee5869d99bc208a21837e4037d5.tar.gz)
  if(fetched)
    enable_language(C)
    # Shared, because its licence (LGPL) wants users to be able to replace it.
    add_library(seqlstm_libcsv SHARED EXCLUDE_FROM_ALL "${fetched}/libcsv.c")
    target_include_directories(seqlstm_libcsv SYSTEM PUBLIC "${fetched}")
    add_library(libcsv::libcsv ALIAS seqlstm_libcsv)
  endif()
endif()

if(SEQLSTM_BUILD_TESTS)
  seqlstm_require(Catch2::Catch2 Catch2 "3;2.13" https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz)
endif()
if(SEQLSTM_BUILD_EXAMPLES)
  seqlstm_require(CLI11::CLI11 CLI11 2.1 https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz)
endif()
if(SEQLSTM_BUILD_BENCHMARKS)
  seqlstm_require(benchmark::benchmark benchmark 1.7
                  https://github.com/google/benchmark/archive/refs/tags/v1.9.0.tar.gz BENCHMARK_ENABLE_TESTING)
endif()
