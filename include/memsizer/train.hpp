#pragma once
// Training runs: configuration, loop, checkpoints, tasks.

#include "memsizer/memsizer.hpp"
#include "memsizer/train/language_modeling.hpp"
#include "memsizer/train/trainer.hpp"
