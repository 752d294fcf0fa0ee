# The header-only libraries. The core needs Eigen alone; each wing names what it needs beyond that, and exists
# where its packages were found.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.10 QUIET)
find_package(ZLIB QUIET)
find_path(MEMSIZER_ZSTD_INCLUDE zstd.h)
find_library(MEMSIZER_ZSTD_LIBRARY zstd)
find_path(MEMSIZER_UTF8PROC_INCLUDE utf8proc.h)
find_library(MEMSIZER_UTF8PROC_LIBRARY utf8proc)

function(memsizer_add_library name)
  add_library(memsizer_${name} INTERFACE)
  add_library(memsizer::${name} ALIAS memsizer_${name})
  set_target_properties(memsizer_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(memsizer_${name} INTERFACE ${ARGN})
endfunction()

memsizer_add_library(memsizer Eigen3::Eigen Threads::Threads)
target_include_directories(memsizer_memsizer INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(memsizer_memsizer INTERFACE cxx_std_20)

if(nlohmann_json_FOUND AND ZLIB_FOUND AND MEMSIZER_ZSTD_LIBRARY)
  memsizer_add_library(files memsizer::memsizer nlohmann_json::nlohmann_json ZLIB::ZLIB ${MEMSIZER_ZSTD_LIBRARY})
  target_include_directories(memsizer_files INTERFACE ${MEMSIZER_ZSTD_INCLUDE})
endif()
if(TARGET memsizer::files AND MEMSIZER_UTF8PROC_LIBRARY)
  memsizer_add_library(text memsizer::files ${MEMSIZER_UTF8PROC_LIBRARY})
  target_include_directories(memsizer_text INTERFACE ${MEMSIZER_UTF8PROC_INCLUDE})
  memsizer_add_library(data memsizer::text)
  memsizer_add_library(metrics memsizer::text)
  memsizer_add_library(train memsizer::data memsizer::metrics)
endif()
