# Files cross between our safetensors and Python's; skipped where Python has no safetensors or no numpy. Another Python,
# such as that of a virtual environment: -DSEQLSTM_PYTHON=venv/bin/python. The target ci_interop makes one, with packages
# from PyPI, and runs the test there.
find_program(SEQLSTM_PYTHON python3 DOC "Python that has safetensors and numpy, for the interoperability test")
add_executable(safetensors_interop "${CMAKE_CURRENT_LIST_DIR}/interop/main.cpp")
target_link_libraries(safetensors_interop PRIVATE seqlstm_program)
set(name "io: safetensors files cross to Python and back")
if(SEQLSTM_PYTHON)
  add_test(NAME "${name}"
           COMMAND "${SEQLSTM_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/safetensors_interop.py"
                   $<TARGET_FILE:safetensors_interop>)
  set_tests_properties("${name}" PROPERTIES SKIP_RETURN_CODE 77)
else()
  seqlstm_skipped_test("${name}" "there is no Python 3; sh cmake/setup.sh --checks installs it")
endif()
if(SEQLSTM_PYTHON AND PROJECT_IS_TOP_LEVEL)
  set(venv "${PROJECT_BINARY_DIR}/venv")
  add_custom_target(seqlstm_interop_environment
    COMMAND "${SEQLSTM_PYTHON}" -m venv "${venv}"
    COMMAND "${venv}/bin/pip" install --quiet numpy safetensors
    USES_TERMINAL VERBATIM)
  add_custom_target(ci_interop
    COMMAND "${venv}/bin/python" "${CMAKE_CURRENT_LIST_DIR}/safetensors_interop.py" $<TARGET_FILE:safetensors_interop>
    USES_TERMINAL VERBATIM)
  add_dependencies(ci_interop seqlstm_interop_environment safetensors_interop)
endif()
