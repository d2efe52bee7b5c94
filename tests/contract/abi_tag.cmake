# The library's tag in a unit compiled with FLAGS ends with TAG.
#   cmake -DCOMPILER=... -DFLAGS=... -DTAG=... -DUNIT=... -P abi_tag.cmake
cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${COMPILER}" -std=c++20 -E -P ${FLAGS} "${UNIT}" RESULT_VARIABLE status OUTPUT_VARIABLE output
                ERROR_VARIABLE error)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${COMPILER} ${FLAGS} cannot read ${UNIT}:\n${error}")
endif()
string(REGEX MATCH "tag: v[0-9_]+_([a-z0-9_]+)\n" line "${output}")
if(NOT CMAKE_MATCH_1 STREQUAL TAG)
  message(FATAL_ERROR "the tag is ${CMAKE_MATCH_1}, expected ${TAG}")
endif()
