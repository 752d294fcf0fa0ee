// The library memsizer::train: the tasks, and the bodies of the train wing's greater functions, compiled
// once.
#define MEMSIZER_TRAIN_IS_COMPILED_HERE
#include "memsizer/core_bfloat16.hpp"
#include "memsizer/train.hpp"
