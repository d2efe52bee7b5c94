# Every header has its test where one looks for it: include/seqlstm/FOLDER/NAME.hpp in tests/FOLDER/NAME.cpp, which
# includes it. What lies in FOLDER/detail/ is tested through the headers that include it.
#   cmake -DROOT=<repository> -P mirror.cmake
cmake_minimum_required(VERSION 3.22)

# Headers with nothing to run, and what looks after them instead. Keep the list short.
set(untested "^[a-z]+/all\\.hpp$"       # includes only: hygiene/umbrella.cmake
             "^(lstm|seqlstm)\\.hpp$"   # likewise
             "^(config|version)\\.hpp$" # macros and #error: compile_fail/fast_math.cpp, integration/
             "^fwd\\.hpp$")             # declarations: the program of all headers (hygiene/CMakeLists.txt)

# header=test for those tested in another place.
set(elsewhere "eigen.hpp=core/eigen.cpp"            # it has no folder
              "deprecated.hpp=train/deprecated.cpp" # likewise
              "mpi.hpp=mpi/session.cpp"             # likewise; runs on ranks
              "core/abi.hpp=hygiene/abi/main.cpp"  # takes objects compiled with different flags
              "kernels/(table|linked|report).hpp=linked/linked.cpp"  # take the compiled library
              "kernels/(vector|tile|byte)_kernels.hpp=kernels/set.cpp")

set(errors "")
set(count 0)
file(GLOB_RECURSE headers RELATIVE "${ROOT}/include/seqlstm" "${ROOT}/include/seqlstm/*.hpp")
foreach(header IN LISTS headers)
  set(test "")
  if(header MATCHES "/detail/")
    continue()
  endif()
  foreach(pattern IN LISTS untested)
    if(header MATCHES "${pattern}")
      set(test none)
    endif()
  endforeach()
  foreach(exception IN LISTS elsewhere)
    string(REGEX MATCH "^(.+)=(.+)$" exception "${exception}")
    set(place "${CMAKE_MATCH_2}")
    if(header MATCHES "^${CMAKE_MATCH_1}$")
      set(test "${place}")
    endif()
  endforeach()
  if(test STREQUAL none)
    continue()
  elseif(test STREQUAL "")
    string(REGEX REPLACE "\\.hpp$" ".cpp" test "${header}")
    set(include "#include <seqlstm/${header}>")
  else()
    set(include "")
  endif()
  math(EXPR count "${count} + 1")
  if(NOT EXISTS "${ROOT}/tests/${test}")
    list(APPEND errors "include/seqlstm/${header} has no test: write tests/${test}")
    continue()
  endif()
  file(STRINGS "${ROOT}/tests/${test}" lines REGEX "^#include <seqlstm/")
  if(include AND NOT include IN_LIST lines)
    list(APPEND errors "tests/${test} does not include <seqlstm/${header}>")
  endif()
endforeach()
if(count EQUAL 0)
  message(FATAL_ERROR "no headers under ${ROOT}/include/seqlstm")
endif()

if(errors)
  list(JOIN errors "\n  " text)
  message(FATAL_ERROR "headers without their test:\n  ${text}")
endif()
message(STATUS "${count} headers have their tests")
