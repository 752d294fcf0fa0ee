# memsizer::kernels: the CPU kernels and the core classes of core.hpp, compiled once. Program, tests and benchmarks link
# it, and any project whose files include core.hpp, or memsizer.hpp, which then compiles as fast.
memsizer_add_compiled_library(kernels kernels/cpu_table.cpp src/core_classes.cpp)
target_compile_definitions(memsizer_kernels PRIVATE MEMSIZER_CORE_IS_LINKED INTERFACE MEMSIZER_KERNELS_ARE_LINKED)

# What an installation needs built.
add_custom_target(memsizer_libraries DEPENDS memsizer_kernels $<TARGET_NAME_IF_EXISTS:memsizer_text>
                                             $<TARGET_NAME_IF_EXISTS:memsizer_train>)
