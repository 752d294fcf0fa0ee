# Installation: the headers, the devices' sources, and a package that find_package(memsizer COMPONENTS text ...) finds.
# One export set a library, so that a package installed with all wings still serves a machine that has Eigen alone.
include(CMakePackageConfigHelpers)
set(memsizer_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/memsizer)
set(memsizer_sources_dir ${CMAKE_INSTALL_DATADIR}/memsizer)

foreach(library IN ITEMS memsizer kernels LISTS memsizer_wings)
  install(TARGETS memsizer_${library} EXPORT memsizer_${library} COMPONENT library)
  install(EXPORT memsizer_${library} NAMESPACE memsizer:: DESTINATION ${memsizer_package_dir}
          FILE memsizer_${library}.cmake COMPONENT library)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/memsizer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/kernels DESTINATION ${memsizer_sources_dir} COMPONENT library)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/memsizerConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/memsizerConfig.cmake
                              INSTALL_DESTINATION ${memsizer_package_dir} PATH_VARS memsizer_sources_dir
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/memsizerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
set(package_parts dependencies emulated cuda nvcc FindOpenblas FindUtf8proc FindZstd)
list(TRANSFORM package_parts PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
list(TRANSFORM package_parts APPEND .cmake)
install(FILES ${PROJECT_BINARY_DIR}/memsizerConfig.cmake ${PROJECT_BINARY_DIR}/memsizerConfigVersion.cmake
              ${package_parts}
        DESTINATION ${memsizer_package_dir} COMPONENT library)
# For builds without CMake: pkg-config --cflags --libs memsizer, or memsizer-text. The prefix is the one of the
# installation.
set(memsizer_pkg_config_files memsizer)
if(TARGET memsizer_text)
  list(APPEND memsizer_pkg_config_files memsizer-text)
endif()
install(CODE "set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
set(PROJECT_VERSION ${PROJECT_VERSION})
set(CMAKE_INSTALL_FULL_INCLUDEDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")
set(CMAKE_INSTALL_FULL_LIBDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\")
foreach(file IN ITEMS ${memsizer_pkg_config_files})
  configure_file(\"${CMAKE_CURRENT_LIST_DIR}/\${file}.pc.in\"
                 \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig/\${file}.pc\" @ONLY)
endforeach()"
        COMPONENT library)
if(TARGET memsizer)
  install(TARGETS memsizer COMPONENT program)
endif()
