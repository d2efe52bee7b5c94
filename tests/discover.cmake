# Makes every TEST_CASE of a Catch2 program (v2 or v3) a ctest test and its tags [golden], [exhaustive], [data],
# [amx] and [optional] ctest labels. The module that comes with Catch2 v2 knows no labels.
#
# A program for another machine runs by the emulator that the toolchain names.
#
# Included by a CMakeLists.txt it defines seqlstm_discover_tests(TARGET NAME); run as a script, after each link of
# TARGET, it asks the program for its tests and writes the file ctest reads.

set(discovery_script "${CMAKE_CURRENT_LIST_FILE}")

function(seqlstm_discover_tests target name)
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}.ctest.cmake")
  add_custom_command(
    TARGET ${target} POST_BUILD BYPRODUCTS "${list}" VERBATIM
    COMMAND "${CMAKE_COMMAND}" -DPROGRAM=$<TARGET_FILE:${target}> "-DEMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}"
            -DNAME=${name} -DOUTPUT=${list} -P "${discovery_script}")
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}.include.cmake")
  file(WRITE "${include}" "if(EXISTS [==[${list}]==])\n  include([==[${list}]==])\nelse()\n"
                          "  add_test([==[${name}: not built]==] ${target}_is_not_built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

cmake_minimum_required(VERSION 3.22)

# The names of the program's tests that match `filter`, in the variable `result`.
function(list_tests result filter)
  foreach(arguments "--list-test-names-only" "--list-tests;--verbosity;quiet")  # v2, v3
    execute_process(COMMAND ${EMULATOR} "${PROGRAM}" ${arguments} "${filter}" OUTPUT_VARIABLE text
                    ERROR_VARIABLE error RESULT_VARIABLE status)
    if(NOT "${text}${error}" MATCHES "Unrecognised token")
      break()
    endif()
  endforeach()
  if(NOT status MATCHES "^[0-9]+$")  # v2 exits with the number of tests
    message(FATAL_ERROR "${PROGRAM} cannot list its tests: ${status}\n${text}${error}")
  endif()
  if(text MATCHES ";")
    message(FATAL_ERROR "${PROGRAM}: a test's name holds a semicolon, which CMake cannot pass on:\n${text}")
  endif()
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")  # brackets would keep a CMake list from splitting
  string(REPLACE "]" "<close>" text "${text}")
  string(REPLACE "\n" ";" names "${text}")
  list(TRANSFORM names STRIP)
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

set(labels golden exhaustive data amx optional)
list_tests(all "*")
if(NOT all)
  message(FATAL_ERROR "${PROGRAM} contains no tests")
endif()
foreach(label IN LISTS labels)
  list_tests(tagged_${label} "[${label}]")
endforeach()

set(run "")
foreach(word IN LISTS EMULATOR ITEMS "${PROGRAM}")
  string(APPEND run "[==[${word}]==] ")
endforeach()

set(script "")
foreach(name IN LISTS all)
  set(own_labels "")
  foreach(label IN LISTS labels)
    if(name IN_LIST tagged_${label})
      list(APPEND own_labels ${label})
    endif()
  endforeach()
  set(filter "${name}")  # Catch2 reads these characters as syntax
  foreach(special "\\" "," "<open>" "<close>" "\"" "*" "~")
    string(REPLACE "${special}" "\\${special}" filter "${filter}")
  endforeach()
  foreach(text name filter)
    string(REPLACE "<open>" "[" ${text} "${${text}}")
    string(REPLACE "<close>" "]" ${text} "${${text}}")
  endforeach()
  # A test that checks nothing fails, and so does a name that matches no test.
  string(APPEND script "add_test([==[${NAME}: ${name}]==] ${run}[==[${filter}]==] --warn NoAssertions)\n"
                       "set_tests_properties([==[${NAME}: ${name}]==] PROPERTIES LABELS \"${own_labels}\"\n"
                       "  FAIL_REGULAR_EXPRESSION \"No tests ran|No test cases matched\"")
  if("data" IN_LIST own_labels)
    string(APPEND script "\n  SKIP_REGULAR_EXPRESSION \"SEQLSTM_DATA is not set\"")
  elseif("amx" IN_LIST own_labels)
    string(APPEND script "\n  SKIP_REGULAR_EXPRESSION \"no matrix unit here\"")
  elseif("optional" IN_LIST own_labels)  # support::skip
    string(APPEND script "\n  SKIP_REGULAR_EXPRESSION \"^skipped: |\\nskipped: \"")
  endif()
  string(APPEND script ")\n")
endforeach()
file(WRITE "${OUTPUT}" "${script}")
