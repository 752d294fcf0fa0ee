// The classes of core.hpp, compiled once. The kernels that they call are in cpu_table.cpp.
#include "memsizer/core_classes.hpp"

MEMSIZER_CORE_CLASSES(template);
