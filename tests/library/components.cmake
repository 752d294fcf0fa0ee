# Projects that ask an installed memsizer, in `prefix`, for what it does not have, or forget the build type. CMake must
# say what is wrong and what to do.
cmake_minimum_required(VERSION 3.25)

# check(find_package's arguments, options of cmake, the sentence)
function(check arguments options sentence)
  file(REMOVE_RECURSE ${folder})
  file(WRITE ${folder}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)\nproject(asks LANGUAGES CXX)
find_package(memsizer REQUIRED ${arguments})\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${folder} -B ${folder}/build -G ${generator}
                          -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_PREFIX_PATH=${prefix} ${options}
                  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  string(FIND "${output}" "${sentence}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "find_package(memsizer ${arguments}) with ${options} does not say: ${sentence}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(release -DCMAKE_BUILD_TYPE=Release)
check("COMPONENTS tokenizer" "${release}" "There is no component tokenizer; there are kernels files text data")
check("COMPONENTS text" "${release};-DCMAKE_DISABLE_FIND_PACKAGE_Utf8proc=ON"
      "memsizer::text needs Utf8proc (Debian: libutf8proc-dev).")
check("COMPONENTS files" "${release};-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON;-DCMAKE_DISABLE_FIND_PACKAGE_Zstd=ON"
      "memsizer::files needs ZLIB (Debian: zlib1g-dev), Zstd (Debian: libzstd-dev).")
unset(ENV{CMAKE_BUILD_TYPE})
set(warning "CMAKE_BUILD_TYPE is empty, so your files are compiled without optimisation")
check("" "" "${warning}")
# Once, also where the project asks twice.
check(")\nfind_package(memsizer REQUIRED" "" "${warning}")
string(REGEX MATCHALL "${warning}" warnings "${output}")
list(LENGTH warnings count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "One warning of the build type expected, got ${count}:\n${output}")
endif()
