# memsizer::kernels: the CPU kernels and the core classes of core.hpp, compiled once. Program, tests and benchmarks link
# it, and any project that uses core.hpp. Kernels are optimised whatever the project's own files are; MEMSIZER_NATIVE
# compiles them for this machine's processor, which an including project has to ask for.
add_library(memsizer_kernels STATIC ${PROJECT_SOURCE_DIR}/kernels/cpu_table.cpp
                                    ${PROJECT_SOURCE_DIR}/kernels/core_classes.cpp)
add_library(memsizer::kernels ALIAS memsizer_kernels)
set_target_properties(memsizer_kernels PROPERTIES EXPORT_NAME kernels POSITION_INDEPENDENT_CODE ON)
target_link_libraries(memsizer_kernels PUBLIC memsizer::memsizer
                                       PRIVATE $<BUILD_INTERFACE:$<TARGET_NAME_IF_EXISTS:memsizer_build>>)
if(NOT PROJECT_IS_TOP_LEVEL)
  set_target_properties(memsizer_kernels PROPERTIES EXCLUDE_FROM_ALL ON)
  if(MEMSIZER_NATIVE)
    target_compile_options(memsizer_kernels PRIVATE -march=native)
  endif()
endif()
target_compile_options(memsizer_kernels PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O3>)
target_compile_definitions(memsizer_kernels PRIVATE $<$<NOT:$<CONFIG:Debug>>:NDEBUG>)
