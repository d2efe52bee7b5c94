# Helpers of the command line tests: run a program, hold its exit code and output against what is expected.

# expect_refused(TEXT program args...): exit code 2, one line on stderr that contains TEXT, but for progress.
function(expect_refused text program)
  execute_process(COMMAND "${EXAMPLES}/${program}" ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE error)
  if(NOT code EQUAL 2)
    message(FATAL_ERROR "${program} ${ARGN}: exit code ${code}, expected 2\n${error}")
  endif()
  string(FIND "${error}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${program} ${ARGN}: stderr does not contain '${text}':\n${error}")
  endif()
  # Where a machine is slow (sanitizers), progress is told before.
  string(REGEX REPLACE "[a-z][^\n]* [0-9]+ %, [^\n]* left[^\n]*\n" "" error "${error}")
  string(STRIP "${error}" stripped)
  string(FIND "${stripped}" "\n" newline)
  if(NOT newline EQUAL -1)
    message(FATAL_ERROR "${program} ${ARGN}: more than one line on stderr:\n${error}")
  endif()
endfunction()

# tensor_checksums(OUT FILE): the checksums of all tensors that a model file notes in its header.
function(tensor_checksums out file)
  file(STRINGS "${file}" header REGEX "tensor_checksums")
  string(REGEX MATCH "\"tensor_checksums\":\"{[^}]+}" sums "${header}")
  if(sums STREQUAL "")
    message(FATAL_ERROR "${file} has no checksums")
  endif()
  set(${out} "${sums}" PARENT_SCOPE)
endfunction()

# expect_success(OUT program args...): exit code 0; stdout is left in OUT.
function(expect_success out program)
  execute_process(COMMAND "${EXAMPLES}/${program}" ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE error)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${program} ${ARGN}: exit code ${code}\n${error}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()
