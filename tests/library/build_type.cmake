# Projects that have memsizer's source, in `root`, and forget the build type or a package; and the source itself without
# a build type. CMake must say what is wrong and what to do. Nothing is compiled.
cmake_minimum_required(VERSION 3.25)
unset(ENV{CMAKE_BUILD_TYPE})

# configure(source folder, option...): the words of CMake, in `output`, for a new build in ${folder}/build.
function(configure source)
  file(REMOVE_RECURSE ${folder}/build)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${source} -B ${folder}/build -G ${generator}
                          -DCMAKE_CXX_COMPILER=${compiler} ${ARGN}
                  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${source} with ${ARGN}: ${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# check(times, sentence): how often the sentence is in `output`.
function(check times sentence)
  string(REPLACE ";" "," text "${output}")
  string(REPLACE "${sentence}" ";" parts "${text}")
  list(LENGTH parts count)
  math(EXPR count "${count} - 1")
  if(NOT count EQUAL times)
    message(FATAL_ERROR "\"${sentence}\" ${times} times expected, got ${count} times:\n${output}")
  endif()
endfunction()

set(warning "memsizer: CMAKE_BUILD_TYPE is empty, so your files are compiled without optimisation and run about ten times")
set(word "CMAKE_BUILD_TYPE is empty: building Release")

# A folder of a project: the warning, unless there is a build type.
file(REMOVE_RECURSE ${folder})
file(WRITE ${folder}/subproject/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(has LANGUAGES CXX)\nadd_subdirectory(${root} memsizer)\n")
configure(${folder}/subproject)
check(1 "${warning}")
check(0 "${word}")
configure(${folder}/subproject -DCMAKE_BUILD_TYPE=Release)
check(0 "CMAKE_BUILD_TYPE")

# A project that fetches it, on a machine without a package: what is left out, with the package's name in Debian.
file(WRITE ${folder}/fetches/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(fetches LANGUAGES CXX)\ninclude(FetchContent)
FetchContent_Declare(memsizer SOURCE_DIR ${root})\nFetchContent_MakeAvailable(memsizer)\n")
configure(${folder}/fetches -DCMAKE_DISABLE_FIND_PACKAGE_Utf8proc=ON)
check(1 "Left out: memsizer::text needs Utf8proc (Debian: libutf8proc-dev).")
check(1 "${warning}")

# The source itself, whatever is built of it: Release.
set(library_alone -DMEMSIZER_PROGRAM=OFF -DMEMSIZER_TESTS=OFF -DMEMSIZER_PARQUET=OFF)
configure(${root} ${library_alone} -DCMAKE_CXX_FLAGS_RELEASE=-DFLAG_OF_RELEASE)
check(1 "${word}")
check(0 "${warning}")
file(GLOB_RECURSE build_files ${folder}/build/build.ninja ${folder}/build/flags.make)
set(has_flag FALSE)
foreach(file IN LISTS build_files)
  file(STRINGS ${file} lines REGEX "FLAG_OF_RELEASE" LIMIT_COUNT 1)
  if(lines)
    set(has_flag TRUE)
  endif()
endforeach()
if(NOT has_flag)
  message(FATAL_ERROR "The source without a build type is not built as Release")
endif()
configure(${root} ${library_alone} -DCMAKE_BUILD_TYPE=Debug)
check(0 "CMAKE_BUILD_TYPE")
