# The header-only libraries: memsizer::memsizer (floors 0 to 7 and decode, Eigen alone) and one a wing.
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)

function(memsizer_add_library name)
  add_library(memsizer_${name} INTERFACE)
  add_library(memsizer::${name} ALIAS memsizer_${name})
  set_target_properties(memsizer_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(memsizer_${name} INTERFACE ${ARGN})
endfunction()

memsizer_add_library(memsizer Eigen3::Eigen Threads::Threads)
target_include_directories(memsizer_memsizer INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(memsizer_memsizer INTERFACE cxx_std_20)

if("files" IN_LIST memsizer_wings)
  memsizer_add_library(files memsizer::memsizer nlohmann_json::nlohmann_json ZLIB::ZLIB Zstd::Zstd)
endif()
if("text" IN_LIST memsizer_wings)
  memsizer_add_library(text memsizer::files Utf8proc::Utf8proc)
  memsizer_add_library(data memsizer::text)
  memsizer_add_library(metrics memsizer::text)
  memsizer_add_library(train memsizer::data memsizer::metrics)
endif()
if("openblas" IN_LIST memsizer_wings)
  memsizer_add_library(openblas memsizer::memsizer Openblas::Openblas)
endif()
