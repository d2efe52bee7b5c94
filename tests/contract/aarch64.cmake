# AArch64 alone: quotients and square roots come from instructions that round correctly, and objects with other flags
# carry other tags.
set(script "${CMAKE_CURRENT_LIST_DIR}/no_estimates.cmake")
foreach(target train_bits_fast test_optim test_kernels_contract_fast)
  if(TARGET ${target})
    add_test(NAME "contract: no estimates in ${target}"
             COMMAND "${CMAKE_COMMAND}" "-DOBJDUMP=${CMAKE_OBJDUMP}" "-DPROGRAM=$<TARGET_FILE:${target}>"
                     "-DPATTERN=f(recp|rsqrt)[es]" -P "${script}")
  endif()
endforeach()
add_test(NAME "contract: no_estimates refuses what is there"
         COMMAND "${CMAKE_COMMAND}" "-DSCRIPT=${script}" "-DROOT=" "-DEXPECT=divides or takes roots by estimates"
                 "-DOPTIONS=-DOBJDUMP=${CMAKE_OBJDUMP};-DPROGRAM=$<TARGET_FILE:train_bits_fast>;-DPATTERN=fdiv" -P
                 "${CMAKE_CURRENT_LIST_DIR}/../hygiene/expect_failure.cmake")

file(CONFIGURE OUTPUT tag.cpp CONTENT "#include <seqlstm/core/abi.hpp>\ntag: SEQLSTM_ABI\n" @ONLY)
foreach(flags_and_tag "armv8-a=" "armv8.1-a=_lse" "armv8.2-a+dotprod=_lse_dot" "armv8.2-a+fp16=_lse_fp16"
                      "armv8.2-a+bf16=_lse_bf16" "armv8.2-a+sve=_lse_fp16_sve" "armv8.2-a+sve+bf16=_lse_fp16_bf16_sve"
                      "armv8.2-a+sve2=_lse_fp16_sve2" "armv8.2-a+sve -msve-vector-bits=256=_lse_fp16_sve256")
  string(REGEX MATCH "^(.+)=([^=]*)$" parts "${flags_and_tag}")
  string(REPLACE " " ";" flags "-march=${CMAKE_MATCH_1};-I${PROJECT_SOURCE_DIR}/include;-DSEQLSTM_NO_OPTIMIZE_WARNING")
  set(tag "neon64_base${CMAKE_MATCH_2}")
  add_test(NAME "contract: the tag ${tag}"
           COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DFLAGS=${flags}" "-DTAG=${tag}"
                   "-DUNIT=${CMAKE_CURRENT_BINARY_DIR}/tag.cpp" -P "${CMAKE_CURRENT_LIST_DIR}/abi_tag.cmake")
endforeach()
