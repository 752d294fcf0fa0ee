#pragma once
// The mark of functions that kernels of a GPU call as well as the host.

#ifdef __CUDACC__
#define MEMSIZER_HOST_DEVICE __host__ __device__
#else
#define MEMSIZER_HOST_DEVICE
#endif
