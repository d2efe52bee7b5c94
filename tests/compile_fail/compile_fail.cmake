# Passes when SOURCE does not compile and the compiler's output contains the text of its first line, "// expect: text".
#   cmake -DSOURCE=... -DOUTPUT=... -DCOMPILER=... -DFLAGS=... -P compile_fail.cmake
cmake_minimum_required(VERSION 3.22)

file(STRINGS "${SOURCE}" first LIMIT_COUNT 1)
if(NOT first MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${SOURCE}:1: the first line must read `// expect: text of the compiler's message`")
endif()
string(REPLACE "\\;" ";" expected "${CMAKE_MATCH_1}")  # file(STRINGS) escapes what would split a list

execute_process(COMMAND "${COMPILER}" ${FLAGS} -std=c++20 -S -o "${OUTPUT}" "${SOURCE}" RESULT_VARIABLE status
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "compiles, but it should fail with: ${expected}")
endif()
string(FIND "${output}" "${expected}" place)
if(place EQUAL -1)
  message(FATAL_ERROR "fails without the expected text: ${expected}\nThe compiler said:\n${output}")
endif()
