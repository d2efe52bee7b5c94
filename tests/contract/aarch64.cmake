# AArch64 alone: quotients and square roots come from instructions that round correctly.
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
