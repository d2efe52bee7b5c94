# Every dependency: what the system has, else a pinned release fetched from its home.
# docs/dependencies.md gives each one's reason.
include(FetchContent)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW)  # unpacked files carry the time of unpacking
endif()

# seqlstm_require(TARGET PACKAGE VERSIONS URL SHA256): unless the application has defined TARGET, looks for an installed
# PACKAGE that does, of the first of VERSIONS (lowest accepted; several where a package's version file accepts one major
# release only) it finds; else unpacks URL and leaves its folder in `fetched`. What to take from there stands below each
# call: a package's own CMake files would bring targets, options and install rules.
function(seqlstm_require target package versions url sha256)
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
  FetchContent_Declare(${package} URL ${url} URL_HASH SHA256=${sha256} SOURCE_SUBDIR has/no/CMakeLists)
  FetchContent_MakeAvailable(${package})
  FetchContent_GetProperties(${package} SOURCE_DIR source)
  if(NOT TARGET ${target})  # it is there where the application declared the package, with its CMake files
    set(fetched "${source}" PARENT_SCOPE)
  endif()
endfunction()

# seqlstm_headers(TARGET PACKAGE FOLDER HEADERS...): TARGET is the headers HEADERS in FOLDER of what was fetched.
function(seqlstm_headers target package folder)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE "${folder}")
  list(TRANSFORM ARGN PREPEND "${folder}/")
  seqlstm_bundle(${target} ${package} "${ARGN}")
endfunction()

# seqlstm_bundle(TARGET PACKAGE HEADERS): what was fetched is installed with seqlstm, for no other is there to be found.
function(seqlstm_bundle target package headers)
  if(NOT SEQLSTM_INSTALL)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY SEQLSTM_BUNDLED ${package})
  set(folder "${CMAKE_INSTALL_INCLUDEDIR}/seqlstm_bundled/${package}")
  file(GLOB licences LIST_DIRECTORIES false "${fetched}/COPYING*" "${fetched}/LICENSE*")
  install(FILES ${licences} DESTINATION "${CMAKE_INSTALL_DOCDIR}/${package}")
  foreach(header IN LISTS headers)
    if(IS_DIRECTORY "${header}")
      install(DIRECTORY "${header}" DESTINATION "${folder}")
    else()
      install(FILES "${header}" DESTINATION "${folder}")
    endif()
  endforeach()
endfunction()

# seqlstm_library(TARGET PACKAGE KIND HEADERS SOURCE...): a C library, static or shared, of SOURCEs in what was fetched.
function(seqlstm_library target package kind headers)
  string(TOLOWER "seqlstm_${package}" name)
  list(TRANSFORM ARGN PREPEND "${fetched}/")
  list(TRANSFORM headers PREPEND "${fetched}/")
  add_library(${name} ${kind} ${ARGN})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON WINDOWS_EXPORT_ALL_SYMBOLS ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    target_compile_options(${name} PRIVATE -O2)
  endif()
  target_include_directories(
    ${name} SYSTEM PUBLIC $<BUILD_INTERFACE:${fetched}>
                          $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/seqlstm_bundled/${package}>)
  add_library(${target} ALIAS ${name})
  seqlstm_bundle(${target} ${package} "${headers}")
  if(SEQLSTM_INSTALL)
    install(TARGETS ${name} EXPORT seqlstmBundledTargets)
    set_property(GLOBAL PROPERTY SEQLSTM_BUNDLES_LIBRARIES ON)
  endif()
endfunction()

# seqlstm_build(TARGET PACKAGE SWITCH...): TARGET by the package's own CMake files, with the named options off. For what
# our own programs need: nothing of it is installed.
function(seqlstm_build target package)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)  # plain variables reach the dependency's option() commands
  foreach(switch IN LISTS ARGN ITEMS BUILD_TESTING)
    set(${switch} OFF)
  endforeach()
  add_subdirectory("${fetched}" "${PROJECT_BINARY_DIR}/_deps/${package}-targets" EXCLUDE_FROM_ALL)
  # A dependency's headers are not ours to warn about.
  get_target_property(real ${target} ALIASED_TARGET)
  get_target_property(folders ${real} INTERFACE_INCLUDE_DIRECTORIES)
  set_property(TARGET ${real} APPEND PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}")
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

seqlstm_require(Eigen3::Eigen Eigen3 "5;3.4" https://gitlab.com/libeigen/eigen/-/archive/5.0.1/eigen-5.0.1.tar.gz
                e9c326dc8c05cd1e044c71f30f1b2e34a6161a3b6ecf445d56b53ff1669e3dec)
