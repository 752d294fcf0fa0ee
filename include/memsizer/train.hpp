#pragma once
// Training runs: configuration, loop, checkpoints, evaluation, comparison, pictures.

#include "memsizer/memsizer.hpp"
#include "memsizer/train/comparison.hpp"
#include "memsizer/train/progress.hpp"
