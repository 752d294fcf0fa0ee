# Flags of what we build ourselves (program, tests, benchmarks); an including project never inherits them.
add_library(memsizer_build INTERFACE)
target_compile_options(memsizer_build INTERFACE -Wall -Wextra -Werror=missing-field-initializers)
if(MEMSIZER_NATIVE)
  target_compile_options(memsizer_build INTERFACE -march=native)
endif()
if(MEMSIZER_SANITIZE)
  target_compile_options(memsizer_build INTERFACE -fsanitize=${MEMSIZER_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(memsizer_build INTERFACE -fsanitize=${MEMSIZER_SANITIZE})
endif()
