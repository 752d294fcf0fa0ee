#pragma once
// The core library in one header: tensors, autodiff, layers, optimisers, models. It needs Eigen alone, and
// nothing to link. A program that can link memsizer::kernels includes core.hpp instead, and compiles faster.

#include "memsizer/core_classes.hpp"
#include "memsizer/cpu/table_bodies.hpp"
