#pragma once
// The mark of functions that both a GPU's kernels and the host call.

#include "memsizer/base/requirements.hpp"

#ifdef __CUDACC__
#define MEMSIZER_HOST_DEVICE __host__ __device__
#else
#define MEMSIZER_HOST_DEVICE
#endif
