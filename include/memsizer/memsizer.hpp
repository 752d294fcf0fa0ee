#pragma once
// The core library in one header: tensors, autodiff, layers, optimisers, models. It needs Eigen alone, and
// nothing to link. A program of many files includes the parts it uses and instantiates the kernels once (see
// cpu/table.hpp).

#include "memsizer/cpu/table_bodies.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/optim/schedule.hpp"
