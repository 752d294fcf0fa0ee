# Programs of the consumers, each a test.
enable_testing()

# add_consumer_program(name source library...): a program of this folder.
function(add_consumer_program name source)
  add_executable(${name} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${source}.cpp)
  target_link_libraries(${name} ${ARGN})
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# What every consumer builds: it finds Eigen and threads, and the packages of the wings.
add_consumer_program(threads threads memsizer::memsizer)
add_consumer_program(wings wings memsizer::data memsizer::metrics)

# A program on core.hpp, and the library of kernels where the consumer has to compile it.
macro(add_program_with_kernels)
  add_consumer_program(train_with_kernels train memsizer::kernels)
endmacro()
