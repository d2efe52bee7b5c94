# Compiles a unit that includes several headers and passes when config.hpp's note about slow flags appears once, with EXPECT in it, or not at all where EXPECT is empty.
#   cmake -DCOMPILER=... -DFLAGS=... -DEXPECT=... -DUNIT=... -DNO_CARET=... -P arch_note.cmake
cmake_minimum_required(VERSION 3.22)

# No caret: the compiler would quote the line of source, which holds the text again.
execute_process(COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Werror ${NO_CARET} ${FLAGS} -fsyntax-only
                        "${UNIT}" RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${UNIT} does not compile:\n${output}")
endif()
string(REPLACE ";" "," output "${output}")  # what splits lists
string(REGEX MATCHALL "seqlstm: compiled [^\n]*" notes "${output}")
list(LENGTH notes count)
set(wanted 1)
if(EXPECT STREQUAL "")
  set(wanted 0)
endif()
if(NOT count EQUAL wanted OR NOT notes MATCHES "${EXPECT}")
  message(FATAL_ERROR "found ${count} notes, expected ${wanted} with `${EXPECT}`; the compiler said:\n${output}")
endif()
