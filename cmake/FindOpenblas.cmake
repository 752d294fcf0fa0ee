# OpenBLAS as the target Openblas::Openblas. Its own CMake package defines no target.
find_path(Openblas_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas openblas-pthread)
find_library(Openblas_LIBRARY openblas)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Openblas REQUIRED_VARS Openblas_LIBRARY Openblas_INCLUDE_DIR)
mark_as_advanced(Openblas_INCLUDE_DIR Openblas_LIBRARY)
if(Openblas_FOUND AND NOT TARGET Openblas::Openblas)
  add_library(Openblas::Openblas UNKNOWN IMPORTED)
  set_target_properties(Openblas::Openblas PROPERTIES IMPORTED_LOCATION ${Openblas_LIBRARY}
                                                      INTERFACE_INCLUDE_DIRECTORIES ${Openblas_INCLUDE_DIR})
endif()
