# Installation: the headers and a package that find_package(memsizer COMPONENTS text ...) finds. One export set a
# library, so that a package installed with all wings still serves a machine that has Eigen alone.
include(CMakePackageConfigHelpers)
set(memsizer_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/memsizer)

foreach(library IN ITEMS memsizer LISTS memsizer_wings)
  install(TARGETS memsizer_${library} EXPORT memsizer_${library} COMPONENT library)
  install(EXPORT memsizer_${library} NAMESPACE memsizer:: DESTINATION ${memsizer_package_dir}
          FILE memsizer_${library}.cmake COMPONENT library)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/memsizer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)

write_basic_package_version_file(${PROJECT_BINARY_DIR}/memsizerConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/memsizerConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/memsizerConfig.cmake
              ${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindOpenblas.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindUtf8proc.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindZstd.cmake
        DESTINATION ${memsizer_package_dir} COMPONENT library)
if(TARGET memsizer)
  install(TARGETS memsizer COMPONENT program)
endif()
