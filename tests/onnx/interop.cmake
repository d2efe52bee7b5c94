# ONNX Runtime runs our files and gives our numbers; skipped where Python has no onnx or no onnxruntime. Another Python:
# -DSEQLSTM_PYTHON=venv/bin/python. The target ci_onnx makes one with the versions of onnx_requirements.txt from PyPI and
# runs the test there, and that of PyTorch's exporters where its torch is installed too.
set(name "onnx: ONNX Runtime gives our numbers")
if(NOT TARGET seqlstm_onnx)
  seqlstm_skipped_test("${name}" "there is no seqlstm::onnx; sh cmake/setup.sh installs protobuf and ONNX's messages")
  return()
endif()
add_executable(onnx_interop "${CMAKE_CURRENT_LIST_DIR}/interop/main.cpp")
target_include_directories(onnx_interop PRIVATE "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(onnx_interop PRIVATE seqlstm_program seqlstm_onnx)
if(NOT SEQLSTM_PYTHON)
  seqlstm_skipped_test("${name}" "there is no Python 3; sh cmake/setup.sh --checks installs it")
  return()
endif()
set(script "${CMAKE_CURRENT_LIST_DIR}/onnx_interop.py")
add_test(NAME "${name}" COMMAND "${SEQLSTM_PYTHON}" "${script}" $<TARGET_FILE:onnx_interop>)
set(torch_script "${CMAKE_CURRENT_LIST_DIR}/torch_interop.py")
set(torch "onnx: files of PyTorch's exporters give its numbers")
add_test(NAME "${torch}" COMMAND "${SEQLSTM_PYTHON}" "${torch_script}" $<TARGET_FILE:onnx_interop>)
set_tests_properties("${name}" "${torch}" PROPERTIES SKIP_RETURN_CODE 77)
if(PROJECT_IS_TOP_LEVEL)
  set(venv "${PROJECT_BINARY_DIR}/venv_onnx")
  add_custom_target(ci_onnx
    COMMAND "${SEQLSTM_PYTHON}" -m venv "${venv}"
    COMMAND "${venv}/bin/pip" install --quiet -r "${CMAKE_CURRENT_LIST_DIR}/onnx_requirements.txt"
    COMMAND "${venv}/bin/python" "${script}" $<TARGET_FILE:onnx_interop>
    COMMAND "${venv}/bin/python" "${torch_script}" $<TARGET_FILE:onnx_interop> 20 --optional
    USES_TERMINAL VERBATIM)
  add_dependencies(ci_onnx onnx_interop)
endif()
