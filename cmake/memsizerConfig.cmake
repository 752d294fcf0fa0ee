# find_package(memsizer [COMPONENTS files text data metrics train]): memsizer::memsizer and a target a component.
# A component is missing where the packages that it needs are (dependencies.cmake names them).
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/memsizer_memsizer.cmake)
set(memsizer_memsizer_FOUND TRUE)
foreach(component IN LISTS memsizer_wings)
  set(targets_file ${CMAKE_CURRENT_LIST_DIR}/memsizer_${component}.cmake)
  if(EXISTS ${targets_file})
    include(${targets_file})
    set(memsizer_${component}_FOUND TRUE)
  endif()
endforeach()

foreach(component IN LISTS memsizer_FIND_COMPONENTS)
  if(memsizer_FIND_REQUIRED_${component} AND NOT memsizer_${component}_FOUND)
    set(memsizer_FOUND FALSE)
    string(APPEND memsizer_NOT_FOUND_MESSAGE "Component ${component} needs packages that were not found. ")
  endif()
endforeach()