if(fetched)
  seqlstm_headers(Eigen3::Eigen Eigen3 "${fetched}" Eigen)
endif()
seqlstm_require(xsimd xsimd 8.1 https://github.com/xtensor-stack/xsimd/archive/refs/tags/14.3.0.tar.gz
                b3d50e7a73fbf4642ceef30131c93414901d69eee41c2a5302db650b03e2c792)
if(fetched)
  seqlstm_headers(xsimd xsimd "${fetched}/include" xsimd)
endif()
seqlstm_require(Random123::Random123 Random123 ""
                https://github.com/DEShawResearch/random123/archive/refs/tags/v1.14.0.tar.gz
                effafd8656b18030b2a5b995cd3650c51a7c45052e6e1c21e48b9fa7a59d926e)
if(fetched)
  seqlstm_headers(Random123::Random123 Random123 "${fetched}/include" Random123)
endif()

if(SEQLSTM_IO)
  seqlstm_require(nlohmann_json::nlohmann_json nlohmann_json 3.9.1
                  https://github.com/nlohmann/json/archive/refs/tags/v3.12.0.tar.gz
                  4b92eb0c06d10683f7447ce9406cb97cd4b453be18d7279320f7b2f025c10187)
  if(fetched)
    seqlstm_headers(nlohmann_json::nlohmann_json nlohmann_json "${fetched}/include" nlohmann)
  endif()
  seqlstm_require(ZLIB::ZLIB ZLIB 1.2 https://github.com/madler/zlib/archive/refs/tags/v1.3.1.tar.gz
                  17e88863f3600672ab49182f217281b6fc4d3c762bde361935e436a95214d05c)
  if(fetched)
    enable_language(C)
    seqlstm_library(ZLIB::ZLIB ZLIB STATIC "zlib.h;zconf.h" adler32.c compress.c crc32.c deflate.c gzclose.c gzlib.c gzread.c
                    gzwrite.c infback.c inffast.c inflate.c inftrees.c trees.c uncompr.c zutil.c)
    if(UNIX)
      target_compile_definitions(seqlstm_zlib PRIVATE Z_HAVE_UNISTD_H)
    endif()
  endif()
  seqlstm_require(libcsv::libcsv libcsv 3.0
                  https://github.com/rgamble/libcsv/archive/b1d5212831842ee5869d99bc208a21837e4037d5.tar.gz
                  328ccd918edeeeea52164f7c43500d3ce2f039594c0c81b0aa2e6041bce88ec4)
  if(fetched)
    enable_language(C)
    # Shared, because its licence (LGPL) wants users to be able to replace it.
    seqlstm_library(libcsv::libcsv libcsv SHARED csv.h libcsv.c)
  endif()
endif()

if(SEQLSTM_BUILD_TESTS)
  seqlstm_require(Catch2::Catch2 Catch2 "3;2.13" https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
                  c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
  if(fetched)
    seqlstm_build(Catch2::Catch2 Catch2)
  endif()
endif()
if(SEQLSTM_BUILD_EXAMPLES)
  seqlstm_require(CLI11::CLI11 CLI11 2.1 https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.7.2.tar.gz
                  46eef3101da70852ec7af026e09d485ccee81813331c8c6052d39344443b83da)
  if(fetched)
    add_library(CLI11::CLI11 INTERFACE IMPORTED GLOBAL)
    target_include_directories(CLI11::CLI11 INTERFACE "${fetched}/include")
  endif()
  seqlstm_require(edlib::edlib edlib "" https://github.com/Martinsos/edlib/archive/refs/tags/v1.2.7.tar.gz
                  8767bc1b04a1a67282d57662e5702c4908996e96b1753b5520921ff189974621)
  if(fetched)  # one source; its own CMake files set BUILD_SHARED_LIBS for everybody
    add_library(seqlstm_edlib STATIC EXCLUDE_FROM_ALL "${fetched}/edlib/src/edlib.cpp")
    target_include_directories(seqlstm_edlib SYSTEM PUBLIC "${fetched}/edlib/include")
    add_library(edlib::edlib ALIAS seqlstm_edlib)
  endif()
endif()
if(SEQLSTM_BUILD_BENCHMARKS)
  seqlstm_require(benchmark::benchmark benchmark 1.7
                  https://github.com/google/benchmark/archive/refs/tags/v1.9.5.tar.gz
                  9631341c82bac4a288bef951f8b26b41f69021794184ece969f8473977eaa340)
  if(fetched)
    seqlstm_build(benchmark::benchmark benchmark BENCHMARK_ENABLE_TESTING)
  endif()
endif()
