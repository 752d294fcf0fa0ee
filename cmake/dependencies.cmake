# The packages that the libraries stand on, looked for in one place: by our own build and, after installation, by
# memsizerConfig.cmake. The core needs Eigen and threads; the wings need the others and exist where these were found,
# and so does openblas, the core's other matrix products.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.10 QUIET)
find_package(ZLIB QUIET)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(Zstd QUIET)
find_package(Utf8proc QUIET)
find_package(Openblas QUIET)
list(POP_FRONT CMAKE_MODULE_PATH)

set(memsizer_wings "")
if(nlohmann_json_FOUND AND ZLIB_FOUND AND Zstd_FOUND)
  list(APPEND memsizer_wings files)
  if(Utf8proc_FOUND)
    list(APPEND memsizer_wings text data metrics train)
  endif()
endif()
if(Openblas_FOUND)
  list(APPEND memsizer_wings openblas)
endif()
