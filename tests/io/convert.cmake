# Models of Keras, PyTorch, fastai and Flax, converted by tools/seqlstm_convert.py, answer as they do there; skipped where
# Python has none of these libraries. The target ci_convert makes an environment with the versions of
# io/convert_requirements.txt from PyPI (several GB, for PyTorch), and runs the test there; once it is there, the
# test of ctest runs in it too. Another Python: -DSEQLSTM_CONVERT_PYTHON=venv/bin/python.
set(convert_venv "${PROJECT_BINARY_DIR}/convert_venv")
if(SEQLSTM_PYTHON)
  set(SEQLSTM_CONVERT_PYTHON "" CACHE FILEPATH "Python that has keras, torch, fastai or flax, for the converter's test")
  set(convert_python "${SEQLSTM_CONVERT_PYTHON}")
  if(NOT convert_python)
    set(convert_python "${SEQLSTM_PYTHON}")
    if(EXISTS "${convert_venv}/bin/python")
      set(convert_python "${convert_venv}/bin/python")
    endif()
  endif()
endif()
add_executable(convert_answers "${CMAKE_CURRENT_LIST_DIR}/convert/main.cpp")
target_link_libraries(convert_answers PRIVATE seqlstm_program)
set(convert_test "${CMAKE_CURRENT_LIST_DIR}/convert_oracles.py" $<TARGET_FILE:convert_answers>
                 "${PROJECT_SOURCE_DIR}/tools/seqlstm_convert.py")
set(name "io: converted models of other libraries answer as they do there")
if(SEQLSTM_PYTHON)
  add_test(NAME "${name}" COMMAND "${convert_python}" ${convert_test})
  set_tests_properties("${name}" PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1800)
else()
  seqlstm_skipped_test("${name}" "there is no Python 3; sh cmake/setup.sh --checks installs it")
endif()
if(SEQLSTM_PYTHON AND PROJECT_IS_TOP_LEVEL)
  add_custom_target(seqlstm_convert_environment
    COMMAND "${SEQLSTM_PYTHON}" -m venv "${convert_venv}"
    COMMAND "${convert_venv}/bin/pip" install --quiet -r "${CMAKE_CURRENT_LIST_DIR}/convert_requirements.txt"
    USES_TERMINAL VERBATIM)
  add_custom_target(ci_convert COMMAND "${convert_venv}/bin/python" ${convert_test} USES_TERMINAL VERBATIM)
  add_dependencies(ci_convert seqlstm_convert_environment convert_answers)
endif()
