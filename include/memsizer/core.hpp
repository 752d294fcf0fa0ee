#pragma once
// The core library in one header for programs that link the CMake target memsizer::kernels: as memsizer.hpp,
// but kernels and classes of float and double come compiled, so that a file that trains a model compiles in
// an eighth of the time and does not read Eigen. A file that includes this cannot do without the library.

#include "memsizer/core_classes.hpp"

MEMSIZER_CORE_CLASSES(extern template);
