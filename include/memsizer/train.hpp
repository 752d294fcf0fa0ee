#pragma once
// Training runs: tasks, configuration, loop, checkpoints, evaluation, comparison, pictures.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/memsizer.hpp"
#include "memsizer/report/comparison.hpp"
#include "memsizer/report/progress.hpp"
