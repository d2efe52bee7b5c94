# Files cross between our safetensors and Python's; skipped where Python has no safetensors or no numpy. Another Python,
# such as that of a virtual environment: -DSEQLSTM_PYTHON=venv/bin/python
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
