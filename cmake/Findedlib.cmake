# edlib. Defines edlib::edlib. Debian's package has CMake files of its own, but they name a static library that it does not
# install (1.2.7-4), and fail.
include(FindPackageHandleStandardArgs)
find_path(edlib_INCLUDE_DIR edlib.h)
find_library(edlib_LIBRARY edlib)
mark_as_advanced(edlib_INCLUDE_DIR edlib_LIBRARY)
find_package_handle_standard_args(edlib REQUIRED_VARS edlib_LIBRARY edlib_INCLUDE_DIR)

if(edlib_FOUND AND NOT TARGET edlib::edlib)
  add_library(edlib::edlib UNKNOWN IMPORTED)
  set_target_properties(edlib::edlib PROPERTIES IMPORTED_LOCATION "${edlib_LIBRARY}"
                                                INTERFACE_INCLUDE_DIRECTORIES "${edlib_INCLUDE_DIR}")
endif()
