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
  # Without its groups the object keeps its copies even where the program has others of the same names.
  add_custom_command(
    OUTPUT "${object}"
    COMMAND "${CMAKE_CXX_COMPILER}" -r -nostdlib -Wl,--force-group-allocation -o "${object}" "$<TARGET_OBJECTS:${objects}>"
    COMMAND "${CMAKE_OBJCOPY}" --wildcard ${exports} "${object}"
    DEPENDS "$<TARGET_OBJECTS:${objects}>"
    COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${result} "${object}" PARENT_SCOPE)
endfunction()
