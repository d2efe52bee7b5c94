# None of PROGRAM's instructions is one that PATTERN names.
#   cmake -DOBJDUMP=... -DPROGRAM=... -DPATTERN=... -P no_estimates.cmake
cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${OBJDUMP}" -d --no-show-raw-insn "${PROGRAM}" RESULT_VARIABLE status OUTPUT_VARIABLE code)
if(NOT status EQUAL 0 OR NOT code MATCHES "<main>:")
  message(FATAL_ERROR "${OBJDUMP} reads no instructions from ${PROGRAM}")
endif()
if(code MATCHES "\t(${PATTERN})[ \t][^\n]*")
  message(FATAL_ERROR "${PROGRAM} divides or takes roots by estimates: ${CMAKE_MATCH_0}\n"
                      "Vectors are divided by kernels::divide, not by xsimd's operator.")
endif()
