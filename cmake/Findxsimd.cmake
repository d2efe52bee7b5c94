# xsimd: headers only. Defines the target xsimd, unless the application has one. Not by xsimd's own package files: their
# version file accepts no other major release than the one asked for, and Debian's link every program with a library
# xtl, which its package does not bring and xsimd's headers do not use. simd.hpp bridges the major releases.
include(FindPackageHandleStandardArgs)
find_path(xsimd_INCLUDE_DIR xsimd/xsimd.hpp HINTS "${xsimd_DIR}/../../../include" "${xsimd_DIR}/../../../../include")
mark_as_advanced(xsimd_INCLUDE_DIR)

set(xsimd_VERSION "")
if(xsimd_INCLUDE_DIR)
  file(STRINGS "${xsimd_INCLUDE_DIR}/xsimd/config/xsimd_config.hpp" xsimd_numbers
       REGEX "define XSIMD_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]" "" xsimd_numbers "${xsimd_numbers}")
  list(JOIN xsimd_numbers "." xsimd_VERSION)
endif()
find_package_handle_standard_args(xsimd REQUIRED_VARS xsimd_INCLUDE_DIR VERSION_VAR xsimd_VERSION)

if(xsimd_FOUND AND NOT TARGET xsimd)
  add_library(xsimd INTERFACE IMPORTED)
  set_target_properties(xsimd PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${xsimd_INCLUDE_DIR}")
endif()
