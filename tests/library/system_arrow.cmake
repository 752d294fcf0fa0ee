# A Parquet package of the system, as Apache Arrow's own packages bring it. Version 13 and later are preferred to the
# headers of pyarrow; an older one is passed over. The package is made up, and nothing is compiled.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${folder})
file(WRITE ${folder}/package/ParquetConfig.cmake "add_library(Parquet::parquet_shared SHARED IMPORTED)
set_target_properties(Parquet::parquet_shared PROPERTIES IMPORTED_LOCATION ${folder}/libparquet.so)\n")
# What cmake/parquet.cmake is included in; pyarrow is nowhere.
file(WRITE ${folder}/project/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(system_arrow CXX)
set(PROJECT_SOURCE_DIR ${root})
set(MEMSIZER_ARROW ${folder}/nowhere)
add_custom_target(memsizer_libraries)
include(${root}/cmake/parquet.cmake)
if(TARGET memsizer_parquet)
  get_target_property(libraries memsizer_parquet LINK_LIBRARIES)
  message(STATUS \"linked: \${libraries}\")
endif()\n")

# check(version expected text): what CMake says of the project where the system has this version.
function(check version expected)
  file(WRITE ${folder}/package/ParquetConfigVersion.cmake "set(PACKAGE_VERSION ${version})
set(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
  file(REMOVE_RECURSE ${folder}/build)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${folder}/project -B ${folder}/build -G ${generator}
                          -DCMAKE_CXX_COMPILER=${compiler} -DParquet_DIR=${folder}/package
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "Parquet ${version}: \"${expected}\" expected, got:\n${output}")
  endif()
endfunction()

check(13.0.0 "linked: Parquet::parquet_shared")
check(12.0.1 "Left out: Parquet needs Apache Arrow")
