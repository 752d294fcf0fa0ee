# memsizer_discover_tests(target [SUITES] [LABELS label...] [PROPERTIES (name value)...]): after each build of the test
# binary `target`, every Boost test case in it becomes a ctest test "<target without test_>/<suite>/<case>", with the
# case's Boost labels and LABELS as labels. With SUITES, every suite becomes one test: for cases that share in one process
# what they have found out. In a value of PROPERTIES, @case@ stands for "<suite>/<case>" or, with SUITES, "<suite>".
function(memsizer_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 discover "SUITES" "" "LABELS;PROPERTIES")
  string(REGEX REPLACE "^test_" "" prefix ${target})
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake)
  add_custom_command(
    TARGET ${target} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -D binary=$<TARGET_FILE:${target}> -D prefix=${prefix} -D "labels=${discover_LABELS}"
            -D list_file=${list_file} -D by_suite=${discover_SUITES} -D "properties=${discover_PROPERTIES}"
            -P ${PROJECT_SOURCE_DIR}/cmake/list_test_cases.cmake
    BYPRODUCTS ${list_file})
  set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
  file(WRITE ${include_file} "if(EXISTS \"${list_file}\")
  include(\"${list_file}\")
else()
  add_test(${prefix}/not_built \"${CMAKE_COMMAND}\" -E false)
endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include_file})
endfunction()
