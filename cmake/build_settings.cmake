# Flags of what we build ourselves (program, tests, benchmarks); an including project never inherits them.
find_program(MEMSIZER_CCACHE ccache DOC "Compiler cache, used where it is found")
mark_as_advanced(MEMSIZER_CCACHE)
if(MEMSIZER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MEMSIZER_CCACHE})
endif()

add_library(memsizer_build INTERFACE)
target_compile_options(memsizer_build INTERFACE -Wall -Wextra -Wpedantic -Werror=missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105651).
  # Its AVX-512 intrinsics, which Eigen inlines into our code, read uninitialised vectors on purpose (GCC bug 105593).
  target_compile_options(memsizer_build INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  cmake_host_system_information(RESULT memsizer_mebibytes QUERY TOTAL_PHYSICAL_MEMORY)
  if(memsizer_mebibytes GREATER 7000)
    # g++ collects its garbage once it has used 1 GiB and not at 128 MiB, which saves up to a quarter of its time.
    target_compile_options(memsizer_build INTERFACE "SHELL:--param ggc-min-heapsize=1048576")
  endif()
endif()
if(MEMSIZER_NATIVE)
  target_compile_options(memsizer_build INTERFACE -march=native)
endif()
if(MEMSIZER_SANITIZE)
  target_compile_options(memsizer_build INTERFACE -fsanitize=${MEMSIZER_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(memsizer_build INTERFACE -fsanitize=${MEMSIZER_SANITIZE})
endif()
