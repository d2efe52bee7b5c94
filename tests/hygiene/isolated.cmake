# The library's global symbols are EXPORTS and nothing else; with NO_THROW it needs nothing to throw exceptions with.
#   cmake -DNM=<nm> -DLIBRARY=<archive> -DEXPORTS=<names> [-DNO_THROW=ON] -P isolated.cmake
cmake_minimum_required(VERSION 3.22)
execute_process(COMMAND "${NM}" --extern-only --defined-only --format=posix "${LIBRARY}"
                OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+ [A-Za-z] [^\n]*" lines "${output}")
set(names "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" name "${line}")
  list(APPEND names "${name}")
endforeach()
list(LENGTH names count)
if(NOT names STREQUAL EXPORTS)
  list(SUBLIST names 0 5 some)
  message(FATAL_ERROR "${LIBRARY} shows ${count} symbols, expected ${EXPORTS} alone; the first: ${some}")
endif()
message(STATUS "${LIBRARY} shows ${names} alone")
if(NO_THROW)
  execute_process(COMMAND "${NM}" --undefined-only --format=posix "${LIBRARY}" OUTPUT_VARIABLE output
                  COMMAND_ERROR_IS_FATAL ANY)
  if(output MATCHES "__cxa_throw|getenv")
    message(FATAL_ERROR "${LIBRARY} can throw or reads the environment: ${CMAKE_MATCH_0}")
  endif()
endif()
