# The programs of every consumer, each a test.
enable_testing()
foreach(program train wings)
  add_executable(${program} ${CMAKE_CURRENT_LIST_DIR}/${program}.cpp)
  add_test(NAME ${program} COMMAND ${program})
endforeach()
target_link_libraries(train memsizer::memsizer)

# The first once more with the library of kernels and core.hpp.
add_executable(train_with_kernels ${CMAKE_CURRENT_LIST_DIR}/train.cpp)
target_compile_definitions(train_with_kernels PRIVATE MEMSIZER_KERNELS_ARE_LINKED)
target_link_libraries(train_with_kernels memsizer::kernels)
add_test(NAME train_with_kernels COMMAND train_with_kernels)

target_link_libraries(wings memsizer::data memsizer::metrics memsizer::train)
