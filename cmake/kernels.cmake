# seqlstm::kernels: every kernel compiled once for each tier of CPUs, the best chosen when the program first needs one, and once
# for any CPU what headers declare and .ipp files define. An application links it and compiles for any CPU.
#
# Each tier is one object that shows the linker one function (seqlstmIsolate.cmake). Where objects cannot be isolated
# (macOS, Windows, linkers without the option) there is the lowest tier alone.

# "name|flags|what library.cpp asks the CPU", the lowest first. Flags take back what those of the build may have allowed.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(seqlstm_tiers
      "baseline|-march=x86-64 -mno-avx|always" "v3|-march=x86-64-v3 -mno-avx512f|has_v3" "avx512|-march=x86-64-v4|has_avx512"
      "avx512_bf16|-march=x86-64-v4 -mavx512bf16 -mavx512vnni|has_avx512_bf16"
      "amx|-march=x86-64-v4 -mavx512bf16 -mavx512vnni -mamx-tile -mamx-bf16 -mamx-int8|has_amx")
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(seqlstm_tiers "neon|-march=armv8-a|always")
else()
  message(STATUS "seqlstm: no seqlstm::kernels for '${CMAKE_SYSTEM_PROCESSOR}'")
  set(SEQLSTM_KERNELS OFF)
  return()
endif()
seqlstm_can_isolate(seqlstm_isolates)
if(NOT seqlstm_isolates)
  list(GET seqlstm_tiers 0 seqlstm_tiers)
  message(STATUS "seqlstm: seqlstm::kernels has its lowest tier alone, for the linker cannot isolate objects")
endif()

# With sanitizers a tier takes minutes to compile, and what is particular to a higher one is in the tests of kernels, which are
# compiled for this CPU.
if(SEQLSTM_SANITIZE AND seqlstm_isolates)
  list(SUBLIST seqlstm_tiers 0 2 seqlstm_tiers)
endif()

string(REPLACE "." "_" seqlstm_version_name "${PROJECT_VERSION}")
set(seqlstm_tier_objects "")
set(seqlstm_tier_list "")
set(seqlstm_lowest SEQLSTM_LOWEST_TIER)
foreach(tier IN LISTS seqlstm_tiers)
  string(REPLACE "|" ";" tier "${tier}")
  list(GET tier 0 name)
  list(GET tier 1 flags)
  list(GET tier 2 test)
  separate_arguments(flags)
  set(function "seqlstm_kernels_${seqlstm_version_name}_${name}")
  set(objects seqlstm_tier_${name})
  add_library(${objects} OBJECT EXCLUDE_FROM_ALL src/tier.cpp)
  target_link_libraries(${objects} PRIVATE seqlstm::seqlstm)
  target_compile_definitions(${objects} PRIVATE SEQLSTM_TIER=${function} SEQLSTM_NO_ARCH_WARNING ${seqlstm_lowest})
  set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${objects} PRIVATE ${flags} ${seqlstm_sanitizers})
  if(NOT SEQLSTM_SANITIZE)  # fast in debug builds of applications too: not optimised, kernels take 200 times as long
    target_compile_options(${objects} PRIVATE -O3)
  endif()
  if(seqlstm_isolates)
    seqlstm_isolate_objects(${objects} object ${function})
  else()
    set(object $<TARGET_OBJECTS:${objects}>)
  endif()
  list(APPEND seqlstm_tier_objects "${object}")
  string(APPEND seqlstm_tier_list " F(\"${name}\", ${function}, ${test})")
  set(seqlstm_lowest "")
endforeach()

# What headers declare and seqlstm/*/NAME.ipp defines.
file(GLOB definitions CONFIGURE_DEPENDS src/definitions/*.cpp)
set_source_files_properties(${definitions} PROPERTIES COMPILE_DEFINITIONS SEQLSTM_COMPILED_KERNELS=${seqlstm_version_name})
add_library(seqlstm_kernels src/library.cpp ${definitions} ${seqlstm_tier_objects})
add_library(seqlstm::kernels ALIAS seqlstm_kernels)
if(NOT PROJECT_IS_TOP_LEVEL AND NOT SEQLSTM_INSTALL)
  set_target_properties(seqlstm_kernels PROPERTIES EXCLUDE_FROM_ALL TRUE)  # built where something links it
endif()
# The name of what headers ask for has the whole version.
set_target_properties(seqlstm_kernels PROPERTIES EXPORT_NAME kernels POSITION_INDEPENDENT_CODE ON VERSION ${PROJECT_VERSION}
                                                 SOVERSION ${PROJECT_VERSION})
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/seqlstm_tiers.hpp" CONTENT "#define SEQLSTM_TIERS(F)${seqlstm_tier_list}\n" @ONLY)
list(GET seqlstm_tiers 0 tier)
string(REGEX REPLACE "^[^|]*[|]([^|]*)[|].*$" "\\1" flags "${tier}")
separate_arguments(flags)
target_compile_options(seqlstm_kernels PRIVATE ${seqlstm_warnings} ${flags} ${seqlstm_sanitizers}
                                               "SHELL:-include \"${CMAKE_CURRENT_BINARY_DIR}/seqlstm_tiers.hpp\"")
target_compile_definitions(seqlstm_kernels PRIVATE SEQLSTM_NO_ARCH_WARNING SEQLSTM_NO_OPTIMIZE_WARNING
                                           INTERFACE SEQLSTM_COMPILED_KERNELS=${seqlstm_version_name})
target_link_libraries(seqlstm_kernels PUBLIC seqlstm)
