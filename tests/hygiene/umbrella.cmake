# A folder's all.hpp includes every header of the folder; seqlstm.hpp, lstm.hpp taken together with
# it, includes every all.hpp but that of kernels/, which a program with compiled kernels does not read, and that of onnx/,
# which needs a component of its own.
#   cmake -DROOT=<repository> -P umbrella.cmake
cmake_minimum_required(VERSION 3.22)

set(errors "")
# Complains unless `includes`, the #include lines of `umbrella`, name each of the given headers (paths below include/).
function(check umbrella includes)
  foreach(header IN LISTS ARGN)
    if(NOT "#include <${header}>" IN_LIST includes AND NOT header STREQUAL umbrella)
      list(APPEND errors "${umbrella} does not include <${header}>")
    endif()
  endforeach()
  set(errors "${errors}" PARENT_SCOPE)
endfunction()
function(read_includes result file)
  file(STRINGS "${ROOT}/include/${file}" lines REGEX "^#include <seqlstm/")
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

file(GLOB umbrellas RELATIVE "${ROOT}/include" "${ROOT}/include/seqlstm/*/all.hpp")
foreach(umbrella IN LISTS umbrellas)
  cmake_path(GET umbrella PARENT_PATH folder)
  file(GLOB headers RELATIVE "${ROOT}/include" "${ROOT}/include/${folder}/*.hpp")
  read_includes(includes ${umbrella})
  check(${umbrella} "${includes}" ${headers})
endforeach()
if(EXISTS "${ROOT}/include/seqlstm/seqlstm.hpp")
  read_includes(includes seqlstm/seqlstm.hpp)
  read_includes(through_lstm seqlstm/lstm.hpp)
  list(REMOVE_ITEM umbrellas seqlstm/kernels/all.hpp seqlstm/onnx/all.hpp)
  check(seqlstm/seqlstm.hpp "${includes};${through_lstm}" ${umbrellas})
endif()

if(errors)
  list(JOIN errors "\n  " text)
  message(FATAL_ERROR "incomplete umbrella headers:\n  ${text}")
endif()
list(LENGTH umbrellas count)
message(STATUS "${count} umbrella headers are complete")
