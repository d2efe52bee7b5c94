# seqlstm_isolated_library(NAME SOURCES FILE... EXPORTS PATTERN... [OPTIONS FLAG...] [LIBRARIES TARGET...])
#
# A static library whose only global symbols are those that match a PATTERN (objcopy's wildcards on mangled names:
# extern "C" functions are the easy case). Sources are compiled with FLAGs, for instance -march=x86-64-v3, and linked
# into one object; what else it holds, functions of std::vector among it, is its own: the linker of a program for older
# CPUs can neither take it for the program nor the program's for it. Each such library has its own thread pool and
# settings (set_threads). ELF systems with GNU ld and objcopy.
function(seqlstm_isolated_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;EXPORTS;OPTIONS;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES OR NOT arg_EXPORTS)
    message(FATAL_ERROR "seqlstm_isolated_library(${name}): expected SOURCES and EXPORTS, and perhaps OPTIONS and "
                        "LIBRARIES; got '${ARGN}'")
  endif()
  if(arg_LIBRARIES MATCHES "seqlstm(::|_)kernels")
    message(FATAL_ERROR "seqlstm_isolated_library(${name}): it has kernels of its own, compiled with its OPTIONS; leave "
                        "seqlstm::kernels out of its LIBRARIES")
  endif()
  if(NOT CMAKE_OBJCOPY OR APPLE OR WIN32)
    message(FATAL_ERROR "seqlstm_isolated_library(${name}): hiding symbols needs an ELF system with objcopy (binutils)")
  endif()
  add_library(${name}_objects OBJECT ${arg_SOURCES})
  target_link_libraries(${name}_objects PRIVATE seqlstm::seqlstm ${arg_LIBRARIES})
  target_compile_options(${name}_objects PRIVATE ${arg_OPTIONS})
  seqlstm_isolate_objects(${name}_objects object ${arg_EXPORTS})
  add_library(${name} STATIC "${object}")
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PUBLIC Threads::Threads ${arg_LIBRARIES})
endfunction()

# seqlstm_isolate_objects(OBJECTS RESULT PATTERN...): the target's objects as one, a path for add_library.
function(seqlstm_isolate_objects objects result)
  # objcopy leaves GNU_UNIQUE symbols (statics of inline functions) global: weak ones, then.
  target_compile_options(${objects} PRIVATE -fno-lto $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  set(object "${CMAKE_CURRENT_BINARY_DIR}/${objects}_isolated.o")
  list(TRANSFORM ARGN PREPEND "--keep-global-symbol=" OUTPUT_VARIABLE exports)
  seqlstm_link_into_object(link)
  add_custom_command(
    OUTPUT "${object}"
    COMMAND ${link} -o "${object}" "$<TARGET_OBJECTS:${objects}>"
    COMMAND "${CMAKE_OBJCOPY}" --wildcard ${exports} "${object}"
    DEPENDS "$<TARGET_OBJECTS:${objects}>"
    COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${result} "${object}" PARENT_SCOPE)
endfunction()

# How the compiler links objects into one. Without its groups that object keeps its copies even where the program has
# others of the same names.
function(seqlstm_link_into_object result)
  set(command "${CMAKE_CXX_COMPILER}" -r -nostdlib -Wl,--force-group-allocation)
  if(CMAKE_CXX_COMPILER_TARGET)
    list(APPEND command "--target=${CMAKE_CXX_COMPILER_TARGET}")
  endif()
  if(CMAKE_SYSROOT)
    list(APPEND command "--sysroot=${CMAKE_SYSROOT}")
  endif()
  set(${result} "${command}" PARENT_SCOPE)
endfunction()

# seqlstm_can_isolate(RESULT): whether objcopy is there and the linker can do it.
function(seqlstm_can_isolate result)
  set(${result} FALSE PARENT_SCOPE)
  if(NOT CMAKE_OBJCOPY OR APPLE OR WIN32)
    return()
  endif()
  set(trial "${CMAKE_CURRENT_BINARY_DIR}/seqlstm_isolate")
  file(WRITE "${trial}.cpp" "int seqlstm_trial() { return 0; }\n")
  seqlstm_link_into_object(link)
  execute_process(COMMAND ${link} -o "${trial}.o" "${trial}.cpp" RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
  if(code EQUAL 0)
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()
