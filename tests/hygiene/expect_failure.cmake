# A check must be able to fail: passes when SCRIPT refuses ROOT with a message that contains EXPECT.
#   cmake -DSCRIPT=... -DROOT=... -DEXPECT=... -P expect_failure.cmake
cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${ROOT}" ${OPTIONS} -P "${SCRIPT}" RESULT_VARIABLE status
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "${SCRIPT} accepts ${ROOT}; it should have said: ${EXPECT}")
endif()
string(REGEX REPLACE "[ \n]+" " " output "${output}")  # CMake wraps its messages
string(FIND "${output}" "${EXPECT}" place)
if(place EQUAL -1)
  message(FATAL_ERROR "${SCRIPT} should have said: ${EXPECT}\nIt said: ${output}")
endif()
