# The two programs of every consumer, each a test.
enable_testing()
foreach(program train wings)
  add_executable(${program} ${CMAKE_CURRENT_LIST_DIR}/${program}.cpp)
  add_test(NAME ${program} COMMAND ${program})
endforeach()
target_link_libraries(train memsizer::memsizer)
target_link_libraries(wings memsizer::data memsizer::metrics memsizer::train)
