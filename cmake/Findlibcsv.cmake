# libcsv, installed without CMake files. Defines libcsv::libcsv. Several libraries have a header csv.h: ours is the one
# that defines LIBCSV_H__, and beside it its version.
include(FindPackageHandleStandardArgs)
find_path(libcsv_INCLUDE_DIR csv.h)
find_library(libcsv_LIBRARY csv)
mark_as_advanced(libcsv_INCLUDE_DIR libcsv_LIBRARY)
set(libcsv_HEADER_IS_OURS FALSE)
set(libcsv_VERSION "")
if(libcsv_INCLUDE_DIR)
  file(STRINGS "${libcsv_INCLUDE_DIR}/csv.h" libcsv_guard REGEX "define LIBCSV_H__" LIMIT_COUNT 1)
  if(libcsv_guard)
    set(libcsv_HEADER_IS_OURS TRUE)
    file(STRINGS "${libcsv_INCLUDE_DIR}/csv.h" libcsv_numbers REGEX "define CSV_(MAJOR|MINOR|RELEASE) ")
    string(REGEX REPLACE "[^0-9;]" "" libcsv_numbers "${libcsv_numbers}")
    list(JOIN libcsv_numbers "." libcsv_VERSION)
  endif()
endif()
find_package_handle_standard_args(libcsv REQUIRED_VARS libcsv_LIBRARY libcsv_INCLUDE_DIR libcsv_HEADER_IS_OURS
                                  VERSION_VAR libcsv_VERSION)

if(libcsv_FOUND AND NOT TARGET libcsv::libcsv)
  add_library(libcsv::libcsv UNKNOWN IMPORTED)
  set_target_properties(libcsv::libcsv PROPERTIES IMPORTED_LOCATION "${libcsv_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${libcsv_INCLUDE_DIR}")
endif()
