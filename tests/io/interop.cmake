# Files cross between our safetensors and Python's; skipped where Python has no safetensors or no numpy. Another Python,
# such as that of a virtual environment: -DSEQLSTM_PYTHON=venv/bin/python
find_program(SEQLSTM_PYTHON python3 DOC "Python that has safetensors and numpy, for the interoperability test")
add_executable(safetensors_interop "${CMAKE_CURRENT_LIST_DIR}/interop/main.cpp")
target_link_libraries(safetensors_interop PRIVATE seqlstm_program)
if(SEQLSTM_PYTHON)
  add_test(NAME "io: safetensors files cross to Python and back"
           COMMAND "${SEQLSTM_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/safetensors_interop.py"
                   $<TARGET_FILE:safetensors_interop>)
  set_tests_properties("io: safetensors files cross to Python and back" PROPERTIES SKIP_RETURN_CODE 77)
endif()
