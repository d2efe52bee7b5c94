# Installs seqlstm from a build that finds none of its libraries of headers: copies stand for what would be fetched.
#   cmake -DSOURCE=<repository> -DWORK=<folder> -DLIBRARIES=<COPY=FOLDER|FOLDER;...> -DCOMPILER=... -DGENERATOR=... -P install_fetched.cmake
# COPY is PACKAGE/PATH of the headers in the unpacked archive; they are in a folder of that name in one of the FOLDERs.
cmake_minimum_required(VERSION 3.22)

if(NOT WORK)
  message(FATAL_ERROR "WORK is the folder to work in")
endif()
file(REMOVE_RECURSE "${WORK}/archives" "${WORK}/build" "${WORK}/a prefix")
set(options "")
foreach(library IN LISTS LIBRARIES)
  string(REGEX MATCH "^(([^/]+)/.*)=(.*)$" library "${library}")
  set(copy "${CMAKE_MATCH_1}")
  set(package "${CMAKE_MATCH_2}")
  string(REPLACE "|" ";" folders "${CMAKE_MATCH_3}")
  cmake_path(GET copy FILENAME headers)
  cmake_path(GET copy PARENT_PATH parent)
  foreach(folder IN LISTS folders)
    if(IS_DIRECTORY "${folder}/${headers}")
      file(REAL_PATH "${folder}/${headers}" real)
      file(COPY "${real}" DESTINATION "${WORK}/archives/${parent}")
    endif()
  endforeach()
  string(TOUPPER "${package}" upper)
  list(APPEND options "-DFETCHCONTENT_SOURCE_DIR_${upper}=${WORK}/archives/${package}"
       "-DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON")
endforeach()
foreach(part BUILD_TESTS BUILD_EXAMPLES BUILD_BENCHMARKS KERNELS)
  list(APPEND options "-DSEQLSTM_${part}=OFF")
endforeach()
foreach(command "-S;${SOURCE};-B;${WORK}/build;-G;${GENERATOR};-DCMAKE_CXX_COMPILER=${COMPILER};${options}"
                "--build;${WORK}/build" "--install;${WORK}/build;--prefix;${WORK}/a prefix")
  execute_process(COMMAND "${CMAKE_COMMAND}" ${command} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
