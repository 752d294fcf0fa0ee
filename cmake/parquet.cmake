# libmemsizer_parquet.so, which reads Parquet with Apache Arrow's C++ library. Nothing links it: the program opens it at
# the first .parquet. It is built where Arrow is found: the system's (13 or later), or else the headers and libraries of
# the Python package pyarrow, which scripts/setup installs into build/arrow.
set(MEMSIZER_ARROW ${PROJECT_SOURCE_DIR}/build/arrow CACHE PATH "Virtual environment of Python with pyarrow")

# memsizer_find_arrow(variable): the targets or nothing.
function(memsizer_find_arrow variable)
  set(${variable} "" PARENT_SCOPE)
  find_package(Parquet QUIET CONFIG)
  if(TARGET Parquet::parquet_shared AND Parquet_VERSION VERSION_GREATER_EQUAL 13)
    set(${variable} Parquet::parquet_shared PARENT_SCOPE)
    return()
  endif()
  file(GLOB folder CONFIGURE_DEPENDS ${MEMSIZER_ARROW}/lib/python3*/site-packages/pyarrow)
  foreach(library IN ITEMS arrow parquet)
    file(GLOB file CONFIGURE_DEPENDS ${folder}/lib${library}.so.*)
    list(LENGTH file count)
    if(NOT count EQUAL 1 OR NOT EXISTS ${folder}/include/parquet/file_reader.h)
      return()
    endif()
    add_library(pyarrow_${library} SHARED IMPORTED)
    set_target_properties(pyarrow_${library} PROPERTIES IMPORTED_LOCATION ${file}
                                                        INTERFACE_INCLUDE_DIRECTORIES ${folder}/include)
  endforeach()
  set(${variable} pyarrow_parquet pyarrow_arrow PARENT_SCOPE)
endfunction()

memsizer_find_arrow(memsizer_arrow)
if(NOT memsizer_arrow)
  message(STATUS "Left out: Parquet needs Apache Arrow; scripts/setup installs it into build/arrow")
  file(REMOVE ${PROJECT_BINARY_DIR}/libmemsizer_parquet.so) # of a build that had Arrow
  return()
endif()
add_library(memsizer_parquet MODULE ${PROJECT_SOURCE_DIR}/src/parquet_reader.cpp)
target_include_directories(memsizer_parquet PRIVATE ${PROJECT_SOURCE_DIR}/include)
target_compile_features(memsizer_parquet PRIVATE cxx_std_20)
# Its time is spent in Arrow. Our own functions stay hidden, but for the one that gives their table.
target_compile_options(memsizer_parquet PRIVATE $<$<CONFIG:Release>:-O1>)
list(GET memsizer_arrow 0 parquet)
set_target_properties(memsizer_parquet PROPERTIES CXX_VISIBILITY_PRESET hidden
                                                  INSTALL_RPATH $<TARGET_FILE_DIR:${parquet}>
                                                  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
target_link_libraries(memsizer_parquet PRIVATE ${memsizer_arrow} $<TARGET_NAME_IF_EXISTS:memsizer_build>)
add_dependencies(memsizer_libraries memsizer_parquet)
if(MEMSIZER_INSTALL)
  foreach(component IN ITEMS library program)
    install(TARGETS memsizer_parquet LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component} OPTIONAL)
  endforeach()
endif()
