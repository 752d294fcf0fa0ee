#pragma once
// The core library in one header: tensors, autodiff, layers, optimisers, models. It needs Eigen alone, and
// nothing to link: a file that includes it compiles the kernels. In a program that links the CMake target
// memsizer::kernels it is core.hpp, and the file compiles in an eighth of the time.

#ifdef MEMSIZER_KERNELS_ARE_LINKED
#include "memsizer/core.hpp"
#else
#include "memsizer/core_classes.hpp"
#include "memsizer/cpu/table_bodies.hpp"
#endif
