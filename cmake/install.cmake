# Headers, CMake package (components io and kernels) and pkg-config files. Nothing here depends on the machine's
# architecture, but for the compiled kernels and C libraries that had to be fetched. All that was fetched is installed too (cmake/dependencies.cmake).
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/seqlstm")

install(DIRECTORY include/seqlstm DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS seqlstm EXPORT seqlstmTargets)
install(EXPORT seqlstmTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
if(SEQLSTM_IO)
  install(TARGETS seqlstm_io EXPORT seqlstmIoTargets)
  install(EXPORT seqlstmIoTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
endif()

if(TARGET seqlstm_kernels)
  install(TARGETS seqlstm_kernels EXPORT seqlstmKernelsTargets)
  install(EXPORT seqlstmKernelsTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
endif()

get_property(bundled GLOBAL PROPERTY SEQLSTM_BUNDLED)
get_property(bundles_libraries GLOBAL PROPERTY SEQLSTM_BUNDLES_LIBRARIES)
set(independent ARCH_INDEPENDENT)
if(bundles_libraries)
  install(EXPORT seqlstmBundledTargets NAMESPACE seqlstm:: DESTINATION "${package_dir}")
endif()
if(bundles_libraries OR TARGET seqlstm_kernels)
  set(independent "")
endif()
configure_package_config_file(cmake/seqlstmConfig.cmake.in "${PROJECT_BINARY_DIR}/package/seqlstmConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/seqlstmConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ${independent})

# seqlstm_pkg_config(NAME LIBRARY...): what NAME.pc says of its libraries, each "PACKAGE=MODULE" or "PACKAGE=-lLIBRARY".
function(seqlstm_pkg_config name)
  foreach(kind requires cflags libs)
    set(${kind} "")
  endforeach()
  foreach(library IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)=(.*)$" library "${library}")
    set(package "${CMAKE_MATCH_1}")
    set(installed "${CMAKE_MATCH_2}")
    string(TOLOWER "seqlstm_${package}" own)
    if(package IN_LIST bundled)
      string(APPEND cflags " -I\${includedir}/seqlstm_bundled/${package}")
      if(TARGET ${own})
        string(APPEND libs " -L\${libdir} -l${own}")
      endif()
    elseif(installed MATCHES "^-l")
      string(APPEND libs " ${installed}")
    elseif(installed)
      string(APPEND requires " ${installed}")
    endif()
  endforeach()
  configure_file("cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/package/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${name}.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
endfunction()
seqlstm_pkg_config(seqlstm "Eigen3=eigen3 >= 3.4" "xsimd=xsimd >= 8.1" "Random123=")
if(TARGET seqlstm_kernels)
  seqlstm_pkg_config(seqlstm-kernels)
endif()
if(SEQLSTM_IO)
  seqlstm_pkg_config(seqlstm-io "ZLIB=zlib >= 1.2" "nlohmann_json=nlohmann_json >= 3.9.1" "libcsv=-lcsv")
endif()

install(FILES "${PROJECT_BINARY_DIR}/package/seqlstmConfig.cmake"
              "${PROJECT_BINARY_DIR}/package/seqlstmConfigVersion.cmake" cmake/FindRandom123.cmake cmake/Findlibcsv.cmake
              cmake/Findxsimd.cmake cmake/seqlstmIsolate.cmake
        DESTINATION "${package_dir}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
