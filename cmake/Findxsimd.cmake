# xsimd by its own CMake package. Debian's links every program with a library xtl, which the package does not bring and
# its headers do not use.
find_package(xsimd ${xsimd_FIND_VERSION} CONFIG QUIET)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(xsimd CONFIG_MODE)

if(TARGET xsimd AND NOT TARGET xtl)
  get_target_property(xsimd_libraries xsimd INTERFACE_LINK_LIBRARIES)
  if("xtl" IN_LIST xsimd_libraries)
    list(REMOVE_ITEM xsimd_libraries xtl)
    set_property(TARGET xsimd PROPERTY INTERFACE_LINK_LIBRARIES "${xsimd_libraries}")
  endif()
endif()
