# The bodies of the CPU kernel table, compiled once for the program, the tests and the benchmarks.
add_library(memsizer_cpu_kernels OBJECT ${PROJECT_SOURCE_DIR}/kernels/cpu_table.cpp)
target_link_libraries(memsizer_cpu_kernels PUBLIC memsizer::memsizer PRIVATE memsizer_build)
