#include "program_build.hpp"

namespace program_test {

std::string program_file() {
  return MEMSIZER_PROGRAM_FILE;
}

bool program_has_cuda() {
  return MEMSIZER_PROGRAM_HAS_CUDA;
}

bool program_has_openblas() {
  return MEMSIZER_PROGRAM_HAS_OPENBLAS;
}

}  // namespace program_test
