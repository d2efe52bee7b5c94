# What a program says on an emulated CPU, and its exit code.
#   cmake -DQEMU=<qemu-x86_64> -DCPU=<name> -DPROGRAM=<file> -DEXPECT=<text> -DCODE=<number> -P old_cpu.cmake
cmake_minimum_required(VERSION 3.22)
execute_process(COMMAND "${QEMU}" -cpu "${CPU}" "${PROGRAM}" RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
string(FIND "${output}" "${EXPECT}" place)
if(NOT code STREQUAL CODE OR place EQUAL -1)
  message(FATAL_ERROR "on ${CPU}: exit ${code}, expected ${CODE} with '${EXPECT}'; it said:\n${output}")
endif()
