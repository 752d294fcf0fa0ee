# Compiles headers with `compiler` and `options`, which lack what memsizer needs, as the first header of a file. The
# compiler must say `sentence`, and beside it only that it has stopped.
cmake_minimum_required(VERSION 3.25)

# What the compiler says is the same for every header if the requirements are read before any other code. So they are in
# each header that includes no other one of ours.
file(GLOB_RECURSE headers RELATIVE ${include} ${include}/memsizer/*.hpp)
foreach(header IN LISTS headers)
  file(STRINGS ${include}/${header} includes REGEX "^ *# *include \"memsizer/")
  if(NOT includes AND NOT header STREQUAL "memsizer/base/requirements.hpp")
    message(FATAL_ERROR "${header} includes no other header of ours and not memsizer/base/requirements.hpp")
  endif()
endforeach()

# Headers that users include first. With `every_room`, all umbrellas and a header of each room too: clang++, which is
# silent after its error but reads on, would take a minute for them.
set(doors memsizer/core.hpp memsizer/nn/save.hpp memsizer/ops/ops.hpp memsizer/train/fit.hpp)
if(every_room)
  file(GLOB umbrellas RELATIVE ${include} ${include}/memsizer/*.hpp)
  file(GLOB rooms RELATIVE ${include} LIST_DIRECTORIES true ${include}/memsizer/*)
  list(REMOVE_ITEM rooms ${umbrellas})
  list(APPEND doors ${umbrellas})
  foreach(room IN LISTS rooms)
    file(GLOB inside RELATIVE ${include} ${include}/${room}/*.hpp)
    list(REMOVE_ITEM inside memsizer/base/requirements.hpp)
    list(GET inside 0 first)
    list(APPEND doors ${first})
  endforeach()
endif()

foreach(door IN LISTS doors)
  execute_process(COMMAND ${compiler} ${options} -fsyntax-only -x c++ ${include}/${door}
                  RESULT_VARIABLE result ERROR_VARIABLE messages)
  string(FIND "${messages}" "${sentence}" place)
  string(REGEX MATCHALL "error:" errors "${messages}")
  list(LENGTH errors count)
  if(result EQUAL 0 OR place EQUAL -1 OR count GREATER 2)
    message(FATAL_ERROR "${door} with ${options}: \"${sentence}\" and at most one error beside it expected, "
                        "got ${count} errors:\n${messages}")
  endif()
endforeach()
