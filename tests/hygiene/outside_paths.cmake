# The project names no folder beside the repository, nor one of a particular machine.
#   cmake -DROOT=<repository> -P outside_paths.cmake
cmake_minimum_required(VERSION 3.22)

set(outside "\\.\\./sha[r]ed|(^|[ \"'=(])/(work|ho[m]e|ro[o]t)/")

set(errors "")
file(GLOB top LIST_DIRECTORIES false "${ROOT}/*")
set(files ${top})
foreach(folder include src tests examples benchmarks cmake docs)
  file(GLOB_RECURSE found "${ROOT}/${folder}/*")
  list(APPEND files ${found})
endforeach()
# .git is a file in a linked working tree, and names the other one.
list(FILTER files EXCLUDE REGEX "^${ROOT}/(tests/(golden|hygiene/bad)/|.git$)|/__pycache__/")
foreach(file IN LISTS files)
  file(STRINGS "${file}" hits REGEX "${outside}")
  if(hits)
    file(STRINGS "${file}" lines)
    foreach(hit IN LISTS hits)
      list(FIND lines "${hit}" index)
      math(EXPR line "${index} + 1")
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${ROOT}" OUTPUT_VARIABLE name)
      list(APPEND errors "${name}:${line}: leads outside the repository: ${hit}")
    endforeach()
  endif()
endforeach()

if(errors)
  list(JOIN errors "\n  " text)
  message(FATAL_ERROR "paths that exist on no other machine:\n  ${text}")
endif()
