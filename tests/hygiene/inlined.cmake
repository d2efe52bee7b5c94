# What must stay in registers has no function of its own in a program: none of PROGRAM's symbols matches PATTERN.
#   cmake -DNM=... -DPROGRAM=... -DPATTERN=... -P inlined.cmake
cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${NM}" -C "${PROGRAM}" RESULT_VARIABLE status OUTPUT_VARIABLE symbols)
if(NOT status EQUAL 0 OR NOT symbols MATCHES " T main\n")
  message(FATAL_ERROR "${NM} reads no symbols from ${PROGRAM}")
endif()
string(REGEX MATCH "[^\n]*${PATTERN}[^\n]*" outlined "${symbols}")
if(outlined)
  message(FATAL_ERROR "the compiler made a function of what should be inlined; is a [[gnu::flatten]] missing?\n${outlined}")
endif()
