#include "source_folder.hpp"

std::filesystem::path memsizer::test::source_folder() {
  return MEMSIZER_SOURCE_DIR;
}
