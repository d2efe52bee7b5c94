# seqlstm::onnx: models out to ONNX files and in from them. ONNX's messages come from libonnx_proto (Debian: libonnx-dev
# with libprotobuf-dev), so that nothing is generated here; where there is none, there is no seqlstm::onnx.
find_package(Protobuf QUIET)
if(Protobuf_FOUND)
  find_package(ONNX CONFIG QUIET)
endif()
set(seqlstm_onnx_proto "")
foreach(target ONNX::onnx_proto onnx_proto)  # since ONNX 1.17, before
  if(TARGET ${target} AND NOT seqlstm_onnx_proto)
    set(seqlstm_onnx_proto ${target})
  endif()
endforeach()
if(NOT seqlstm_onnx_proto)
  message(STATUS "seqlstm: no seqlstm::onnx, for protobuf or ONNX's messages are not installed (Debian, Ubuntu: sh "
                 "cmake/setup.sh installs them)")
  set(SEQLSTM_ONNX OFF)
  return()
endif()
add_library(seqlstm_onnx INTERFACE)
add_library(seqlstm::onnx ALIAS seqlstm_onnx)
set_target_properties(seqlstm_onnx PROPERTIES EXPORT_NAME onnx)
target_link_libraries(seqlstm_onnx INTERFACE seqlstm_io $<BUILD_INTERFACE:${seqlstm_onnx_proto}>)
