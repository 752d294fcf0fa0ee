# The emulated CUDA device. memsizer::emulated runs kernels on any machine. memsizer::race_check takes its place in a
# program whose kernels are to be checked: what links it is compiled with the thread sanitizer's instrumentation, whose
# calls come to the checker and not to the sanitizer's own runtime. The sources lie in `memsizer_root`, here and in an
# installed package, whose users compile them with their own flags.
set(memsizer_kernels ${memsizer_root}/kernels)
file(GLOB memsizer_emulated_runtime CONFIGURE_DEPENDS ${memsizer_kernels}/emulated/*.cpp)
file(GLOB memsizer_race_sources CONFIGURE_DEPENDS ${memsizer_kernels}/race/*.cpp)

function(memsizer_add_emulated_library name)
  add_library(memsizer_${name} STATIC EXCLUDE_FROM_ALL ${ARGN})
  add_library(memsizer::${name} ALIAS memsizer_${name})
  target_include_directories(memsizer_${name} PUBLIC ${memsizer_root})
  target_link_libraries(memsizer_${name} PUBLIC memsizer::memsizer PRIVATE $<TARGET_NAME_IF_EXISTS:memsizer_build>)
  target_compile_options(memsizer_${name} PRIVATE "$<$<TARGET_EXISTS:memsizer_build>:-Wconversion;-Wshadow>")
endfunction()

memsizer_add_emulated_library(emulated ${memsizer_emulated_runtime} ${memsizer_kernels}/emulated_table.cpp)

memsizer_add_emulated_library(race_check ${memsizer_emulated_runtime} ${memsizer_race_sources})
# Loops stay loops and accesses stay as narrow as they were written, so that the checker sees each.
target_compile_options(memsizer_race_check INTERFACE -fsanitize=thread -O1 -g -fno-builtin-memcpy -fno-builtin-memmove
                       -fno-builtin-memset $<$<CXX_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns>)
target_link_options(memsizer_race_check INTERFACE LINKER:--wrap=memcpy,--wrap=memmove,--wrap=memset)
