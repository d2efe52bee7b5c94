# bench_find_onednn(): DNNL::dnnl, where an installed oneDNN compiles a program. Debian's package ends the configuration where
# OpenCL's headers are missing, so a project of its own, onednn_probe, tries it first.
set(onednn_probe "${CMAKE_CURRENT_LIST_DIR}/onednn_probe")

function(bench_find_onednn)
  set(build "${CMAKE_CURRENT_BINARY_DIR}/onednn_probe")
  if(NOT SEQLSTM_BENCH_ONEDNN_COMPILES)
    set(options "")
    foreach(name CMAKE_CXX_COMPILER CMAKE_MAKE_PROGRAM CMAKE_TOOLCHAIN_FILE CMAKE_PREFIX_PATH dnnl_DIR)
      if(${name})
        list(APPEND options "-D${name}=${${name}}")
      endif()
    endforeach()
    string(REPLACE ";-D" "|-D" options "${options}")
    string(REPLACE ";" "\\;" options "${options}")  # lists of folders stay one option
    string(REPLACE "|-D" ";-D" options "${options}")
    execute_process(COMMAND "${CMAKE_COMMAND}" -S "${onednn_probe}" -B "${build}" -G "${CMAKE_GENERATOR}" ${options}
                    RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
    if(NOT failed)
      execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" RESULT_VARIABLE failed OUTPUT_VARIABLE log
                      ERROR_VARIABLE log)
    endif()
    if(failed)
      file(WRITE "${build}/log.txt" "${log}")
      if(NOT log MATCHES "no oneDNN is installed")
        message(STATUS "bench: no oneDNN: no program compiles with the one that is installed, whose package may need the headers "
                       "of OpenCL (Debian, Ubuntu: opencl-headers ocl-icd-opencl-dev): see ${build}/log.txt")
      endif()
      return()
    endif()
    set(SEQLSTM_BENCH_ONEDNN_COMPILES TRUE CACHE INTERNAL "A program with the installed oneDNN compiled")
  endif()
  find_package(dnnl 2.6 QUIET)
endfunction()
