# Headers, CMake package (component io) and pkg-config file. Nothing here depends on the machine's architecture.
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
configure_file(cmake/seqlstm.pc.in "${PROJECT_BINARY_DIR}/package/seqlstm.pc" @ONLY)

install(FILES "${PROJECT_BINARY_DIR}/package/seqlstmConfig.cmake"
              "${PROJECT_BINARY_DIR}/package/seqlstmConfigVersion.cmake" cmake/FindRandom123.cmake cmake/Findlibcsv.cmake
              cmake/Findxsimd.cmake
        DESTINATION "${package_dir}")
install(FILES "${PROJECT_BINARY_DIR}/package/seqlstm.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
