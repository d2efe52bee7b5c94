# Headers, CMake package (component io) and pkg-config files. Nothing here depends on the machine's architecture.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/seqlstm")

install(DIRECTORY include/seqlstm DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS seqlstm EXPORT seqlstmTargets)
install(EXPORT seqlstmTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
if(SEQLSTM_IO)
  install(TARGETS seqlstm_io EXPORT seqlstmIoTargets)
  install(EXPORT seqlstmIoTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
endif()

configure_package_config_file(cmake/seqlstmConfig.cmake.in "${PROJECT_BINARY_DIR}/package/seqlstmConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/seqlstmConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
set(pc_files seqlstm.pc)
if(SEQLSTM_IO)
  list(APPEND pc_files seqlstm-io.pc)
endif()
foreach(file IN LISTS pc_files)
  configure_file("cmake/${file}.in" "${PROJECT_BINARY_DIR}/package/${file}" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${file}" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
endforeach()

install(FILES "${PROJECT_BINARY_DIR}/package/seqlstmConfig.cmake"
              "${PROJECT_BINARY_DIR}/package/seqlstmConfigVersion.cmake" cmake/FindRandom123.cmake cmake/Findlibcsv.cmake
              cmake/Findxsimd.cmake cmake/seqlstmIsolate.cmake
        DESTINATION "${package_dir}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
