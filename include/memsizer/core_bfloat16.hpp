#pragma once
// core.hpp with the classes of bfloat16 too, for programs that train in it: the library memsizer::kernels
// holds them compiled. Another program does without, because each class costs a file that includes it some
// memory.

#include "memsizer/core.hpp"

MEMSIZER_BFLOAT16_CLASSES(extern template);
